// What orders say of the things bought, as it was when they were placed. A show sells few things many
// times: each text is kept once.

/// What a line of an order says of its variant, whatever becomes of the product.
public struct LineText: Hashable, Sendable {
    public var title: String

    public init(title: String) { self.title = title }
}

/// The texts of all lines of a show's orders.
struct LineTexts: Sendable {
    private var texts: [LineText] = []
    /// The place of each variant's newest text; -1 when it has none.
    private var newest: [Int32] = []

    subscript(place: Int) -> LineText { texts[place] }

    /// The place of a text of the variant: the one of the order before it, if that says the same.
    mutating func place(of text: LineText, _ variant: VariantID) -> Int {
        while newest.count <= variant.index { newest.append(-1) }
        let known = Int(newest[variant.index])
        if known >= 0, texts[known] == text { return known }
        newest[variant.index] = Int32(texts.count)
        texts.append(text)
        return texts.count - 1
    }
}
