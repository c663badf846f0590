// What a line of a host means, as one text: for the tests of the verbs.

@testable import LiveShopConsole

private func context(_ currency: String = "EUR") -> ShowContext {
    var context = ShowContext(show: "spring")
    let products = [("p1", "A"), ("p2", "B")].map { id, sku in
        #"{"id":"\#(id)","variants":[{"sku":"\#(sku)"}]}"#
    }
    let show = #"{"currency":"\#(currency)"}"#
    context.take(
        hello: Array(
            #"{"snapshot":{"show":\#(show),"products":[\#(products.joined(separator: ","))]}}"#.utf8
        ))
    return context
}

/// "type data", or what else the verb is.
func meaning(_ line: String, _ currency: String = "EUR") throws(VerbError) -> String {
    switch try VerbParser.parse(line, in: context(currency))?.deed {
    case nil: return "nothing"
    case .request(let request):
        return "\(request.type) \(String(decoding: request.data(key: "k"), as: UTF8.self))"
    case .setStock(let sku, let onHand, let expected):
        return "set \(sku) to \(onHand) from \(expected.map(String.init) ?? "nil")"
    case .measure(let measure):
        return measure.requests(participant: "<\(measure.who)>").map {
            "\($0.type) \(String(decoding: $0.data(key: "k"), as: UTF8.self))"
        }.joined(separator: " ")
    case .room: return "room"
    case .watch(let level): return "watch \(level)"
    case .run(let path): return "run \(path)"
    case .wait(let seconds): return "wait \(seconds)"
    case .waitFor(let fact): return "for \(fact.type) \(fact.sku ?? "-") \(fact.seconds)"
    case .help(let name): return "help \(name ?? "")"
    case .quit: return "quit"
    }
}
