// Lines from a pipe, in whatever pieces they come.

import Glibc
import Testing

@testable import LiveShopConsole

/// A pipe whose end for writing the test holds.
private func pipe() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    Glibc.pipe(&ends)
    return (ends[0], ends[1])
}

private func write(_ bytes: [UInt8], _ descriptor: Int32) {
    _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
}

@Suite struct LineReaderTests {
    @Test func `lines come whole, the last one also without its end`() {
        let ends = pipe()
        var reader = LineReader(descriptor: ends.read, closes: true)
        #expect(reader.next(milliseconds: 0) == .nothing)
        write(Array("sta".utf8), ends.write)
        #expect(reader.next(milliseconds: 0) == .nothing)
        write(Array("rt\r\n\npin A\nqu".utf8), ends.write)
        #expect(reader.next(milliseconds: 0) == .line("start"))
        #expect(reader.next(milliseconds: 0) == .line(""))
        #expect(reader.next(milliseconds: 0) == .line("pin A"))
        close(ends.write)
        #expect(reader.next(milliseconds: 0) == .line("qu"))
        #expect(reader.next(milliseconds: 0) == .end)
        #expect(reader.next(milliseconds: 0) == .end)
    }

    @Test func `what is not UTF-8 is said, and reading goes on`() {
        let ends = pipe()
        var reader = LineReader(descriptor: ends.read, closes: true)
        write([0xFF, 0x0A] + Array("end\n".utf8), ends.write)
        #expect(reader.next(milliseconds: 0) == .unreadable)
        #expect(reader.next(milliseconds: 0) == .line("end"))
        close(ends.write)
    }

    @Test func `a byte-order mark before the first line is no part of it`() {
        let ends = pipe()
        var reader = LineReader(descriptor: ends.read, closes: true)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        write(mark + Array("pause\r\n".utf8) + mark + Array("x\n".utf8), ends.write)
        #expect(reader.next(milliseconds: 0) == .line("pause"))
        #expect(reader.next(milliseconds: 0) == .line("\u{FEFF}x"))
        close(ends.write)
    }
}
