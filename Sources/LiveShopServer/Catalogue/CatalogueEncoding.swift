// The bytes of a catalogue file as UTF-8. Spreadsheets save other encodings, too: they are read when they
// are named, and named when they are not.

import WireProtocol

/// What a file may be in besides UTF-8.
public enum CatalogueEncoding: String, Sendable, CaseIterable {
    case windows1252 = "windows-1252"
    case utf16 = "utf-16"
}

enum CatalogueBytes {
    /// The text in UTF-8, without a byte-order mark.
    static func utf8(
        _ bytes: [UInt8], _ encoding: CatalogueEncoding?
    ) -> Result<ArraySlice<UInt8>, BadBytes> {
        let text = ByteOrderMark.dropped(from: bytes)
        guard let encoding else {
            if let problem = problem(bytes) { return .failure(problem) }
            return .success(text)
        }
        if text.count < bytes.count {
            return .failure(
                BadBytes(1, "the file is UTF-8 by its byte-order mark; leave out --encoding"))
        }
        switch encoding {
        case .windows1252: return .success(fromWindows1252(bytes)[...])
        case .utf16: return fromUTF16(bytes)
        }
    }

    /// Why the bytes of a file cannot be read.
    struct BadBytes: Error {
        var note: RowNote

        init(_ line: Int, _ text: String) { note = RowNote(line: line, text: text) }
    }

    private static let lineFeed: UInt8 = 0x0A

    /// What keeps the bytes from being UTF-8, and what they probably are.
    private static func problem(_ bytes: [UInt8]) -> BadBytes? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return BadBytes(1, "the file is UTF-16, not UTF-8; give --encoding utf-16")
        }
        if let first = bytes.firstIndex(of: 0) {
            let start = bytes.prefix(4096)
            let zeros = start.reduce(0) { $1 == 0 ? $0 + 1 : $0 }
            let line = line(at: first, in: bytes)
            // Letters of UTF-16 have a zero each.
            return zeros * 4 >= start.count
                ? BadBytes(
                    line, "a NUL byte: the file is probably UTF-16; give --encoding utf-16")
                : BadBytes(
                    line,
                    "a NUL byte: the file is no text in UTF-8; save it as UTF-8, or give --encoding "
                        + "utf-16 if it is that")
        }
        var start = 0
        while start < bytes.count {
            // No letter of several bytes has a line feed in it, so lines may be looked at one by one.
            let end = min(
                bytes.count, (bytes[start...].firstIndex(of: lineFeed) ?? bytes.count) + 1)
            if String(validating: bytes[start..<end], as: UTF8.self) == nil {
                return BadBytes(
                    line(at: start, in: bytes),
                    "not UTF-8: the file is probably windows-1252; give --encoding windows-1252")
            }
            start = end
        }
        return nil
    }

    private static func line(at place: Int, in bytes: [UInt8]) -> Int {
        1 + bytes[..<place].reduce(0) { $1 == lineFeed ? $0 + 1 : $0 }
    }

    private static func fromWindows1252(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                text.append(byte)
            } else {
                let value = byte < 0xA0 ? windows1252[Int(byte) - 0x80] : UInt32(byte)
                append(Unicode.Scalar(value) ?? "\u{FFFD}", to: &text)
            }
        }
        return text
    }

    /// What the bytes from 0x80 to 0x9F mean; five of them mean nothing.
    private static let windows1252: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039,
        0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178,
    ]

    /// The byte order is told by the mark, or else by where the zeros of the first letters are.
    private static func fromUTF16(_ bytes: [UInt8]) -> Result<ArraySlice<UInt8>, BadBytes> {
        guard bytes.count % 2 == 0 else {
            return .failure(BadBytes(1, "not UTF-16: an odd number of bytes"))
        }
        let isBig: Bool
        var place = 0
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            isBig = bytes[0] == 0xFE
            place = 2
        } else {
            isBig = bytes.first == 0
        }
        func unit(_ place: Int) -> UInt32 {
            let (first, second) = (UInt32(bytes[place]), UInt32(bytes[place + 1]))
            return isBig ? first << 8 | second : second << 8 | first
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        while place < bytes.count {
            var value = unit(place)
            place += 2
            if 0xD800...0xDBFF ~= value, place < bytes.count, 0xDC00...0xDFFF ~= unit(place) {
                value = 0x10000 + (value - 0xD800) << 10 + (unit(place) - 0xDC00)
                place += 2
            }
            guard let scalar = Unicode.Scalar(value), value != 0 else {
                return .failure(
                    BadBytes(line(at: text.count, in: text), "not UTF-16; leave out --encoding"))
            }
            append(scalar, to: &text)
        }
        return .success(text[...])
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        if scalar.isASCII {
            text.append(UInt8(truncatingIfNeeded: scalar.value))
        } else {
            text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
