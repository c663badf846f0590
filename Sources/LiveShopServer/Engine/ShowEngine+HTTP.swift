// The public pages of the HTTP interface that need the state of shows.

import Inventory
import LiveSession
import WireProtocol

extension ShowEngine {
    mutating func respond(to request: HTTPRequest) -> HTTPResponse {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard request.method == .get || request.method == .head else {
            return Self.error(405, .badRequest, "only GET is answered here", allow: "GET, HEAD")
        }
        switch parts {
        case ["healthz"]: return Self.json(200, #"{"status":"ok"}"#)
        case ["readyz"]:
            return isStorageFailing
                ? Self.error(503, .storageUnavailable, "nothing can be stored at the moment")
                : Self.json(200, #"{"status":"ready"}"#)
        case ["v1", "shows"]: return list()
        default:
            guard parts.count == 3, parts.starts(with: ["v1", "shows"]) else {
                return Self.error(404, .notFound, "no such page")
            }
            return one(String(parts[parts.endIndex - 1]))
        }
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

    private mutating func one(_ id: String) -> HTTPResponse {
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
            WireMapping.writeList("sockets", environment.sockets(), to: &json)
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
                ("Cache-Control", "no-store"), ("Access-Control-Allow-Origin", "*"),
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
