// Lines from a descriptor without ever blocking for long, so that a connection can be served while a
// pipe is silent. Used by script mode for --script files and standard input.

import Glibc
import WireProtocol

public struct LineReader: ~Copyable {
    public enum Next: Equatable, Sendable {
        case line(String)
        /// Nothing within the time.
        case nothing
        case end
        /// A line that is too long or not UTF-8; reading can go on.
        case unreadable
    }

    public static let lineBytesMax = 1 << 20

    private let descriptor: Int32
    private let closes: Bool
    private var buffer: [UInt8] = []
    private var isAtEnd = false
    private var isAtStart = true

    /// - Parameter closes: whether the descriptor is closed with the reader.
    public init(descriptor: Int32, closes: Bool) {
        self.descriptor = descriptor
        self.closes = closes
    }

    deinit {
        if closes { close(descriptor) }
    }

    /// The next line without its end; waits up to `milliseconds` for more to read.
    public mutating func next(milliseconds: Int32) -> Next {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end]
                defer { buffer.removeSubrange(...end) }
                return text(line.last == 0x0D ? line.dropLast() : line)
            }
            if isAtEnd {
                guard !buffer.isEmpty else { return .end }
                defer { buffer = [] }
                return text(buffer[...])
            }
            guard buffer.count <= LineReader.lineBytesMax else {
                buffer = []
                return .unreadable
            }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, milliseconds) > 0 else { return .nothing }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = chunk.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                buffer.append(contentsOf: chunk[..<count])
            } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
                isAtEnd = true
            }
        }
    }

    private mutating func text(_ bytes: ArraySlice<UInt8>) -> Next {
        let line = isAtStart ? ByteOrderMark.dropped(from: bytes) : bytes
        isAtStart = false
        return String(validating: line, as: UTF8.self).map(Next.line) ?? .unreadable
    }
}
