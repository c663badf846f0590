// The frames of one room on one loop, as one run of bytes with absolute offsets. Connections hold no
// queue of broadcasts, only an offset into this log; what all have taken is forgotten. The memory is
// contiguous, so that everything a connection is behind by leaves with one send.

import Glibc

/// Ready WebSocket frames, appended at `end`, discarded from `start`.
final class FrameLog {
    /// Offset of the oldest byte held.
    private(set) var start = 0
    /// Offset after the newest.
    private(set) var end = 0

    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0
    /// Where `start` lies in the memory.
    private var head = 0

    var count: Int { end - start }

    deinit { memory?.deallocate() }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        makeRoom(for: bytes.count)
        memory?.advanced(by: head + count).copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }

    /// The bytes from `offset` to the end. Valid until the log changes.
    func bytes(from offset: Int) -> UnsafeRawBufferPointer {
        precondition(offset >= start && offset <= end, "an offset that the frame log does not hold")
        guard let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(
            start: memory + head + (offset - start), count: end - offset)
    }

    /// Forgets what lies before `offset`.
    func discard(before offset: Int) {
        guard offset > start else { return }
        let offset = min(offset, end)
        head += offset - start
        start = offset
        if start == end {
            head = 0
            // A burst is over: give its memory back.
            if capacity > 256 << 10 {
                memory?.deallocate()
                memory = nil
                capacity = 0
            }
        }
    }

    /// Makes `capacity - head - count` at least `added`: by moving to the front when that frees at
    /// least half of the memory, so that each byte is moved once on average; else by growing.
    private func makeRoom(for added: Int) {
        if head + count + added <= capacity { return }
        if let memory, count + added <= capacity / 2 {
            memmove(memory, memory + head, count)
            head = 0
            return
        }
        let larger = max(4096, capacity * 2, (count + added) * 2)
        let grown = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 64)
        if let memory {
            grown.copyMemory(from: memory + head, byteCount: count)
            memory.deallocate()
        }
        memory = grown
        capacity = larger
        head = 0
    }
}

/// Walking over whole, unmasked frames, as the server makes them (RFC 6455 §5.2).
enum FrameWalk {
    /// Length of the frame that begins at `offset`, header included.
    static func length(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        let short = Int(bytes[offset + 1] & 0x7F)
        switch short {
        case 126: return 4 + (Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3]))
        case 127:
            var length = 0
            for index in 2..<10 { length = length << 8 | Int(bytes[offset + index]) }
            return 10 + length
        default: return 2 + short
        }
    }

    /// The first end of a frame at or after `offset`; `bytes` begins with a frame.
    static func boundary(atOrAfter offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var end = 0
        while end < offset { end += length(at: end, in: bytes) }
        return end
    }

    /// How many frames `bytes` holds; only whole ones.
    static func count(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        var frames = 0
        while offset < bytes.count {
            offset += length(at: offset, in: bytes)
            frames += 1
        }
        return frames
    }
}
