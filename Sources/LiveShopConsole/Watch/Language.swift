// The languages of `watch`: which there are, how they count, and where their texts stand. Pure.

public enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case finnish = "fi"
    case greek = "el"
    case polish = "pl"
    case dutch = "nl"
    case swedish = "sv"

    /// The language of a locale's name such as `pl_PL.UTF-8`; nil for one that is not spoken here.
    public init?(locale: String) {
        self.init(rawValue: String(locale.prefix { $0 != "_" && $0 != "." && $0 != "@" }))
    }

    /// The forms that a number can ask for, in the order in which texts give them.
    enum PluralForm: Int {
        case one, few, other
    }

    /// The form that a whole number takes (Unicode CLDR, plural rules, cardinals). Texts give one|other,
    /// in Polish one|few|many.
    func pluralForm(_ number: Int64) -> PluralForm {
        if number == 1 { return .one }
        guard self == .polish else { return .other }
        let (ones, tens) = (number.magnitude % 10, number.magnitude % 100)
        return (2...4).contains(ones) && !(12...14).contains(tens) ? .few : .other
    }

    func text(_ phrase: Phrase) -> String {
        switch self {
        case .english: Language.english(phrase)
        case .finnish: Language.finnish(phrase)
        case .greek: Language.greek(phrase)
        case .polish: Language.polish(phrase)
        case .dutch: Language.dutch(phrase)
        case .swedish: Language.swedish(phrase)
        }
    }

    /// The text with its values filled in. What a value does not give is left out, with the blanks
    /// that would stand double or at the end.
    func text(_ phrase: Phrase, _ values: [String: TextValue]) -> String {
        var filled = ""
        var rest = text(phrase)[...]
        while let open = rest.firstIndex(of: "{") {
            filled += rest[..<open]
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: "}") else { break }
            filled += value(rest[..<close], values)
            rest = rest[rest.index(after: close)...]
        }
        filled += rest
        while filled.last == " " { filled.removeLast() }
        return filled
    }

    /// `name`, or `name:one|other` with `#` for the number.
    private func value(_ hole: Substring, _ values: [String: TextValue]) -> String {
        let parts = hole.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let value = values[String(name)] else { return "" }
        guard parts.count == 2, case .number(let number) = value else { return value.text }
        let forms = parts[1].split(separator: "|")
        let form = pluralForm(number)
        let index = form == .one ? 0 : form == .few ? 1 : forms.count - 1
        guard forms.indices.contains(index) else { return value.text }
        return String(forms[index].replacing("#", with: value.text))
    }
}

enum TextValue: Equatable, Sendable {
    case text(String)
    case number(Int64)

    var text: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        }
    }
}
