// Network addresses as values: the key by which connections are counted, and ranges (CIDR) for the
// proxies that are believed, with what those say of their clients. Pure apart from inet_pton.

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

    /// As proxies write it into `X-Forwarded-For`: with or without a port, an IPv6 address with or without
    /// brackets and a zone, the whole with or without quotes (some write what `Forwarded` asks for).
    init?(forwarded text: Substring) {
        var text = Substring(text.trimmingSpaces)
        if text.count >= 2, text.first == "\"", text.last == "\"" {
            text = Substring(text.dropFirst().dropLast().trimmingSpaces)
        }
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { return nil }
            if !rest.isEmpty { port = rest.dropFirst() }
            text = text[text.index(after: text.startIndex)..<end]
            guard text.contains(":") else { return nil }
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            port = text[text.index(after: colon)...]
            text = text[..<colon]
        }
        if let port {
            guard (1...5).contains(port.utf8.count),
                port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
                Int(port) ?? .max <= 65_535
            else { return nil }
        }
        if let zone = text.firstIndex(of: "%"), text.contains(":") { text = text[..<zone] }
        guard text.first != "[" else { return nil }
        self.init(String(text))
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

    /// Of no use outside a machine or a local network: loopback, private, link-local, unspecified,
    /// carriers' shared addresses.
    var isInternal: Bool {
        if isLoopback || bytes.allSatisfy({ $0 == 0 }) { return true }
        if bytes.count == 16 {
            return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] >> 6 == 2
        }
        return switch (bytes[0], bytes[1]) {
        case (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): true
        default: false
        }
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

    /// The client of a request: the peer, or, when the peer is a trusted proxy, the last address of
    /// `X-Forwarded-For` that is not one. Anybody can have written what stands in front of that. An
    /// element that is no address ends the search, too: the proxy that wrote it is the client then,
    /// for what stands before it may be the client's own invention.
    func client(behind peer: NetworkAddress, forwardedFor: String?) -> NetworkAddress {
        guard contains(peer), let forwardedFor else { return peer }
        var client = peer
        for hop in forwardedFor.split(separator: ",").reversed() {
            if hop.trimmingSpaces.isEmpty { continue }
            guard let address = NetworkAddress(forwarded: hop) else { return client }
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
