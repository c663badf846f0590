// Network addresses as values: the key by which connections are counted, and ranges (CIDR) for the
// proxies that are believed. Pure apart from inet_pton.

import Glibc

/// An IPv4 or IPv6 address; IPv4 inside IPv6 (`::ffff:…`) is IPv4.
struct NetworkAddress: Equatable {
    /// 4 or 16 bytes.
    let bytes: [UInt8]

    /// Parses the numeric form; an IPv6 address may stand in brackets, a port is not allowed.
    init?(_ text: String) {
        var text = text
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        var four = in_addr()
        var sixteen = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(ipv4: withUnsafeBytes(of: four) { Array($0) })
        } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
            self.init(ipv6: withUnsafeBytes(of: sixteen) { Array($0) })
        } else {
            return nil
        }
    }

    init(ipv6: [UInt8]) {
        let mapped = ipv6[0..<10].allSatisfy { $0 == 0 } && ipv6[10] == 0xFF && ipv6[11] == 0xFF
        bytes = mapped ? Array(ipv6[12...]) : ipv6
    }

    init(ipv4: [UInt8]) { bytes = ipv4 }

    /// Either kind, as kept.
    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    var isLoopback: Bool {
        bytes.count == 4
            ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// By what connections are counted: the IPv4 address, or the /64 of an IPv6 address.
    var countingKey: UInt64 {
        let prefix = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return bytes.count == 4 ? prefix | 0xFFFF << 32 : prefix
    }

    /// The usual text form.
    var text: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil else { return "?" }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The peer of a connected socket; nil when it is gone.
    init?(peerOf descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        self.init(storage)
    }

    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        let address: NetworkAddress? = withUnsafePointer(to: &storage) { pointer in
            if family == AF_INET {
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    NetworkAddress(ipv4: withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) })
                }
            }
            guard family == AF_INET6 else { return nil }
            return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                NetworkAddress(ipv6: withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) })
            }
        }
        guard let address else { return nil }
        self = address
    }
}

/// All addresses that begin with the same bits.
public struct AddressRange: Sendable, Equatable {
    private let bytes: [UInt8]
    private let bits: Int

    /// `10.0.0.0/8`, `2001:db8::/32`, or a single address; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = NetworkAddress(String(parts[0])) else { return nil }
        bytes = address.bytes
        if parts.count == 1 {
            bits = bytes.count * 8
        } else {
            guard let length = Int(parts[1]), parts[1].allSatisfy(\.isNumber),
                (0...bytes.count * 8).contains(length)
            else { return nil }
            bits = length
        }
    }

    func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        for (index, (own, other)) in zip(bytes, address.bytes).enumerated() {
            let compared = min(8, bits - index * 8)
            if compared <= 0 { return true }
            if (own ^ other) >> (8 - compared) != 0 { return false }
        }
        return true
    }
}

extension AddressRange {
    /// Whether the two have an address in common: one is a part of the other.
    public func overlaps(_ other: AddressRange) -> Bool {
        bits <= other.bits
            ? contains(NetworkAddress(bytes: other.bytes)) : other.overlaps(self)
    }
}

extension [AddressRange] {
    func contains(_ address: NetworkAddress) -> Bool {
        contains { (range: AddressRange) in range.contains(address) }
    }

    /// Who really sent a request: the peer, or, when the peer is a trusted proxy, the last address of
    /// `X-Forwarded-For` that is not one. What a client writes in front of that is never believed.
    func client(behind peer: NetworkAddress, forwardedFor: String?) -> NetworkAddress {
        guard contains(peer), let forwardedFor else { return peer }
        var client = peer
        for hop in forwardedFor.split(separator: ",").reversed() {
            guard let address = NetworkAddress(hop.trimmingSpaces) else { return client }
            client = address
            if !contains(address) { return client }
        }
        return client
    }
}

extension Substring {
    /// Without spaces and tabs around.
    var trimmingSpaces: String {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
