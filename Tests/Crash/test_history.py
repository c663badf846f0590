"""The judge of histories, shown one that is right and others that are each wrong in one way."""

import json
import unittest

from history import History, Operation, oversold, problems


def hold(number, quantity=1, expires_at="2026-01-01T00:10:00.000Z"):
    return {"hold": f"h{number}", "sku": "A", "quantity": quantity, "unit_price": 100, "expires_at": expires_at}


def operation(buyer, kind, key, data, answer):
    return Operation(buyer, kind, key, data, [json.dumps(answer)])


def event(offset, claims, totals):
    totals = [{"sku": "A", "claims": totals[0], "units": totals[1]}]
    claims = [{"name": "x", "sku": "A", "quantity": quantity, "seq": seq} for seq, quantity in claims]
    return json.dumps({"type": "claim.held", "offset": offset, "data": {"claims": claims, "totals": totals}})


def good():
    """Stock 4: Ana holds 2 and ordered 1, Bo was granted 1 and gave it back, Cleo has it as an offer."""
    history = History(on_hand={"A": 4}, epoch="e", epochs={"e"}, available={"A": 0})
    history.operations = [
        operation("ana", "claim.create", "1", {"sku": "A"}, {"outcome": "held", "seq": 1, "hold": hold(1, 2)}),
        operation("ana", "claim.create", "2", {"sku": "A"}, {"outcome": "held", "seq": 2, "hold": hold(2)}),
        operation("bo", "claim.create", "1", {"sku": "A"}, {"outcome": "held", "seq": 3, "hold": hold(3)}),
        operation(
            "cleo", "claim.create", "1", {}, {"outcome": "waitlisted", "seq": 4, "waitlist": {"sku": "A", "quantity": 1}}
        ),
        operation(
            "dan", "claim.create", "1", {}, {"outcome": "waitlisted", "seq": 5, "waitlist": {"sku": "A", "quantity": 2}}
        ),
        operation("bo", "hold.release", "2", {"hold": "h3"}, {"hold": "h3", "released": 1}),
        operation("ana", "order.place", "3", {"holds": ["h2"]}, {"order": {"order": "o1", "status": "placed"}}),
        operation("ana", "order.pay", "4", {"order": "o1"}, {"order": {"order": "o1", "status": "paid"}}),
        Operation("dan", "claim.create", "2", {"sku": "A"}, [], ["limit_reached"]),
    ]
    # A repeat after a crash.
    history.operations[0].answers *= 2
    history.final = {
        "ana": {
            "holds": [hold(1, 2)],
            "waitlist": [],
            "orders": [{"order": "o1", "status": "paid", "lines": [{"sku": "A", "quantity": 1}]}],
        },
        "bo": {"holds": [], "waitlist": [], "orders": []},
        "cleo": {"holds": [], "waitlist": [{"sku": "A", "quantity": 1, "place": 1, "offer": {"quantity": 1}}], "orders": []},
        "dan": {"holds": [], "waitlist": [{"sku": "A", "quantity": 2, "place": 2}], "orders": []},
    }
    history.log = [event(1, [(1, 2)], (1, 2)), event(2, [(2, 1), (3, 1)], (3, 4))]
    for buyer, joined in (("ana", 0), ("bo", 0), ("cleo", 1), ("dan", 2)):
        history.joined_at[buyer] = joined
        history.events[buyer] = [(offset, history.log[offset - 1]) for offset in range(joined + 1, 3)]
    return history


class HistoryTests(unittest.TestCase):
    def assert_found(self, history, *words):
        found = problems(history)
        self.assertTrue(any(all(word in line for word in words) for line in found), found)

    def test_a_history_that_can_be_true_has_no_problems(self):
        self.assertEqual(problems(good()), [])
        self.assertEqual(oversold(good()), 0)

    def test_a_lost_hold(self):
        history = good()
        history.final["ana"]["holds"] = []
        self.assert_found(history, "h1", "missing")

    def test_a_doubled_hold(self):
        history = good()
        history.final["ana"]["holds"].append(hold(9))
        self.assert_found(history, "h9", "no acknowledged claim")
        self.assert_found(history, "given")
        self.assertEqual(oversold(history), 1)

    def test_a_hold_that_came_back_to_life(self):
        history = good()
        history.final["bo"]["holds"] = [hold(3)]
        self.assert_found(history, "h3", "no acknowledged claim")

    def test_a_hold_with_another_end_or_quantity(self):
        history = good()
        history.final["ana"]["holds"] = [hold(1, 2, "2026-01-01T00:20:00.000Z")]
        self.assert_found(history, "h1", "expires_at")
        history.final["ana"]["holds"] = [hold(1, 1)]
        self.assert_found(history, "h1", "quantity")

    def test_another_answer_to_the_same_key(self):
        history = good()
        history.operations[0].answers.append(json.dumps({"outcome": "held", "seq": 7, "hold": hold(7)}))
        self.assert_found(history, "different answers")

    def test_a_refusal_of_what_was_done(self):
        history = good()
        history.operations[0].refusals.append("sold_out")
        self.assert_found(history, "answered and refused")

    def test_a_request_that_was_carried_out_and_said_to_have_failed(self):
        history = good()
        history.operations[5].answers = []
        history.operations[5].refusals = ["invalid_state"]
        self.assert_found(history, "h3", "missing")

    def test_a_request_without_answer(self):
        history = good()
        history.operations[8].refusals = []
        self.assert_found(history, "never answered")

    def test_one_seq_for_two_grants(self):
        history = good()
        history.operations[2].answers = [json.dumps({"outcome": "held", "seq": 2, "hold": hold(3)})]
        self.assert_found(history, "same seq 2")

    def test_an_order_that_is_not_paid_any_more(self):
        history = good()
        history.final["ana"]["orders"][0]["status"] = "placed"
        self.assert_found(history, "acknowledged orders")

    def test_a_lost_place(self):
        history = good()
        history.final["dan"]["waitlist"] = []
        self.assert_found(history, "dan", "acknowledged waitlist places")

    def test_a_waitlist_out_of_order(self):
        history = good()
        history.final["dan"]["waitlist"][0]["place"] = 1
        history.final["cleo"]["waitlist"][0]["place"] = 2
        self.assert_found(history, "not in the order of seq")

    def test_units_that_lie_there_while_somebody_waits(self):
        history = good()
        history.final["cleo"]["waitlist"][0].pop("offer")
        history.available["A"] = 1
        self.assert_found(history, "available while 3 are waited for")

    def test_a_gap_a_repeat_and_a_swap_of_events(self):
        for change in (
            lambda seen: seen[1:],
            lambda seen: [seen[0], seen[0], seen[1]],
            lambda seen: [seen[1], seen[0]],
        ):
            history = good()
            history.events["ana"] = change(history.events["ana"])
            self.assert_found(history, "ana saw event", "was due")

    def test_an_event_that_the_log_does_not_have(self):
        history = good()
        history.events["ana"][1] = (2, event(2, [(9, 1)], (3, 4)))
        self.assert_found(history, "the log does not have")
        history = good()
        history.log.pop()
        self.assert_found(history, "the log does not have")

    def test_an_event_that_never_came(self):
        history = good()
        history.events["ana"].pop()
        self.assert_found(history, "up to 1 of 2")

    def test_another_epoch_and_a_lost_place_in_the_log(self):
        history = good()
        history.epochs.add("f")
        history.lost_places.append("ana was not resumed")
        self.assert_found(history, "epoch changed")
        self.assert_found(history, "not resumed")

    def test_a_grant_that_was_not_announced_or_twice(self):
        history = good()
        history.log[1] = event(2, [(2, 1)], (2, 3))
        self.assert_found(history, "granted", "announced")
        history = good()
        history.log[1] = event(2, [(1, 2), (2, 1), (3, 1)], (4, 6))
        self.assert_found(history, "announces grant 1")


if __name__ == "__main__":
    unittest.main()
