// One HTTP request and its answer on one connection, which is closed afterwards: libwebsockets 4.1.6
// must not see a second request (CVE-2025-11677). Once the request is complete the library only holds
// the socket; reading stops, and this loop's own watchers write the answer and await the peer's end.

internal import CLibwebsockets
internal import WireProtocol

final class HTTPExchange {
    enum Phase {
        /// The body is arriving.
        case receiving
        /// The owner has the request.
        case waiting
        case writing
        /// All is written and our side shut; what the peer still sends is thrown away.
        case lingering
        case gone
    }

    let wsi: OpaquePointer
    let descriptor: Int32
    let id: ConnectionID
    var phase = Phase.receiving
    var request: HTTPRequest
    let isHead: Bool
    /// When to give up, in monotonic milliseconds.
    var deadline: Int64

    var answer: [UInt8] = []
    var written = 0
    /// The watcher of the answer and of the end, while one is needed.
    var watcher: UnsafeMutablePointer<ev_io>?

    init(
        wsi: OpaquePointer, descriptor: Int32, id: ConnectionID, request: HTTPRequest,
        isHead: Bool, deadline: Int64
    ) {
        self.wsi = wsi
        self.descriptor = descriptor
        self.id = id
        self.request = request
        self.isHead = isHead
        self.deadline = deadline
    }
}

/// The text of an answer.
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
            case 413: "too_large"
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
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Status"
        }
    }
}
