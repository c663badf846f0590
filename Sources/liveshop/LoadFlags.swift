// The options of `liveshop load` that say how big the load is and what buyers are like.

import ArgumentParser
import LiveShopClient
import LiveShopLoadTest

struct LoadFlags: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many buyers, each with a connection.", valueName: "n"),
        transform: wholeNumber(1...LoadOptions.viewersMax))
    var viewers: Int?

    @Option(
        help: ArgumentHelp(
            "A SKU to claim, may be repeated (default: the first available of what is pinned).",
            valueName: "sku"))
    var sku: [String] = []

    @Flag(help: "flash-sale: claims --sku as soon as all have joined, pinned or not.")
    var unpinned = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Requests per second of what the scenario is about.", valueName: "n"),
        transform: number(0...LoadOptions.rateMax))
    var rate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Chat messages per second of all together.", valueName: "n"),
        transform: number(0...LoadOptions.rateMax))
    var chatRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The part of the viewers who chat (0 to 1, default: 1).", valueName: "share"),
        transform: number(0...1))
    var chatShare = 1.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Claims per second of all together.", valueName: "n"),
        transform: number(0...LoadOptions.rateMax))
    var claimRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Connections per second that break and come back.", valueName: "n"),
        transform: number(0...LoadOptions.rateMax))
    var churnRate: Double?

    @Option(
        name: .customLong("inflight"), parsing: .unconditional,
        help: ArgumentHelp("Unanswered requests per buyer in a closed loop.", valueName: "n"),
        transform: wholeNumber(1...1_000))
    var inFlight: Int?

    @Option(help: ArgumentHelp("What the scenario claims sends: claim or ping.", valueName: "kind"))
    var kind = "claim"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long it lasts; flash-sale: stays this long after the claims.", valueName: "seconds"
        ), transform: number(0...86_400))
    var duration: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Units per claim (default: 1).", valueName: "n"),
        transform: wholeNumber(1...999))
    var quantity = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How often each claim is sent with the same key (default: 1).", valueName: "n"),
        transform: wholeNumber(1...LoadOptions.sendsMax))
    var sends = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Repeats a run: names, keys, chances (default: 1).", valueName: "n"),
        transform: wholeNumber(0...UInt64.max))
    var seed: UInt64 = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Opens the connections over this time (default: as fast as they are accepted).",
            valueName: "seconds"),
        transform: number(0...86_400))
    var ramp = 0.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Handshakes of a thread that may be under way at once (default: 512).", valueName: "n"),
        transform: wholeNumber(1...10_000))
    var opening = 512

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Loopback source addresses (127.0.0.2 …); each has about 20,000 ports.", valueName: "n"),
        transform: wholeNumber(1...250))
    var sources: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads that share the connections (default: 1).", valueName: "n"),
        transform: wholeNumber(1...LoadOptions.threadsMax))
    var threads = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Gives up after this long without progress (default: 60).", valueName: "seconds"),
        transform: number(1...86_400))
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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of the holders, how many order (0 to 1).", valueName: "share"),
        transform: number(0...1))
    var orderShare: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of those who order, how many pay (0 to 1).", valueName: "share"),
        transform: number(0...1))
    var payShare: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of waitlist offers, how many are accepted.", valueName: "share"),
        transform: number(0...1))
    var acceptShare: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The longest pause before a buyer's next step.", valueName: "seconds"),
        transform: number(0...3_600))
    var think: Double?

    func validate() throws {
        guard LoadOptions.Kind(rawValue: kind) != nil else {
            throw ValidationError("--kind is claim or ping, not '\(printable(kind, limit: 40))'")
        }
        if unpinned, sku.isEmpty { throw ValidationError("--unpinned needs --sku SKU") }
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
