// Every number that bounds something on the wire, in one place; docs/PROTOCOL.md names them. Limits that
// hosts may set per show (chat length, rates) are settings of the show; here are the outer bounds.

public enum WireLimits {
    /// A client message, in bytes; one more closes 1009.
    public static let messageBytes = 16_384
    public static let jsonDepth = 32
    /// The longest name of a request; more is no type.
    public static let typeBytesMax = 64
    /// Names and values in one `room.configure`, those inside of others included.
    public static let settingValues = 1...1000
    /// Input quoted in an error, in characters.
    public static let quotedCharacters = 100

    /// 2^53 − 1: what a double carries exactly.
    public static let integerMax: Int64 = 9_007_199_254_740_991
    public static let requestIDCharacters = 1...64
    public static let keyCharacters = 1...128
    public static let identifierCharacters = 1...128
    public static let showIDBytes = 1...64
    public static let skuCharacters = 1...64
    /// Tokens over 8 KiB are refused by authentication; this is only what fits a message.
    public static let tokenCharacters = 1...16_384
    public static let epochCharacters = 1...64
    /// After cleaning, in code points.
    public static let nameCharacters = 1...40
    public static let attributionCharacters = 0...100

    public static let quantity: ClosedRange<Int64> = 1...999
    /// Money in minor units.
    public static let amount: ClosedRange<Int64> = 0...1_000_000_000_000
    public static let onHand: ClosedRange<Int64> = 0...1_000_000_000
    public static let stockDelta: ClosedRange<Int64> = -1_000_000_000...1_000_000_000
    /// Units one buyer may have; 0 is no limit.
    public static let buyerLimit: ClosedRange<Int64> = 0...999
    public static let holdsPerOrder = 1...1000

    public static let chatCharacters = 1...4000
    public static let noteCharacters = 1...200
    public static let reasonCharacters = 0...200
    public static let couponCharacters = 1...64

    public static let titleCharacters = 1...255
    public static let descriptionCharacters = 0...20_000
    public static let mediaPerProduct = 0...250
    public static let mediaCharacters = 1...2048
    public static let variantsPerProduct = 1...10_000
    public static let variantsPerShow = 10_000
    public static let optionsPerVariant = 0...10
    public static let optionCharacters = 0...255
    public static let queueLength = 0...1000

    public static let flashCountdownSeconds: ClosedRange<Int64> = 0...300
    public static let flashDurationSeconds: ClosedRange<Int64> = 1...1200
    public static let fairWindowMilliseconds: ClosedRange<Int64> = 0...5000
    public static let pinSeconds: ClosedRange<Int64> = 1...86_400
    public static let noteSeconds: ClosedRange<Int64> = 1...86_400
    public static let measureSeconds: ClosedRange<Int64> = 1...1_209_600
    /// Entries of a page of a list.
    public static let listLength: ClosedRange<Int64> = 1...1_000
}
