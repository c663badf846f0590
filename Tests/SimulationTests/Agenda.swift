// What will happen when: the simulated clock. Things of the same millisecond happen in the order in
// which they were planned, so that a run repeats itself exactly.

struct Agenda<Item> {
    private var heap: [(at: Int64, order: Int, item: Item)] = []
    private var planned = 0

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(_ item: Item, at time: Int64) {
        heap.append((time, planned, item))
        planned += 1
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (at: Int64, item: Item)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                let left = 2 * parent + 1
                var smallest = parent
                if left < heap.count, isBefore(left, smallest) { smallest = left }
                if left + 1 < heap.count, isBefore(left + 1, smallest) { smallest = left + 1 }
                if smallest == parent { break }
                heap.swapAt(parent, smallest)
                parent = smallest
            }
        }
        return (first.at, first.item)
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        (heap[a].at, heap[a].order) < (heap[b].at, heap[b].order)
    }
}
