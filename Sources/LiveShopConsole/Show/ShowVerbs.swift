// The verbs for the life of a show.

enum ShowVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "start", "start", "begins the show, or revives one that has just ended", from: .host,
            read: { _, _ in .request(ConsoleRequest("show.start")) }),
        VerbRow(
            "pause", "pause", "pauses sales; chat goes on", from: .host,
            read: { _, _ in .request(ConsoleRequest("show.pause")) }),
        VerbRow(
            "resume", "resume", "goes on after a pause", from: .host,
            read: { _, _ in .request(ConsoleRequest("show.resume")) }),
        VerbRow(
            "end", "end", "ends the show; waiting buyers are still served", from: .host,
            question: { _ in "end the show?" },
            read: { _, _ in .request(ConsoleRequest("show.end")) }),
    ]
}
