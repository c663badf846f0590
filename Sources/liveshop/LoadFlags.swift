// The options of `liveshop load` that say how big the load is and what buyers are like.

import ArgumentParser
import LiveShopClient
import LiveShopLoadTest

struct LoadFlags: ParsableArguments {
    @Option(help: ArgumentHelp("How many buyers, each with a connection.", valueName: "n"))
    var viewers: Int?

    @Option(
        help: ArgumentHelp(
            "A SKU to claim, may be repeated (default: the first available of what is pinned).",
            valueName: "sku"))
    var sku: [String] = []

    @Flag(help: "flash-sale: claims --sku as soon as all have joined, pinned or not.")
    var unpinned = false

    @Option(
        help: ArgumentHelp(
            "Requests per second of what the scenario is about.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("Chat messages per second of all together.", valueName: "n"))
    var chatRate: Double?

    @Option(help: ArgumentHelp("The part of the viewers who chat (0 to 1).", valueName: "share"))
    var chatShare = 1.0

    @Option(help: ArgumentHelp("Claims per second of all together.", valueName: "n"))
    var claimRate: Double?

    @Option(
        help: ArgumentHelp(
            "Connections per second that break and come back.", valueName: "n"))
    var churnRate: Double?

    @Option(
        name: .customLong("inflight"),
        help: ArgumentHelp("Unanswered requests per buyer in a closed loop.", valueName: "n"))
    var inFlight: Int?

    @Option(help: ArgumentHelp("What the scenario claims sends: claim or ping.", valueName: "kind"))
    var kind = "claim"

    @Option(
        help: ArgumentHelp(
            "How long it lasts; flash-sale: stays this long after the claims.",
            valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("Units per claim.", valueName: "n"))
    var quantity = 1

    @Option(help: ArgumentHelp("How often each claim is sent with the same key.", valueName: "n"))
    var sends = 1

    @Option(help: ArgumentHelp("Repeats a run: names, keys, chances.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Opens the connections over this time.", valueName: "seconds"))
    var ramp = 0.0

    @Option(
        help: ArgumentHelp(
            "Handshakes of a thread that may be under way at once.", valueName: "n"))
    var opening = 512

    @Option(
        help: ArgumentHelp(
            "Loopback source addresses (127.0.0.2 …); each has about 20,000 ports.",
            valueName: "n"))
    var sources: Int?

    @Option(help: ArgumentHelp("Threads that share the connections.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Gives up after this long without progress.", valueName: "seconds"))
    var timeout = 60.0

    @Flag(help: "Connections that break by themselves are reopened and no failure.")
    var reconnect = false

    @Flag(help: "Others may buy the same stock: the sums are checked as limits only.")
    var shared = false

    @Option(
        help: ArgumentHelp(
            "A code with which all requests of a kind may be refused, such as sold_out; may be "
                + "repeated.",
            valueName: "code"))
    var expect: [String] = []

    @Option(help: ArgumentHelp("Of the holders, how many order (0 to 1).", valueName: "share"))
    var orderShare: Double?

    @Option(help: ArgumentHelp("Of those who order, how many pay (0 to 1).", valueName: "share"))
    var payShare: Double?

    @Option(help: ArgumentHelp("Of waitlist offers, how many are accepted.", valueName: "share"))
    var acceptShare: Double?

    @Option(
        help: ArgumentHelp("The longest pause before a buyer's next step.", valueName: "seconds"))
    var think: Double?

    func validate() throws {
        try within("viewers", viewers, 1...LoadOptions.viewersMax)
        try within("threads", threads, 1...LoadOptions.threadsMax)
        try within("sends", sends, 1...LoadOptions.sendsMax)
        try within("inflight", inFlight, 1...1_000)
        try within("opening", opening, 1...10_000)
        try within("quantity", quantity, 1...999)
        try within("sources", sources, 1...250)
        try within("ramp", ramp, 0...86_400)
        try within("duration", duration, 0...86_400)
        try within("timeout", timeout, 1...86_400)
        try within("think", think, 0...3_600)
        for (name, rate) in [
            ("rate", rate), ("chat-rate", chatRate), ("claim-rate", claimRate),
            ("churn-rate", churnRate),
        ] {
            try within(name, rate, 0...LoadOptions.rateMax)
        }
        for (name, share) in [
            ("chat-share", chatShare), ("order-share", orderShare), ("pay-share", payShare),
            ("accept-share", acceptShare),
        ] {
            try within(name, share, 0...1)
        }
        guard LoadOptions.Kind(rawValue: kind) != nil else {
            throw ValidationError("--kind is claim or ping, not '\(printable(kind, limit: 40))'")
        }
        if unpinned, sku.isEmpty { throw ValidationError("--unpinned needs --sku SKU") }
    }

    private func within<Number: Comparable>(
        _ option: String, _ value: Number?, _ range: ClosedRange<Number>
    ) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError(
            "--\(option) must be \(range.lowerBound) to \(range.upperBound), not \(value)")
    }

    /// What is not given is taken from the scenario file, if there is one.
    func fill(_ options: inout LoadOptions, _ file: ScenarioFile?) {
        options.skus = sku
        options.claimsUnpinned = unpinned
        options.seed = seed
        options.rampSeconds = ramp
        options.openingMax = opening
        options.sources = sources
        options.threads = min(threads, options.viewers)
        options.quantity = quantity
        options.sends = sends
        options.inFlight = inFlight
        options.rate = rate
        options.chatRate = chatRate
        options.chatShare = chatShare
        options.claimRate = claimRate
        options.churnRate = churnRate
        options.kind = LoadOptions.Kind(rawValue: kind) ?? .claim
        options.durationSeconds = duration
        options.timeoutSeconds = timeout
        options.reconnects = reconnect
        options.isShared = shared
        options.expectedRefusals = Set(expect)
        options.orderShare = orderShare ?? file?.orderShare ?? 0
        options.payShare = payShare ?? file?.payShare ?? 0
        options.acceptShare = acceptShare ?? file?.acceptShare ?? 0
        options.thinkSeconds = think ?? file?.thinkSeconds ?? 0.5
    }
}
