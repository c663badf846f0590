// The scenarios that have a name, as scripts made from the options. Pure.

/// The scenarios that are built in.
public enum ScenarioName: String, CaseIterable, Sendable {
    /// Everybody joins, then all claim the pinned product at the same moment.
    case flashSale = "flash-sale"
    /// Viewers chat at a rate; measured is how long until the others have it.
    case chatStorm = "chat-storm"
    /// An ordinary evening: chat and claims at a rate, a few connections break and come back.
    case steady
    /// All connections are cut at the same moment, come back and resume.
    case reconnectStorm = "reconnect-storm"
    /// Claims (or pings) as fast as they are answered, a fixed number in flight per connection; with a
    /// rate, at that rate.
    case claims

    /// The script of the scenario.
    public func script(_ options: LoadOptions) -> Script {
        var script = Script(
            name: rawValue,
            length: .seconds(options.durationSeconds ?? defaultSeconds))
        let seconds = options.durationSeconds ?? defaultSeconds
        func step(_ deed: Script.Deed, perSecond: Double, share: Double = 1) {
            guard perSecond > 0 else { return }
            script.steps.append(
                Script.Step(
                    share: share, deed: deed, pace: .rate(perSecond: perSecond, seconds: seconds)))
        }
        let claim = Script.Deed.claim(
            Script.ClaimDeed(
                skus: options.skus, quantity: options.quantity, sends: options.sends))
        let chatShare = options.chatShare
        switch self {
        case .flashSale:
            script.length = .untilAnswered(staying: options.durationSeconds ?? 0)
            let claim = Script.ClaimDeed(
                skus: options.skus, waitsForPin: !options.claimsUnpinned,
                quantity: options.quantity, sends: options.sends)
            script.steps = [Script.Step(deed: .claim(claim), pace: .once(over: 0))]
        case .chatStorm:
            step(.chat, perSecond: options.chatRate ?? options.rate ?? 100, share: chatShare)
            step(claim, perSecond: options.claimRate ?? 0)
            step(.cut, perSecond: options.churnRate ?? 0)
        case .steady:
            step(.chat, perSecond: options.chatRate ?? 5, share: chatShare)
            step(claim, perSecond: options.claimRate ?? options.rate ?? 10)
            step(.cut, perSecond: options.churnRate ?? 1)
        case .reconnectStorm:
            step(.chat, perSecond: options.chatRate ?? 10, share: chatShare)
            step(claim, perSecond: options.claimRate ?? options.rate ?? 20)
            script.steps.append(
                Script.Step(at: seconds / 4, deed: .cut, pace: .once(over: 0)))
        case .claims:
            let deed = options.kind == .ping ? .ping : claim
            if let rate = options.claimRate ?? options.rate {
                step(deed, perSecond: rate)
            } else {
                let pace = Script.Pace.inFlight(options.inFlight ?? 1, seconds: seconds)
                script.steps = [Script.Step(deed: deed, pace: pace)]
            }
            step(.chat, perSecond: options.chatRate ?? 0, share: chatShare)
        }
        return script
    }

    private var defaultSeconds: Double { self == .steady ? 30 : 10 }
}
