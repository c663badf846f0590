// Reads the header of a request out of libwebsockets, which has parsed and percent-decoded it. Valid
// only inside callbacks that still have the header: upgrade confirmation, establishment, HTTP.

internal import CLibwebsockets
internal import WireProtocol

struct RequestHeaders {
    let wsi: OpaquePointer

    func text(_ token: lws_token_indexes) -> String? {
        let length = Int(lws_hdr_total_length(wsi, token))
        guard length > 0 else { return nil }
        return String(unsafeUninitializedCapacity: length + 1) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                max(0, Int(lws_hdr_copy(wsi, characters.baseAddress, Int32(length + 1), token)))
            }
        }
    }

    /// A header that libwebsockets has no number for; `name` in lower case, without colon.
    func custom(_ name: String) -> String? {
        let length = Int(lws_hdr_custom_length(wsi, name + ":", Int32(name.utf8.count + 1)))
        guard length > 0 else { return nil }
        return String(unsafeUninitializedCapacity: length + 1) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                max(
                    0,
                    Int(
                        lws_hdr_custom_copy(
                            wsi, characters.baseAddress, Int32(length + 1), name + ":",
                            Int32(name.utf8.count + 1))))
            }
        }
    }

    /// `field` is the name in lower case and a colon.
    private func hasCustom(_ field: StaticString) -> Bool {
        field.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                lws_hdr_custom_length(wsi, characters.baseAddress, Int32(characters.count)) >= 0
            }
        }
    }

    private func has(_ token: lws_token_indexes) -> Bool { lws_hdr_total_length(wsi, token) > 0 }

    /// The method and the decoded path.
    var target: (method: String, path: String) {
        for (token, method) in Self.methods {
            if let path = text(token) { return (method, path) }
        }
        return ("", "")
    }

    private static let methods: [(lws_token_indexes, String)] = [
        (WSI_TOKEN_GET_URI, "GET"), (WSI_TOKEN_POST_URI, "POST"), (WSI_TOKEN_HEAD_URI, "HEAD"),
        (WSI_TOKEN_PUT_URI, "PUT"), (WSI_TOKEN_PATCH_URI, "PATCH"),
        (WSI_TOKEN_DELETE_URI, "DELETE"), (WSI_TOKEN_OPTIONS_URI, "OPTIONS"),
    ]

    /// What decides about admission. Whether the request was forwarded takes a dozen lookups and is
    /// only asked in development mode.
    func head(asksForwarding: Bool) -> RequestHead {
        let (method, path) = target
        return RequestHead(
            method: method, path: path, isHTTP11: text(WSI_TOKEN_HTTP) == "HTTP/1.1",
            host: text(WSI_TOKEN_HOST), origin: text(WSI_TOKEN_ORIGIN),
            isForwarded: asksForwarding && isForwarded,
            upgrade: text(WSI_TOKEN_UPGRADE), connection: text(WSI_TOKEN_CONNECTION),
            version: text(WSI_TOKEN_VERSION), key: text(WSI_TOKEN_KEY),
            subprotocols: text(WSI_TOKEN_PROTOCOL))
    }

    private var isForwarded: Bool {
        has(WSI_TOKEN_X_FORWARDED_FOR) || has(WSI_TOKEN_HTTP_X_REAL_IP) || has(WSI_TOKEN_HTTP_VIA)
            || Self.forwardingFields.contains(where: hasCustom)
    }

    private static let forwardingFields: [StaticString] = [
        "forwarded:", "x-forwarded-host:", "x-forwarded-proto:", "x-forwarded-port:",
        "x-forwarded-server:", "x-forwarded-scheme:", "x-forwarded-ssl:", "x-forwarded-prefix:",
        "x-forwarded-by:", "x-forwarded-protocol:", "x-forwarded-uri:", "x-forwarded-path:",
    ]

    /// The query, percent-encoded again: libwebsockets hands out its parts decoded.
    var query: String {
        var parts: [String] = []
        var index: Int32 = 0
        while true {
            let length = Int(lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, index))
            guard length > 0 else { break }
            let part = [UInt8](unsafeUninitializedCapacity: length + 1) { buffer, count in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    count = max(
                        0,
                        Int(
                            lws_hdr_copy_fragment(
                                wsi, characters.baseAddress, Int32(length + 1),
                                WSI_TOKEN_HTTP_URI_ARGS, index)))
                }
            }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = Self.encode(part[..<equals], keeping: [])
            parts.append(
                equals == part.endIndex
                    ? name : name + "=" + Self.encode(part[(equals + 1)...], keeping: []))
            index += 1
        }
        return parts.joined(separator: "&")
    }

    static func encode(_ bytes: some Sequence<UInt8>, keeping kept: Set<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                if kept.contains(byte) {
                    text.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    let hex = String(byte, radix: 16, uppercase: true)
                    text += "%" + (hex.count == 1 ? "0" + hex : hex)
                }
            }
        }
        return text
    }

    /// All header fields that libwebsockets knows, and those in `custom` that are there.
    func fields(custom names: [String]) -> [String: String] {
        var fields: [String: String] = [:]
        for index in 0..<WSI_TOKEN_COUNT.rawValue {
            let token = lws_token_indexes(rawValue: index)
            guard let name = lws_token_to_string(token) else { continue }
            let field = String(cString: name)
            guard field.hasSuffix(":"), !field.hasPrefix(":"), let value = text(token) else {
                continue
            }
            fields[String(field.dropLast())] = value
        }
        for name in names where fields[name] == nil {
            if let value = custom(name) { fields[name] = value }
        }
        return fields
    }
}
