// One verb of the host's console: how it is written, explained and completed, and the function that reads
// it. The rows stand in the folders of their subjects; VerbTable puts them together.

import LiveShopClient

/// Reads the words after a verb.
typealias VerbReader =
    @Sendable (VerbArguments, ShowContext) throws(VerbError) -> Verb.Deed

struct VerbRow: Sendable {
    /// The least role of which the server takes what the verb sends.
    enum Role: Sendable {
        case viewer, moderator, host
        /// The verb is the console's own and sends nothing.
        case nobody
    }

    /// What may stand at a place after the verb, for completion.
    struct Hint: Sendable {
        let candidates: @Sendable (ShowContext) -> [String]
    }

    let name: String
    /// "pin SKU [60s]".
    let form: String
    let about: String
    let examples: [String]
    let from: Role
    /// How many words may follow.
    let words: ClosedRange<Int>
    /// The last place takes the rest of the line as it was typed, open quotes included.
    let takesText: Bool
    /// By place.
    let hints: [Hint]
    /// The last hint goes for all words after it.
    let repeatsHint: Bool
    /// What to ask before it is carried out; nil when the verb needs no second thought.
    let question: (@Sendable (VerbArguments) -> String)?
    let read: VerbReader

    init(
        _ name: String, _ form: String, _ about: String, examples: [String] = [], from: Role,
        words: ClosedRange<Int> = 0...0, takesText: Bool = false, hints: [Hint] = [],
        repeatsHint: Bool = false, question: (@Sendable (VerbArguments) -> String)? = nil,
        read: @escaping VerbReader
    ) {
        self.name = name
        self.form = form
        self.about = about
        self.examples = examples
        self.from = from
        self.words = words
        self.takesText = takesText
        self.hints = hints
        self.repeatsHint = repeatsHint
        self.question = question
        self.read = read
    }

    /// The hint for the word at a place after the verb.
    func hint(at index: Int) -> Hint? {
        if hints.indices.contains(index) { return hints[index] }
        return repeatsHint ? hints.last : nil
    }
}

extension VerbRow.Hint {
    /// Nothing that could be known.
    static let free = VerbRow.Hint { _ in [] }
    static let sku = VerbRow.Hint { $0.view.catalogue.productOfSKU.keys.map(shown) }
    static let product = VerbRow.Hint {
        let catalogue = $0.view.catalogue
        return catalogue.productOfSKU.keys.map(shown) + catalogue.products.keys.map(shown)
    }
    static let person = VerbRow.Hint { $0.people.names.values.map(shown) }

    static func oneOf(_ words: [String]) -> VerbRow.Hint { VerbRow.Hint { _ in words } }

    func or(_ other: VerbRow.Hint) -> VerbRow.Hint {
        VerbRow.Hint { candidates($0) + other.candidates($0) }
    }

    /// What strangers wrote, fit for the line.
    static func shown(_ word: String) -> String { printable(word, limit: 128) }
}
