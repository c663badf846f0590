// Text of strangers on its way to a terminal. Everything a client prints that came from the network or
// the command line goes through here.

/// `text` with every control character, bidirectional override and line separator replaced by U+FFFD,
/// so that it can neither move the cursor nor break the line, cut to `limit` characters with "…".
public func printable(_ text: some StringProtocol, limit: Int = 2_000) -> String {
    var clean = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return clean + "…" }
        clean.unicodeScalars.append(isUnsafeToPrint(scalar) ? "\u{FFFD}" : scalar)
        count += 1
    }
    return clean
}

private func isUnsafeToPrint(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    case 0xE0000...0xE007F: true
    default: false
    }
}
