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
        case .shows: return Self.readable(list(request))
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

    /// The shows that are not private, a page at a time. Reads none of them: what is over and not loaded
    /// is listed as its row tells of it.
    private mutating func list(_ request: HTTPRequest) -> HTTPResponse {
        guard let page = ListPage(query: request.query) else {
            return Self.error(
                400, .badRequest, "limit must be an integer from 1 to 1000, after the id of a show")
        }
        do throws(LoadFailure) {
            try directory.read(environment)
        } catch {
            return Self.error(503, .storageUnavailable, "the shows cannot be read at the moment")
        }
        let all = directory.listings
        var place = 0
        if let after = page.after {
            guard let before = directory.place(of: after), !isPrivate(all[before]) else {
                return Self.error(400, .badRequest, "after must be the id of a show in the list")
            }
            place = before + 1
        }
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.key("shows")
        json.beginArray()
        var (listed, last) = (0, "")
        while place < all.count, listed < page.limit {
            let listing = all[place]
            place += 1
            if isPrivate(listing) { continue }
            json.beginObject()
            write(listing, to: &json)
            json.endObject()
            listed += 1
            last = listing.headline.id
        }
        json.endArray()
        json.key("next")
        if all[place...].contains(where: { !isPrivate($0) }) {
            json.string(last)
        } else {
            json.null()
        }
        json.endObject()
        return Self.json(200, json.bytes)
    }

    private func isPrivate(_ listing: ShowListing) -> Bool {
        loadedRoom(of: listing.headline.id).map { self[show: $0].headline.isPrivate }
            ?? listing.headline.isPrivate
    }

    private func write(_ listing: ShowListing, to json: inout JSONWriter) {
        guard let room = loadedRoom(of: listing.headline.id) else {
            return WireMapping.writeMembers(listing, to: &json)
        }
        WireMapping.writeShowMembers(self[show: room], to: &json)
    }

    private mutating func one(_ id: String, for request: HTTPRequest) -> HTTPResponse {
        do throws(LoadFailure) {
            guard let (listing, viewers) = try known(id), !listing.headline.isPrivate else {
                return Self.error(404, .notFound, "no such show")
            }
            var json = JSONWriter(capacity: 1024)
            json.beginObject()
            WireMapping.writeMembers(listing, to: &json)
            json.member("products_total", listing.productCount ?? 0)
            json.member("viewers", viewers)
            WireMapping.writeList("sockets", environment.sockets(request), to: &json)
            json.endObject()
            return Self.json(200, json.bytes)
        } catch {
            return Self.error(503, .storageUnavailable, "the show cannot be read at the moment")
        }
    }

    /// What there is to tell of a show; nil when there is none. One that is over is not loaded for it,
    /// unless a program wrote its row that did not keep enough.
    private mutating func known(
        _ id: String
    ) throws(LoadFailure) -> (listing: ShowListing, viewers: Int)? {
        if loadedRoom(of: id) == nil {
            try directory.read(environment)
            guard let place = directory.place(of: id) else { return nil }
            let listing = directory.listings[place]
            if listing.productCount != nil || listing.headline.isPrivate { return (listing, 0) }
        }
        guard let index = try room(of: id) else { return nil }
        let listing = self[show: index].listing
        directory.keep(listing)
        return (listing, self[show: index].roster.viewers)
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

extension ListPage {
    /// From the query of a page; nil when it has another form. Other names are ignored.
    fileprivate init?(query: String) {
        self.init()
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            switch pair.first {
            case "limit":
                guard pair.count == 2, let limit = Int64(pair[1]),
                    WireLimits.listLength.contains(limit)
                else { return nil }
                self.limit = Int(limit)
            case "after":
                guard pair.count == 2, ClientText.isShowID(pair[1]) else { return nil }
                after = pair[1]
            default: break
            }
        }
    }
}
