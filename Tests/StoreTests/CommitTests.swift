// What a commit writes can be read back, by the same store and by the next; what it refuses leaves
// nothing behind.

import Testing

@testable import Store

@Suite struct CommitTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    @Test func `every kind of row comes back as it was, also after reopening`() throws {
        let store = try Store.open(directory: scratch.data, mode: .create)
        var batch = CommitBatch()
        batch.shows = [show(), show(2, id: "other")]
        batch.participants = [
            participant(1, subject: "ann"),
            ParticipantRow(
                show: 1, number: 2, subject: "g:ü\u{0}x", name: "", isGuest: true,
                address: "203.0.113.9", role: "host"),
        ]
        batch.journal = [entry(1), entry(1, show: 2, facts: []), entry(2)]
        batch.events = [event(1, naming: [1, 2]), event(2), event(1, show: 2)]
        batch.chat = [message(1), message(2)]
        batch.stock = [stock("B", onHand: 5, held: 2, sold: 3), stock("A")]
        batch.meta = [CommitBatch.Meta(key: "k", value: "v")]
        try store.commit(batch)

        func check(_ store: Store) throws {
            #expect(try store.shows() == batch.shows)
            #expect(try store.show(id: "other") == batch.shows[1])
            #expect(try store.show(id: "nobody") == nil)
            #expect(try store.participants(show: 1) == batch.participants)
            #expect(try store.wholeJournal() == [entry(1), entry(2)])
            #expect(try store.wholeJournal(show: 2) == [entry(1, show: 2, facts: [])])
            #expect(try store.lastJournal(show: 1) == 2)
            #expect(try store.events(show: 1, after: 0, limit: 9) == [event(1), event(2)])
            #expect(try store.offsets(show: 1, naming: 2) == [1])
            #expect(try store.chat(show: 1, last: 9) == batch.chat)
            #expect(
                try store.stock(show: 1) == [stock("A"), stock("B", onHand: 5, held: 2, sold: 3)])
            #expect(try store.meta("k") == "v")
            #expect(try store.meta("none") == nil)
            #expect(try store.structuralDamage() == [])
        }
        try check(store)
        store.close()
        try check(try Store.open(directory: scratch.data, mode: .readOnly))
        try check(try Store.open(directory: scratch.data, mode: .readWrite))
    }

    @Test func `headlines, participants, stock and settings are replaced, chat and SKUs removed`()
        throws
    {
        let store = try scratch.storeWithShow()
        try store.commit {
            $0.participants = [participant(1, subject: "ann")]
            $0.stock = [stock("A"), stock("B")]
            $0.chat = [message(1), message(2)]
        }
        var ann = participant(1, subject: "ann")
        ann.role = "moderator"
        try store.commit {
            $0.shows = [show(status: "live")]
            $0.participants = [ann]
            $0.stock = [stock("A", held: 4)]
            $0.stockRemoved = [CommitBatch.SKU(show: 1, sku: "B")]
            $0.chatDeleted = [CommitBatch.ChatMessage(show: 1, message: 1)]
        }
        #expect(try store.shows() == [show(status: "live")])
        #expect(try store.participants(show: 1) == [ann])
        #expect(try store.stock(show: 1) == [stock("A", held: 4)])
        #expect(try store.chat(show: 1, last: 9) == [message(2)])
    }

    @Test(arguments: [
        stock(onHand: 10, held: 5, sold: 6), stock(held: -1), stock(sold: -1),
        stock(onHand: .max, held: .max, sold: 1),
    ])
    func `stock that promises more than there is refuses the whole commit`(row: StockRow) throws {
        let store = try scratch.storeWithShow()
        #expect(throws: StoreError.oversold(show: 1, sku: "A")) {
            try store.commit {
                $0.journal = [entry(1)]
                $0.events = [event(1)]
                $0.stock = [row]
            }
        }
        #expect(try store.wholeJournal() == [])
        #expect(try store.lastOffset(show: 1) == nil)
        #expect(try store.stock(show: 1) == [])
        try store.commit { $0.stock = [stock(onHand: 10, held: 4, sold: 6)] }
    }

    @Test func `a number that was used is refused, and the store goes on`() throws {
        let store = try scratch.storeWithShow()
        try store.commit {
            $0.journal = [entry(1)]
            $0.events = [event(1)]
        }
        #expect(throws: StoreError.constraint("journal entry: it is there already")) {
            try store.commit { $0.journal = [entry(2), entry(1)] }
        }
        #expect(throws: StoreError.constraint("event: it is there already")) {
            try store.commit {
                $0.journal = [entry(2)]
                $0.events = [event(1)]
            }
        }
        #expect(throws: StoreError.constraint("participant: it is there already")) {
            try store.commit {
                $0.participants = [participant(1, subject: "x"), participant(2, subject: "x")]
            }
        }
        #expect(throws: StoreError.constraint("stock: its show is not there")) {
            try store.commit { $0.stock = [stock(show: 5)] }
        }
        try store.commit { $0.journal = [entry(2)] }
        #expect(try store.lastJournal(show: 1) == 2)
    }

    @Test(arguments: [-1, 1 << 32, Int64.max, .min])
    func `a number that does not fit its key is refused`(number: Int64) throws {
        let store = try scratch.storeWithShow()
        #expect(throws: StoreError.self) { try store.commit { $0.journal = [entry(number)] } }
        #expect(throws: StoreError.self) { try store.commit { $0.events = [event(number)] } }
        #expect(throws: StoreError.self) {
            try store.commit { $0.journal = [entry(1, show: number)] }
        }
        #expect(throws: StoreError.self) { try store.commit { $0.shows = [show(number, id: "x")] } }
        #expect(try store.shows().count == 1)
    }

    @Test func `rows at the ends of their ranges stay in their show`() throws {
        let store = try scratch.storeWithShow()
        let last = NumberedKey.numbers.upperBound
        try store.commit {
            $0.shows = [show(NumberedKey.shows.upperBound, id: "last")]
            $0.events = [event(0), event(last), event(0, show: NumberedKey.shows.upperBound)]
        }
        #expect(try store.events(show: 1, after: -1, limit: 9) == [event(0), event(last)])
        #expect(try store.events(show: 1, after: last, limit: 9) == [])
        #expect(try store.events(show: 1, after: .max, limit: 9) == [])
        #expect(try store.events(show: 1, after: .min, limit: 1) == [event(0)])
        #expect(try store.lastOffset(show: NumberedKey.shows.upperBound) == 0)
        #expect(try store.lastOffset(show: .max) == nil)
    }

    @Test func `a payload of a megabyte comes back whole`() throws {
        let store = try scratch.storeWithShow()
        let facts = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try store.commit { $0.journal = [entry(1, facts: facts)] }
        #expect(try store.wholeJournal() == [entry(1, facts: facts)])
    }

    @Test func `an empty batch is no commit, and an emptied one is empty`() throws {
        let store = try scratch.storeWithShow()
        let commits = store.checkpoints.commits
        var batch = CommitBatch()
        try store.commit(batch)
        #expect(store.checkpoints.commits == commits)
        batch.shows = [show()]
        batch.participants = [participant(1, subject: "x")]
        batch.journal = [entry(1)]
        batch.events = [event(1)]
        batch.chat = [message(1)]
        batch.chatDeleted = [CommitBatch.ChatMessage(show: 1, message: 1)]
        batch.stockRemoved = [CommitBatch.SKU(show: 1, sku: "A")]
        batch.stock = [stock()]
        batch.meta = [CommitBatch.Meta(key: "k", value: "v")]
        #expect(!batch.isEmpty)
        batch.removeAll()
        #expect(batch.isEmpty)
    }
}
