// The first look at what arrives, millions of times a second: is it the next event, with the same bytes
// that everybody got, or a notice this connection has no interest in? Then it is counted and that is
// all. What thousands of connections get is the same, so it is compared with what the others got before
// anything is read. One struct and one call for all of it: a class that keeps this in many properties
// spends a third of its time on checking that nobody else is at them.

import LiveShopClient

struct Intake {
    var members: [Member]
    var events = EventRecord()
    /// Events and notices that arrived.
    private(set) var messages: Int64 = 0
    /// The latest notices that were of no interest, by their length.
    private var notices = [[UInt8]](repeating: [], count: Intake.noticesKept)
    private static let noticesKept = 256

    init(_ members: [Member]) { self.members = members }

    private static var attentive: Member.Marks { [.watches, .listens, .awaitsPin] }

    enum Look {
        /// Counted, and done with.
        case done
        /// The next event, which is of interest here.
        case event(type: Range<Int>, offset: Int64)
        /// The next event, but others got something else under its offset.
        case otherEvent(type: Range<Int>, offset: Int64)
        /// Something that the state machine has to see.
        case unknown
    }

    mutating func look(at object: Span<UInt8>, _ slot: Int) -> Look {
        if members[slot].marks.isDisjoint(with: Intake.attentive) {
            if let next = members[slot].machine.nextOffset,
                events.isKnown(object, offset: next), members[slot].machine.isNext(next)
            {
                messages += 1
                return .done
            }
            if members[slot].presence == .joined,
                bytesAreEqual(object, notices[object.count % Intake.noticesKept])
            {
                messages += 1
                return .done
            }
        }
        guard let glance = MessageGlance(object) else { return .unknown }
        switch glance.kind {
        case .event(let offset):
            guard members[slot].machine.isNext(offset) else { return .unknown }
            return event(object, glance.type, offset, slot)
        case .notice:
            guard isOfNoInterest(object, glance.type, slot) else { return .unknown }
            messages += 1
            if members[slot].marks.isDisjoint(with: Intake.attentive) {
                notices[object.count % Intake.noticesKept] = Array(object)
            }
            return .done
        case .reply, .error:
            return .unknown
        }
    }

    /// An event whose place the state machine has found right.
    mutating func event(
        _ object: Span<UInt8>, _ type: Range<Int>, _ offset: Int64, _ slot: Int
    ) -> Look {
        messages += 1
        guard events.received(object, offset: offset) else {
            return .otherEvent(type: type, offset: offset)
        }
        return members[slot].marks.isDisjoint(with: Intake.attentive)
            ? .done : .event(type: type, offset: offset)
    }

    /// A notice that the state machine has seen.
    mutating func countNotice() { messages += 1 }

    /// A shared notice at a connection that does not listen to such.
    private func isOfNoInterest(_ object: Span<UInt8>, _ type: Range<Int>, _ slot: Int) -> Bool {
        guard members[slot].presence == .joined, !type.isEmpty else { return false }
        switch object[type.lowerBound] {
        case UInt8(ascii: "c"):
            return !members[slot].marks.contains(.listens)
                && JSONSkim.matches(object, type, "chat.message")
        case UInt8(ascii: "v"), UInt8(ascii: "r"):
            return true
        case UInt8(ascii: "s"):
            return !members[slot].marks.contains(.watches)
                && JSONSkim.matches(object, type, "stock.changed")
        case UInt8(ascii: "w"):
            return JSONSkim.matches(object, type, "waitlist.length")
        default:
            return false
        }
    }
}
