// Where somebody comes from, as far as limits and bans go: an IPv4 address counts for itself, an IPv6
// address for its /64, since a household has 2⁶⁴ of those.

/// The address by which people are counted.
public struct AddressKey: Hashable, Sendable, CustomStringConvertible {
    /// The upper half of the IPv6 address; an IPv4 address as `0000:0000:0000:ffff` reads it: its four
    /// bytes below, 0xFFFF above them.
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Of everybody whose address cannot be read.
    public static let unknown = AddressKey(rawValue: .max)

    private static let mark: UInt64 = 0xFFFF << 32

    public var isIPv4: Bool { rawValue >> 32 == 0xFFFF }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        isIPv4 ? rawValue >> 24 & 0xFF == 127 : rawValue == 0
    }

    /// Reads an IPv4 address, an IPv6 address in any of its forms, or what `description` gives.
    public init?(_ text: String) {
        var text = Substring(text)
        if text.hasSuffix("/64") { text = text.dropLast(3) }
        if let bytes = Self.ipv4(text) {
            self.init(rawValue: Self.mark | bytes)
            return
        }
        guard let groups = Self.ipv6(text) else { return nil }
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            self.init(rawValue: Self.mark | groups[6] << 16 | groups[7])
        } else {
            self.init(rawValue: groups[0..<4].reduce(0) { $0 << 16 | $1 })
        }
    }

    public var description: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(rawValue >> $0 & 0xFF) }.joined(separator: ".")
        }
        return [48, 32, 16, 0].map { String(rawValue >> $0 & 0xFFFF, radix: 16) }
            .joined(separator: ":") + "::/64"
    }

    private static func ipv4(_ text: Substring) -> UInt64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: UInt64 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), let byte = UInt8(part) else { return nil }
            bytes = bytes << 8 | UInt64(byte)
        }
        return bytes
    }

    /// The eight groups of an IPv6 address.
    private static func ipv6(_ text: Substring) -> [UInt64]? {
        let text = text.split(separator: "%").first ?? text
        var sides: [[UInt64]] = [[]]
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        if parts[0].isEmpty { parts.removeFirst() }
        if parts.last?.isEmpty == true { parts.removeLast() }
        for part in parts {
            if part.isEmpty {
                sides.append([])
            } else if let four = ipv4(part) {
                sides[sides.count - 1] += [four >> 16, four & 0xFFFF]
            } else {
                guard part.utf8.count <= 4, let group = UInt64(part, radix: 16) else { return nil }
                sides[sides.count - 1].append(group)
            }
        }
        let known = sides.reduce(0) { $0 + $1.count }
        if sides.count == 1 { return known == 8 ? sides[0] : nil }
        guard sides.count == 2, known < 8 else { return nil }
        return sides[0] + Array(repeating: 0, count: 8 - known) + sides[1]
    }
}
