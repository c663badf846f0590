// The public pages of the HTTP interface that need the state of shows.

import Inventory
import LiveSession
import WireProtocol

/// What there is to read.
private enum Page {
    case health
    case readiness
    case shows
    case show(String)

    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        switch parts {
        case ["healthz"]: self = .health
        case ["readyz"]: self = .readiness
        case ["v1", "shows"]: self = .shows
        default:
            guard parts.count == 3, parts.starts(with: ["v1", "shows"]) else { return nil }
            self = .show(String(parts[parts.endIndex - 1]))
        }
    }
}

extension ShowEngine {
    mutating func respond(to request: HTTPRequest) -> HTTPResponse {
        guard let page = Page(path: request.path) else { return Self.noPage }
        guard request.method == .get || request.method == .head else { return Self.onlyGET }
        switch page {
        case .health: return Self.json(200, #"{"status":"ok"}"#)
        case .readiness:
            return isStorageFailing
                ? Self.error(503, .storageUnavailable, "nothing can be stored at the moment")
                : Self.json(200, #"{"status":"ready"}"#)
        case .shows: return Self.readable(list())
        case .show(let id): return Self.readable(one(id, for: request))
        }
    }

    /// The answer to a request that announces a body: nothing here takes one.
    static func refusal(ofBodyIn request: HTTPRequest) -> HTTPResponse {
        guard Page(path: request.path) != nil else { return noPage }
        return request.method == .get || request.method == .head
            ? error(413, .tooLarge, "a \(request.method.rawValue) has no body here") : onlyGET
    }

    private static var noPage: HTTPResponse { error(404, .notFound, "no such page") }

    private static var onlyGET: HTTPResponse {
        error(405, .badRequest, "only GET is answered here", allow: "GET, HEAD")
    }

    /// What pages of any origin may read.
    private static func readable(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.headers.append(("Access-Control-Allow-Origin", "*"))
        return response
    }

    private mutating func list() -> HTTPResponse {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("shows")
        json.beginArray()
        for id in environment.showIDs() {
            guard let room = (try? room(of: id)) ?? nil, !self[show: room].headline.isPrivate
            else { continue }
            json.beginObject()
            WireMapping.writeShowMembers(self[show: room], to: &json)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return Self.json(200, json.bytes)
    }

    private mutating func one(_ id: String, for request: HTTPRequest) -> HTTPResponse {
        do throws(LoadFailure) {
            guard let index = try room(of: id), !self[show: index].headline.isPrivate else {
                return Self.error(404, .notFound, "no such show")
            }
            let show = self[show: index]
            var json = JSONWriter(capacity: 1024)
            json.beginObject()
            WireMapping.writeShowMembers(show, to: &json)
            json.member("products_total", show.productCount)
            json.member("viewers", show.roster.viewers)
            WireMapping.writeList("sockets", environment.sockets(request), to: &json)
            json.endObject()
            return Self.json(200, json.bytes)
        } catch {
            return Self.error(503, .storageUnavailable, "the show cannot be read at the moment")
        }
    }

    private static func json(_ status: Int, _ text: String) -> HTTPResponse {
        json(status, Array(text.utf8))
    }

    private static func json(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("Content-Type", "application/json; charset=utf-8"),
                ("Cache-Control", "no-store"),
            ], body: body)
    }

    private static func error(
        _ status: Int, _ code: ErrorCode, _ message: String, allow: String? = nil
    ) -> HTTPResponse {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.beginObject("error")
        writer.member("code", code.rawValue)
        writer.member("message", message)
        writer.endObject()
        writer.endObject()
        var response = json(status, writer.bytes)
        if let allow { response.headers.append(("Allow", allow)) }
        return response
    }
}
