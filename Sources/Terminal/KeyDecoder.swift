// Bytes from a keyboard → characters for the line editor. Pure. UTF-8 is put together here, and a pasted
// text (bracketed paste) is made harmless: its line ends become blanks, so that nothing of it is carried
// out before somebody presses Enter.

struct KeyDecoder {
    private var bytes: [UInt8] = []
    private var isPasting = false

    private static let pasteStart = Array("\u{1B}[200~".utf8)
    private static let pasteEnd = Array("\u{1B}[201~".utf8)

    /// Whether something is left that more bytes may complete.
    var isWaiting: Bool { !bytes.isEmpty }

    mutating func feed(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next character; nil when there is none yet.
    /// - Parameter isFinal: nothing more comes soon, so an unfinished sequence is taken as it stands.
    mutating func next(isFinal: Bool) -> Unicode.Scalar? {
        while let first = bytes.first {
            if first == 0x1B {
                let mark = isPasting ? KeyDecoder.pasteEnd : KeyDecoder.pasteStart
                if bytes.starts(with: mark) {
                    bytes.removeFirst(mark.count)
                    isPasting.toggle()
                    continue
                }
                if mark.starts(with: bytes), !isFinal { return nil }
            }
            guard let scalar = takeScalar(isFinal: isFinal) else { return nil }
            if let key = isPasting ? pasted(scalar) : scalar { return key }
        }
        return nil
    }

    private func pasted(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x85, 0x2028, 0x2029: " "
        case 0..<0x20, 0x7F..<0xA0: nil
        default: scalar
        }
    }

    /// Takes one scalar off the front; a byte that is not UTF-8 becomes U+FFFD.
    private mutating func takeScalar(isFinal: Bool) -> Unicode.Scalar? {
        let length = KeyDecoder.length(of: bytes[0])
        guard bytes.count >= length else {
            let isPromising = bytes.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
            if isPromising, !isFinal { return nil }
            bytes.removeFirst()
            return "\u{FFFD}"
        }
        guard let text = String(validating: bytes.prefix(length), as: UTF8.self),
            let scalar = text.unicodeScalars.first
        else {
            bytes.removeFirst()
            return "\u{FFFD}"
        }
        bytes.removeFirst(length)
        return scalar
    }

    private static func length(of first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}
