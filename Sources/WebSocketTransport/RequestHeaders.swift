// Reads the header of a request out of libwebsockets, which has parsed and percent-decoded it: on TLS
// sockets, whose bytes only it can read. Valid only inside callbacks that still have the header: upgrade
// confirmation, establishment, HTTP.

internal import CLibwebsockets
internal import WireProtocol

struct RequestHeaders {
    let wsi: OpaquePointer

    /// Without blanks around.
    func text(_ token: lws_token_indexes) -> String? {
        let length = Int(lws_hdr_total_length(wsi, token))
        guard length > 0 else { return nil }
        let text = String(unsafeUninitializedCapacity: length + 1) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                max(0, Int(lws_hdr_copy(wsi, characters.baseAddress, Int32(length + 1), token)))
            }
        }
        return Substring(text).trimmingSpaces
    }

    /// A header that libwebsockets has no number for; `name` in lower case, without colon.
    func custom(_ name: String) -> String? {
        let length = Int(lws_hdr_custom_length(wsi, name + ":", Int32(name.utf8.count + 1)))
        guard length > 0 else { return nil }
        let text = String(unsafeUninitializedCapacity: length + 1) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                max(
                    0,
                    Int(
                        lws_hdr_custom_copy(
                            wsi, characters.baseAddress, Int32(length + 1), name + ":",
                            Int32(name.utf8.count + 1))))
            }
        }
        return Substring(text).trimmingSpaces
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

    /// The path, percent-encoded again.
    var encodedPath: String {
        var written: [UInt8] = []
        for byte in target.path.utf8 {
            PercentEncoding.append(
                byte, keeping: [UInt8(ascii: "/")] + PercentEncoding.pathCharacters, to: &written)
        }
        return String(decoding: written, as: UTF8.self)
    }

    /// What decides about admission.
    var head: RequestHead {
        let (method, path) = target
        let length = text(WSI_TOKEN_HTTP_CONTENT_LENGTH)
        return RequestHead(
            method: method, path: path, isHTTP11: text(WSI_TOKEN_HTTP) == "HTTP/1.1",
            host: text(WSI_TOKEN_HOST), origin: text(WSI_TOKEN_ORIGIN), isForwarded: isForwarded,
            namesClient: has(WSI_TOKEN_X_FORWARDED_FOR) || has(WSI_TOKEN_HTTP_X_REAL_IP)
                || hasCustom("forwarded:"),
            forwardedFor: text(WSI_TOKEN_X_FORWARDED_FOR),
            forwardedHost: custom("x-forwarded-host"), forwardedProto: custom("x-forwarded-proto"),
            hasBody: has(WSI_TOKEN_HTTP_TRANSFER_ENCODING) || (length ?? "0") != "0",
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
            var isInValue = false
            var written: [UInt8] = []
            for byte in part {
                if byte == UInt8(ascii: "="), !isInValue {
                    isInValue = true
                    written.append(byte)
                } else {
                    PercentEncoding.append(byte, keeping: [], to: &written)
                }
            }
            parts.append(String(decoding: written, as: UTF8.self))
            index += 1
        }
        return parts.joined(separator: "&")
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
