// The bytes of an HTTP answer.

internal import WireProtocol

enum HTTPAnswer {
    static func bytes(_ response: HTTPResponse, isHead: Bool) -> [UInt8] {
        let hasBody = response.status != 204 && response.status != 304 && response.status >= 200
        var head = "HTTP/1.1 \(response.status) \(phrase(response.status))\r\n"
        for (name, value) in response.headers where isSafe(name) && isSafe(value) {
            let lowered = name.lowercased()
            if lowered == "content-length" || lowered == "connection" { continue }
            head += "\(name): \(value)\r\n"
        }
        if hasBody { head += "Content-Length: \(response.body.count)\r\n" }
        head += "Connection: close\r\n\r\n"
        var bytes = Array(head.utf8)
        if hasBody, !isHead { bytes += response.body }
        return bytes
    }

    static func bytes(_ refusal: Refusal) -> [UInt8] {
        bytes(response(refusal), isHead: false)
    }

    static func response(_ refusal: Refusal) -> HTTPResponse {
        let code =
            switch refusal.status {
            case 403: "forbidden"
            case 404: "not_found"
            case 413, 431: "too_large"
            case 503: "overloaded"
            default: "bad_request"
            }
        let body = #"{"error":{"code":"\#(code)","message":"\#(refusal.message)"}}"#
        return HTTPResponse(
            status: refusal.status,
            headers: [("Content-Type", "application/json")] + refusal.headers,
            body: Array(body.utf8))
    }

    /// A value with a line break would start a header of its own.
    private static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}
