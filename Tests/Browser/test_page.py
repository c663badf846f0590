"""The viewer's page in headless Chromium, against the real server behind serve.py.

    python -m unittest discover -v -s Tests/Browser

Needs playwright and axe-playwright-python (PyPI) and chromium (Debian); LIVESHOP_BIN names the program.
Every test has a show of its own on one server.
"""

import json
import pathlib
import re
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "PythonClient")]

import serve  # noqa: E402
from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402
from shop import Shop  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
WAIT_MS = 10_000
HOSTILE = "<img src=x onerror=hacked=1><script>hacked=1</script>\u202egnp.exe"
CATALOGUE = {
    "products": [
        {"id": "bowl", "title": "Moonrise Bowl", "variants": [{"sku": "BOWL", "title": "", "price": 3400, "on_hand": 1}]},
        {
            "id": "mug",
            "title": "Tideline Mug",
            "description": "Thrown by hand.\n\nHolds 300 ml.",
            "variants": [
                {"sku": "SEA", "title": "Sea", "options": {"Glaze": "Sea"}, "price": 2400, "on_hand": 60},
                {"sku": "SAND", "title": "Sand", "options": {"Glaze": "Sand"}, "price": 2600, "on_hand": 60},
            ],
        },
        {"id": "evil", "title": HOSTILE, "variants": [{"sku": "EVIL", "title": "", "price": 1, "on_hand": 9}]},
    ]
}
SHOWS = [f"show{number}" for number in range(1, 28)]


def setUpModule():
    global shop, pages, player, browser, shows
    shop = Shop("--set", "chat_rate=0", "--set", "request_rate=0", catalogue=CATALOGUE)
    catalogue = shop.directory / "catalogue.json"
    for show in SHOWS:
        shop.run("show", "create", "--data", shop.data, "--show", show, "--title", "Spring firing", "--currency", "EUR")
        shop.run("import", "--data", shop.data, "--show", show, catalogue)
    shop.start()
    pages = serve.start(shop.http)
    shows = iter(SHOWS)
    player = sync_playwright().start()
    browser = player.chromium.launch(executable_path=CHROMIUM)


def tearDownModule():
    browser.close()
    player.stop()
    pages.shutdown()
    shop.__exit__()


def ls(page, name):
    return page.locator(f'[data-ls="{name}"]')


class PageTests(unittest.TestCase):
    def setUp(self):
        self.show = shop.show = next(shows)
        self.faults = []
        serve.Pages.is_deaf = serve.Pages.is_closed = False

    def context(self, **options):
        options = {"locale": "en-GB", "viewport": {"width": 390, "height": 800}, **options}
        context = browser.new_context(**options)
        context.set_default_timeout(WAIT_MS)
        self.addCleanup(context.close)
        return context

    def open(self, context=None, query="", until="live"):
        page = (context or self.context()).new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self.watch(request.url))
        page.goto(f"{pages.url}/s/{self.show}{query}")
        if until:
            expect(ls(page, "connection")).to_have_attribute("data-state", until, timeout=WAIT_MS)
        return page

    def watch(self, url):
        if not re.match(rf"(blob:|data:|{re.escape(pages.url)}/)", url):
            self.faults.append(f"asked elsewhere: {url}")

    def quiet(self):
        self.assertEqual(self.faults, [])

    def host(self, *lines):
        return shop.host("\n".join(lines) + "\n").stdout

    def test_a_newcomer_buys_with_three_presses(self):
        self.host("start", "pin BOWL")
        page = self.open()
        ls(page, "claim").click()
        expect(ls(page, "message")).to_contain_text("Held for you: 1 piece of Moonrise Bowl at €34.00")
        expect(ls(page, "hold-timer")).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
        ls(page, "order").click()
        expect(ls(page, "pay")).to_be_focused()
        ls(page, "pay").click()
        expect(ls(page, "order-row")).to_have_attribute("data-status", "paid")
        expect(ls(page, "message")).to_contain_text("is paid: €34.00")
        self.quiet()

    def test_variant_and_quantity_are_what_is_held(self):
        self.host("start", "pin SEA")
        page = self.open()
        page.locator('[data-ls="variant"][data-sku="SAND"]').check()
        expect(ls(page, "pinned")).to_have_attribute("data-sku", "SAND")
        ls(page, "quantity").fill("3")
        expect(ls(page, "claim")).to_contain_text("€78.00")
        ls(page, "claim").click()
        expect(ls(page, "hold")).to_contain_text("Tideline Mug – Sand")
        expect(ls(page, "hold")).to_contain_text("3 × €26.00")
        ls(page, "extend").click()
        expect(ls(page, "message")).to_contain_text("is held longer")
        ls(page, "release").click()
        expect(ls(page, "hold")).to_have_count(0)
        # The button is gone; the focus is not.
        expect(page.locator("#shop")).to_be_focused()
        self.quiet()

    def test_a_reload_while_the_answer_is_on_its_way_makes_one_hold(self):
        self.host("start", "pin SEA")
        page = self.open()
        serve.Pages.is_deaf = True
        ls(page, "claim").click()
        deadline = time.monotonic() + 10
        while "SEA" not in self.host("holds") and time.monotonic() < deadline:
            pass
        serve.Pages.is_deaf = False
        pages.cut()
        page.reload()
        expect(ls(page, "hold")).to_have_count(1)
        key = f"liveshop:{self.show}:pending"
        deadline = time.monotonic() + 10
        while page.evaluate("key => sessionStorage.getItem(key)", key) and time.monotonic() < deadline:
            page.wait_for_timeout(20)
        self.assertIsNone(page.evaluate("key => sessionStorage.getItem(key)", key))
        expect(ls(page, "hold")).to_have_count(1)
        self.assertEqual(self.host("holds").count("sku=SEA"), 1)

    def test_a_claim_pressed_while_offline_is_made_after_a_reload(self):
        self.host("start", "pin SEA")
        page = self.open()
        serve.Pages.is_closed = True
        pages.cut()
        expect(ls(page, "connection")).to_have_attribute("data-state", "offline")
        ls(page, "claim").click()
        expect(ls(page, "claim")).to_have_text("One moment …")
        page.reload()
        serve.Pages.is_closed = False
        expect(ls(page, "hold")).to_have_count(1, timeout=WAIT_MS)

    def test_two_tabs_are_one_guest_with_one_hold(self):
        self.host("start", "pin SEA")
        context = self.context()
        one, other = context.new_page(), context.new_page()
        for page in (one, other):
            page.goto(f"{pages.url}/s/{self.show}", wait_until="commit")
        for page in (one, other):
            expect(ls(page, "connection")).to_have_attribute("data-state", "live")
        ls(one, "claim").click()
        for page in (one, other):
            expect(ls(page, "hold")).to_have_count(1)
        ls(other, "order").click()
        expect(ls(one, "hold")).to_have_count(0)
        expect(ls(one, "order-row")).to_have_count(1)

    def test_a_cut_connection_loses_and_doubles_nothing(self):
        self.host("start", "pin SEA")
        page = self.open()
        other = self.open()
        ls(page, "claim").click()
        expect(ls(page, "hold")).to_have_count(1)
        for number in range(3):
            ls(other, "chat-input").fill(f"line {number}")
            ls(other, "chat-send").click()
            pages.cut()
        expect(ls(page, "chat-message").filter(has_text="line ")).to_have_count(3, timeout=WAIT_MS)
        self.host("say after all of it", "pin BOWL")
        expect(ls(page, "pinned")).to_have_attribute("data-sku", "BOWL")
        expect(ls(page, "chat-message").last).to_contain_text("after all of it")
        lines = [text for text in ls(page, "chat-message").all_inner_texts() if "line " in text]
        self.assertEqual([text[-6:] for text in lines], ["line 0", "line 1", "line 2"])
        expect(ls(page, "hold")).to_have_count(1)

    def test_offline_is_told_and_over_when_the_network_is_back(self):
        self.host("start", "pin SEA")
        page = self.open()
        page.context.set_offline(True)
        expect(ls(page, "connection")).to_have_attribute("data-state", "offline")
        ls(page, "claim").click()
        page.context.set_offline(False)
        expect(ls(page, "connection")).to_have_attribute("data-state", "live", timeout=WAIT_MS)
        expect(ls(page, "hold")).to_have_count(1)

    def test_the_server_is_killed_and_comes_back(self):
        self.host("start", "pin SEA")
        page = self.open()
        ls(page, "claim").click()
        expect(ls(page, "hold")).to_have_count(1)
        shop.kill()
        expect(ls(page, "connection")).to_have_attribute("data-state", "offline")
        expect(ls(page, "error")).to_contain_text("Connection lost")
        shop.start()
        expect(ls(page, "connection")).to_have_attribute("data-state", "live", timeout=WAIT_MS)
        expect(ls(page, "message")).to_contain_text("nothing was missed")
        expect(ls(page, "hold")).to_have_count(1)

    def test_sold_out_waitlist_offer_accept(self):
        self.host("start", "pin BOWL")
        first, second = self.open(), self.open()
        ls(first, "claim").click()
        expect(ls(second, "stock")).to_have_text("Sold out")
        expect(ls(second, "claim")).to_contain_text("Join the waitlist")
        ls(second, "claim").click()
        expect(ls(second, "waitlist")).to_have_attribute("data-place", "1")
        expect(ls(second, "accept")).to_be_hidden()
        ls(first, "release").click()
        expect(ls(second, "message")).to_contain_text("Offered to you: 1 piece of Moonrise Bowl")
        ls(second, "accept").click()
        expect(ls(second, "hold")).to_have_count(1)
        expect(ls(second, "waitlist")).to_have_count(0)
        self.quiet()

    def test_a_flash_sale_counts_down_and_changes_the_price(self):
        self.host("start", "pin SEA", "flash SEA 19 60s countdown 2s")
        page = self.open()
        expect(ls(page, "countdown")).to_contain_text("€19.00 in 0:0")
        expect(ls(page, "price")).to_have_text("€24.00")
        expect(ls(page, "price")).to_have_text("€19.00")
        expect(ls(page, "prior-price")).to_have_text("€24.00")
        expect(ls(page, "countdown")).to_contain_text(re.compile(r"(1:00|0:5\d) left"))
        self.quiet()

    def test_a_narrow_phone_never_scrolls_sideways(self):
        self.host("start", "pin SAND", 'note "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"', "flash BOWL 30 60s")
        context = self.context(viewport={"width": 320, "height": 568})
        page = self.open(context)
        ls(page, "claim").click()
        expect(ls(page, "hold")).to_have_count(1)
        ls(page, "chat-input").fill("w" * 200)
        ls(page, "chat-send").click()
        expect(ls(page, "chat-message")).to_have_count(1)
        for language in ("el", "fi", "pl", "nl", "sv", "en"):
            page.goto(f"{pages.url}/s/{self.show}?lang={language}")
            expect(ls(page, "hold")).to_have_count(1)
            self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 320, language)
            box = ls(page, "claim").bounding_box()
            self.assertGreaterEqual(box["y"], 568 / 2, "the claim is where the thumb is")
            self.assertLessEqual(box["y"] + box["height"], 568)

    def test_axe_finds_nothing_serious(self):
        axe = Axe()

        def check(page, state):
            # Colours in motion are not yet the colours.
            page.wait_for_timeout(350)
            found = axe.run(page).response["violations"]
            bad = [
                f"{state}: {one['id']} {one['impact']}: {one['nodes'][0]['html'][:160]}"
                for one in found
                if one["impact"] in ("serious", "critical")
            ]
            self.assertEqual(bad, [])

        dark = self.open(self.context(color_scheme="dark", viewport={"width": 1440, "height": 900}))
        check(dark, "before, dark")
        self.host("start", "pin SEA", 'note "Free shipping"', "flash BOWL 30 60s", "say Welcome!")
        light = self.open(query="?lang=sv")
        for page in (dark, light):
            ls(page, "claim").click()
            expect(ls(page, "hold")).to_have_count(1)
        ls(dark, "order").click()
        expect(ls(dark, "pay")).to_be_visible()
        ls(dark, "claim").click()
        expect(ls(dark, "hold")).to_have_count(1)
        check(dark, "held and ordered, dark")
        check(light, "held, light")
        ls(light, "product").first.locator("button").click()
        check(light, "dialog, light")
        home = self.context(color_scheme="dark").new_page()
        home.goto(pages.url)
        home.wait_for_selector("[data-show]")
        check(home, "home")

    def test_what_people_write_is_only_text(self):
        self.host("start", "pin EVIL", f"note {json.dumps(HOSTILE, ensure_ascii=False)}")
        page = self.open()
        ls(page, "name-input").fill("<b onclick=x>Eve")
        ls(page, "join").click()
        expect(page.locator(".who")).to_contain_text("You are <b onclick=x>Eve")
        ls(page, "chat-input").fill(HOSTILE)
        ls(page, "chat-send").click()
        expect(ls(page, "chat-message")).to_contain_text("<img src=x onerror=hacked=1>")
        expect(page.locator(".card-title")).to_contain_text("<script>hacked=1</script>")
        expect(ls(page, "note")).to_contain_text("<img src=x")
        ls(page, "claim").click()
        expect(ls(page, "hold")).to_contain_text("<img src=x")
        self.assertEqual(page.evaluate("typeof hacked"), "undefined")
        self.assertEqual(page.evaluate("document.querySelectorAll('[onerror],[onclick],main script').length"), 0)
        self.quiet()

    def test_an_address_that_is_none_is_not_loaded(self):
        page = self.open()
        safe = page.evaluate(
            """async () => {
                const { safeAddress } = await import('/assets/dom.js');
                return ['javascript:alert(1)', 'data:text/html,x', 'http://shop.example/x', '//shop.example/x.jpg',
                    'https://shop.example/x', '/assets/x', ''].map(safeAddress);
            }"""
        )
        self.assertEqual(safe[:4] + safe[6:], [None] * 5)
        self.assertTrue(safe[4] and safe[5])

    def test_a_token_leaves_the_address_and_stays_in_the_tab(self):
        token = shop.run("token", "--data", shop.data, "--role", "viewer", "--sub", "ana", "--name", "Ana A", "--show", self.show).stdout.strip()
        page = self.open(query=f"#token={token}")
        self.assertEqual(page.url, f"{pages.url}/s/{self.show}")
        expect(page.locator(".who")).to_have_text("You are Ana A")
        expect(ls(page, "name-input")).to_be_hidden()
        page.reload()
        expect(page.locator(".who")).to_have_text("You are Ana A")
        page = self.open()
        page.evaluate("token => postMessage({ type: 'liveshop.token', token }, '*')", token)
        expect(page.locator(".who")).to_have_text("You are Ana A")
        self.quiet()

    def test_a_guest_chooses_a_name_and_keeps_it(self):
        self.host("start")
        page = self.open()
        expect(page.locator(".who")).to_have_text(re.compile(r"You are Guest \d{4}"))
        ls(page, "name-input").fill("Ana")
        ls(page, "join").click()
        expect(page.locator(".who")).to_have_text("You are Ana")
        expect(ls(page, "name-input")).to_be_hidden()
        page.reload()
        expect(page.locator(".who")).to_have_text("You are Ana")
        ls(page, "name-input").wait_for(state="hidden")
        self.quiet()
        other = self.open()
        ls(other, "name-input").fill("Host")
        ls(other, "join").click()
        expect(ls(other, "error")).to_contain_text("choose another")
        expect(ls(other, "name-input")).to_be_focused()
        ls(other, "name-input").fill("Ben")
        other.keyboard.press("Enter")
        expect(other.locator(".who")).to_have_text("You are Ben")
        expect(ls(other, "connection")).to_have_attribute("data-state", "live")

    def changed(self, old, new):
        """A page to which the server says `new` where it says `old`."""
        page = self.context().new_page()

        def relay(socket):
            real = socket.connect_to_server()
            socket.on_message(real.send)
            real.on_message(lambda text: socket.send(text.replace(old, new)))

        page.route_web_socket(re.compile("/v1/socket"), relay)
        page.goto(f"{pages.url}/s/{self.show}")
        expect(ls(page, "connection")).to_have_attribute("data-state", "live")
        return page

    def test_products_beyond_the_snapshot_are_fetched(self):
        page = self.changed('"products_total":3', '"products_total":4')
        expect(page.locator(".shelf")).to_contain_text("4 products")
        vase = {"id": "vase", "title": "Rain Vase", "media": [], "sponsored": False, "variants": [
            {"sku": "RAIN", "title": "", "options": {}, "price": 3900, "available": 2, "limit": 0}]}
        page.route("**/v1/shows/*/products*", lambda route: route.fulfill(json={"products": [vase], "products_total": 4, "next": None}))
        ls(page, "search").fill("rain")
        expect(page.locator('[data-product="vase"]')).to_contain_text("€39.00")

    def test_a_checkout_address_is_a_link_if_it_is_one(self):
        self.host("start", "pin SEA")
        for address, tag in (("https://pay.example/o/1", "A"), ("javascript:alert(1)", "BUTTON")):
            page = self.changed('"status":"placed"', f'"status":"placed","checkout_url":"{address}"')
            ls(page, "claim").click()
            ls(page, "order").click()
            self.assertEqual(ls(page, "pay").evaluate("element => element.tagName"), tag)
            if tag == "A":
                self.assertEqual(ls(page, "pay").get_attribute("href"), address)
                self.assertEqual(ls(page, "pay").get_attribute("rel"), "noopener")

    def test_a_video_that_does_not_play_gives_way_to_its_poster(self):
        self.host("start", "pin SEA")
        video = {"webm": "/assets/none.webm", "hls": "javascript:alert(1)", "poster": "/assets/icon.svg"}
        page = self.changed('"video":null', f'"video":{json.dumps(video)}')
        expect(page.locator(".stage-image")).to_be_visible()
        expect(page.locator(".stage-image")).to_have_attribute("src", f"{pages.url}/assets/icon.svg")
        expect(page.locator("video")).to_be_hidden()

    def test_six_languages_with_their_forms_and_money(self):
        self.host("start", "pin BOWL")
        said = {}
        spoken = self.context()
        for language, locale in (("pl", "en-GB"), ("el", "en-GB"), ("sv", "en-GB"), ("nl", "en-GB"), ("", "fi-FI"), ("", "de-AT")):
            context = spoken if language else self.context(locale=locale)
            page = self.open(context, query=f"?lang={language}" if language else "")
            said[language or locale[:2]] = [ls(page, name).inner_text() for name in ("stock", "price", "claim")]
            self.assertEqual(page.locator("html").get_attribute("lang"), language or {"de-AT": "en"}.get(locale, locale[:2]))
            page.close()
        plain = {key: [text.replace("\u00a0", " ").replace("\n", " ") for text in texts] for key, texts in said.items()}
        self.assertEqual(plain["pl"], ["Została tylko 1 sztuka", "34,00 €", "Rezerwuj 34,00 €"])
        self.assertEqual(plain["el"], ["Μόνο 1 απομένει", "34,00 €", "Κράτηση 34,00 €"])
        self.assertEqual(plain["fi"], ["Vain 1 jäljellä", "34,00 €", "Varaa 34,00 €"])
        self.assertEqual(plain["nl"], ["Nog maar 1 stuk", "€ 34,00", "Reserveer € 34,00"])
        self.assertEqual(plain["sv"], ["Bara 1 kvar", "34,00 €", "Boka 34,00 €"])
        self.assertEqual(plain["de"], ["Only 1 left", "€34.00", "Reserve €34.00"])
        self.quiet()

    def test_embedded_it_has_no_head_and_no_list(self):
        self.host("start", "pin BOWL")
        page = self.open(query="?embed=1")
        expect(ls(page, "claim")).to_be_visible()
        expect(page.locator("header")).to_be_hidden()
        expect(ls(page, "products")).to_be_hidden()

    def test_search_and_the_dialog_of_a_product(self):
        self.host("start")
        page = self.open()
        expect(ls(page, "product")).to_have_count(3)
        ls(page, "search").fill("MÜG sea")
        expect(ls(page, "product")).to_have_count(1)
        page.locator('[data-product="mug"] button').click()
        dialog = page.locator("dialog")
        expect(dialog).to_contain_text("Holds 300 ml.")
        dialog.locator('[data-ls="claim"]').click()
        expect(dialog).to_be_hidden()
        expect(ls(page, "hold")).to_have_count(1)
        page.keyboard.press("Escape")
        self.quiet()

    def test_everything_works_from_the_keyboard(self):
        self.host("start", "pin SEA")
        page = self.open(self.context(viewport={"width": 1280, "height": 800}))
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        expect(ls(page, "pinned")).to_have_attribute("data-sku", "SAND")
        for _ in range(4):
            page.keyboard.press("Tab")
        expect(ls(page, "claim")).to_be_focused()
        page.keyboard.press("Enter")
        expect(ls(page, "hold")).to_contain_text("Sand")
        expect(ls(page, "claim")).to_be_focused()
        self.quiet()

    def test_a_poll_and_five_thousand_lines_of_chat(self):
        self.host("start", "pin SEA")
        sent = []
        page = self.context().new_page()
        server = {}

        def relay(socket):
            server["page"] = socket
            real = socket.connect_to_server()
            real.on_message(socket.send)

            def on_message(text):
                lines = [json.loads(line) for line in text.split("\n")]
                for line in [line for line in lines if line["type"] == "poll.vote"]:
                    sent.append(line["data"])
                    reply = {"poll": line["data"]["poll"], "choice": line["data"]["choice"]}
                    socket.send(json.dumps({"type": "reply", "id": line["id"], "data": reply}))
                rest = [json.dumps(line) for line in lines if line["type"] != "poll.vote"]
                if rest:
                    real.send("\n".join(rest))

            socket.on_message(on_message)

        page.route_web_socket(re.compile("/v1/socket"), relay)
        page.goto(f"{pages.url}/s/{self.show}")
        expect(ls(page, "connection")).to_have_attribute("data-state", "live")
        offset = 1 + len(shop.run("events", "--data", shop.data, "--show", self.show).stdout.splitlines())

        def tell(message_type, data, **more):
            now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
            return json.dumps({"type": message_type, "show": self.show, "time": now, "data": data, **more})

        end = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 60))
        poll = {"poll": "p1", "question": "Which glaze next?", "choices": ["Ash", "Celadon"], "ends_at": end}
        server["page"].send(tell("poll.opened", poll, offset=offset))
        expect(ls(page, "poll")).to_contain_text("Which glaze next?")
        page.locator('[data-choice="1"]').click()
        expect(page.locator('[data-choice="1"]')).to_have_attribute("aria-pressed", "true")
        self.assertEqual(sent[0]["choice"], 1)
        server["page"].send(tell("poll.progress", {"poll": "p1", "counts": [1, 3], "voters": 4}))
        expect(page.locator('[data-choice="1"]')).to_contain_text("3 votes")
        server["page"].send(tell("poll.closed", {**poll, "counts": [1, 3], "voters": 4}, offset=offset + 1))
        expect(ls(page, "poll")).to_contain_text("The poll is closed")

        page.evaluate("() => { window.slow = []; new PerformanceObserver(l => slow.push(...l.getEntries().map(e => e.duration))).observe({ type: 'longtask' }); }")
        for batch in range(100):
            lines = [
                tell("chat.message", {"message": f"f{batch}-{line}", "participant": "g", "name": "Ann", "role": "viewer", "guest": True, "text": f"line {batch * 50 + line}"})
                for line in range(50)
            ]
            server["page"].send("\n".join(lines))
        expect(ls(page, "chat-message").last).to_contain_text("line 4999")
        self.assertLessEqual(ls(page, "chat-message").count(), 120)
        self.assertLess(max(page.evaluate("slow"), default=0), 200)

    def test_the_ends_are_told(self):
        self.host("start")
        page = self.open()
        self.host("end")
        expect(ls(page, "status")).to_have_attribute("data-status", "ended")
        expect(ls(page, "connection")).to_have_attribute("data-state", "ended")
        expect(ls(page, "message")).to_contain_text("The show is over")
        self.show = "nowhere"
        page = self.open(until="ended")
        expect(page.locator(".wall")).to_contain_text("There is no such show")

    def test_the_home_page_lists_the_shows(self):
        self.host("start")
        page = self.context().new_page()
        page.goto(f"{pages.url}/?lang=nl")
        card = page.locator(f'[data-show="{self.show}"]')
        expect(card).to_contain_text("Spring firing")
        expect(page.locator(".group-now")).to_contain_text("Nu bezig")
        card.click()
        expect(ls(page, "connection")).to_have_attribute("data-state", "live")
        expect(ls(page, "status")).to_have_text("Live")


if __name__ == "__main__":
    unittest.main()
