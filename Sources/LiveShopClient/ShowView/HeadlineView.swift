// What a show is called and how far it is.

public import WireProtocol

public struct HeadlineView: Equatable, Sendable {
    public internal(set) var id = ""
    public internal(set) var title = ""
    /// As it was written; a newer server may know others.
    public internal(set) var status = ""
    public internal(set) var currency = Currency.euro
    /// Their names, as of the snapshot.
    public internal(set) var hosts: [String] = []
    /// Milliseconds since 1970, as all times.
    public internal(set) var scheduledAt: Int64?
    public internal(set) var startedAt: Int64?
    public internal(set) var endedAt: Int64?

    mutating func take(snapshot: JSONNode, _ document: JSONDocument) {
        guard let show = document.member(snapshot, "show") else { return }
        id = document.text("id", of: show) ?? id
        title = document.text("title", of: show) ?? title
        status = document.text("status", of: show) ?? status
        currency = document.text("currency", of: show).flatMap(Currency.init) ?? currency
        hosts = document.list("hosts", of: show).compactMap { document.text("name", of: $0) }
        scheduledAt = document.time("scheduled_at", of: show)
        startedAt = document.time("started_at", of: show)
        endedAt = document.time("ended_at", of: show)
    }

    mutating func take(_ fact: ServerFact, _ document: JSONDocument) {
        let time = fact.time.flatMap(RFC3339.milliseconds)
        switch fact.type {
        case "show.started":
            startedAt = startedAt ?? time
            endedAt = nil
        case "show.paused", "show.resumed":
            endedAt = nil
        case "show.ended":
            endedAt = time
        default:
            return
        }
        status = document.text("status", of: fact.data) ?? status
    }
}
