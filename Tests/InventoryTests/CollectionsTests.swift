// The containers below the ledger, each against the plain one of the standard library.

import Testing

@testable import Inventory

struct CollectionsTests {
    @Test func `a segmented array holds what was appended`() {
        var array = SegmentedArray<Int>()
        #expect(array.count == 0 && array.indices.isEmpty)
        for value in 0..<5000 { array.append(value * 3) }
        #expect(array.count == 5000 && array.indices == 0..<5000)
        for index in [0, 1, 1023, 1024, 1025, 2047, 2048, 4999] {
            #expect(array[index] == index * 3)
            array[index] += 1
            #expect(array[index] == index * 3 + 1)
        }
    }

    @Test func `a copy of a segmented array is its own`() {
        var array = SegmentedArray<Int>()
        for value in 0..<1500 { array.append(value) }
        let copy = array
        array[3] = -1
        array.append(9)
        #expect(copy[3] == 3 && copy.count == 1500 && array[3] == -1 && array.count == 1501)
    }

    @Test func `a sparse array is empty where nothing was changed`() {
        var array = SparseArray(repeating: [Int]())
        array[99_999_999].append(7)
        array[64].append(1)
        array[64].append(2)
        #expect(array[99_999_999] == [7] && array[64] == [1, 2])
        for index in [Int.min, -1, 0, 63, 65, 128, 99_999_998, 100_000_000, .max] {
            #expect(array[index].isEmpty)
        }
    }

    /// Against a dictionary; the keys are such that many share their lower or their upper half.
    @Test func `a digest index does what a dictionary does`() {
        var random = SplitMix(seed: 2)
        var index = DigestIndex()
        var places: [OrderID] = []
        var plain: [OrderID: Int] = [:]
        func key() -> OrderID {
            OrderID(
                high: UInt64(random.below(200)) << 40, low: UInt64(random.below(200)) << 52)
        }
        for _ in 0..<60_000 {
            let key = key()
            let found = index.place(of: key) { places[-1 - $0] == key }
            #expect(found == plain[key])
            guard found == nil else { continue }
            index.insert(-1 - places.count, for: key)
            plain[key] = -1 - places.count
            places.append(key)
        }
        #expect(index.count == plain.count && plain.count > 20_000)
    }

    private static let offer = Offer(quantity: 1, unitPrice: 5, expiresAt: .never)

    /// Against an array; thousands join and leave, so that places are also squeezed together.
    @Test func `a waitlist keeps the order in which it was joined`() {
        var random = SplitMix(seed: 3)
        var waitlist = Waitlist()
        var plain: [(who: ParticipantID, wants: Units, offered: Units)] = []
        var next = 0
        for step in 0..<12_000 {
            switch random.below(8) {
            case 0...3:
                waitlist.append(ParticipantID(next), quantity: next % 3 + 1, special: 0)
                plain.append((ParticipantID(next), next % 3 + 1, 0))
                next += 1
            case 4 where !plain.isEmpty, 5 where !plain.isEmpty:
                let victim = random.once(in: 2) ? 0 : random.below(plain.count)
                waitlist.remove(plain.remove(at: victim).who)
            case 6:
                let first = plain.firstIndex { $0.offered < $0.wants }
                #expect(waitlist.nextUnserved()?.participant == first.map { plain[$0].who })
                guard let first else { continue }
                _ = waitlist.add(Self.offer, for: plain[first].who)
                plain[first].offered += 1
            default:
                guard let index = plain.firstIndex(where: { $0.offered > 0 }) else { continue }
                waitlist.acceptOffer(of: plain[index].who)
                plain[index].wants -= plain[index].offered
                plain[index].offered = 0
                if plain[index].wants == 0 { plain.remove(at: index) }
            }
            // Few at first, then many: both sides of the squeeze.
            if step % 4000 == 3999 {
                for _ in 0..<plain.count * 3 / 4 { waitlist.remove(plain.removeFirst().who) }
            }
            if step % 97 == 0 || plain.count < 8 { compare(waitlist, plain) }
        }
        compare(waitlist, plain)
    }

    private func compare(
        _ waitlist: Waitlist, _ plain: [(who: ParticipantID, wants: Units, offered: Units)]
    ) {
        #expect(waitlist.count == plain.count && waitlist.isEmpty == plain.isEmpty)
        #expect(waitlist.inOrder.map(\.participant) == plain.map(\.who))
        #expect(waitlist.inOrder.map(\.quantity) == plain.map(\.wants))
        #expect(waitlist.reserved == plain.reduce(0) { $0 + $1.offered })
        for (index, entry) in plain.enumerated() {
            #expect(waitlist.place(of: entry.who) == index + 1)
            #expect(waitlist.entry(of: entry.who)?.unserved == entry.wants - entry.offered)
        }
    }

    @Test func `whoever does not wait has no place`() {
        var waitlist = Waitlist()
        waitlist.remove(ana)
        waitlist.acceptOffer(of: ana)
        #expect(waitlist.add(Self.offer, for: ana) == 0)
        waitlist.setAside(1, for: ana)
        #expect(waitlist.place(of: ana) == nil && waitlist.entry(of: ana) == nil)
        #expect(waitlist.nextUnserved() == nil && waitlist.reserved == 0)
    }
}

@Suite struct TimeQueueTests {
    @Test(arguments: 0..<50)
    func `elements come out in order, however they went in`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var queue = TimeQueue<Int>()
        var model: [Int] = []
        for step in 0..<3_000 {
            if random.next() % 3 > 0 {
                // Mostly ascending, sometimes not, often equal.
                let element = random.next() % 8 == 0 ? Int(random.next() % 1000) : step / 4
                queue.insert(element)
                model.append(element)
                model.sort()
            } else if !model.isEmpty {
                #expect(queue.next == model[0])
                queue.removeNext()
                model.removeFirst()
            }
        }
        while let next = queue.next {
            #expect(next == model.removeFirst())
            queue.removeNext()
        }
        #expect(model.isEmpty)
    }

    @Test func `a queue that runs over many segments forgets nothing`() {
        var queue = TimeQueue<Int>()
        for element in 0..<10_000 { queue.insert(element) }
        for element in 0..<10_000 {
            #expect(queue.next == element)
            queue.removeNext()
            if element % 3 == 0 { queue.insert(20_000 + element) }
        }
        #expect(queue.next == 20_000)
    }
}
