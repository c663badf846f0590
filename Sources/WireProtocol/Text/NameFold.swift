// Whether two names look alike: a viewer must not use the host's name, nor nearly that. The server asks
// when somebody joins; names themselves are never changed by it.

public enum NameFold {
    /// Letters and digits that a reader may take for each other become the same: case, accents, letters
    /// of other scripts and styles that look alike (UTS 39), digits for letters. Spaces, punctuation,
    /// symbols and invisible characters are dropped, and so are words such as `(host)` or `official`
    /// before or after a name. Two names are too close when their folds are equal.
    public static func fold(_ name: String) -> String {
        foldOfASCII(name) ?? foldOfAny(name)
    }

    /// The folds of a name as it stands, in small letters, and with such words left in: capitals of
    /// other scripts may look like letters that their small forms do not look like.
    public static func folds(_ name: String) -> [String] {
        let fold = fold(name)
        var folds = [fold]
        if !name.utf8.allSatisfy({ $0 < 0x80 }) {
            let small = foldOfAny(String(name.unicodeScalars.prefix(lengthMax)).lowercased())
            if small != fold { folds.append(small) }
        }
        let whole = joined(words(of: name))
        if !whole.isEmpty, !folds.contains(whole) { folds.append(whole) }
        return folds
    }

    /// Whether a name is too close to one of others, of which `taken` has the `folds`.
    public static func isTooClose(_ name: String, to taken: Set<String>) -> Bool {
        !taken.isEmpty && folds(name).contains { taken.contains($0) }
    }

    /// Names have at most 40 characters; of a longer text no more is compared than tells it apart.
    private static let lengthMax = 128

    // MARK: - ASCII

    /// The same from a table, since everybody who joins is compared with the staff; nil when the name has
    /// other letters, none, or words that may be no part of it.
    private static func foldOfASCII(_ name: String) -> String? {
        var folded: [UInt8] = []
        folded.reserveCapacity(name.utf8.count)
        for byte in name.utf8.prefix(lengthMax) {
            guard byte < 0x80 else { return nil }
            let plain = asciiFolds[Int(byte)]
            if plain > 0 {
                folded.append(plain)
            } else if !folded.isEmpty {
                // Two words, or an end that may belong to the name or not.
                return nil
            }
        }
        guard !folded.isEmpty else { return nil }
        replacePairs(in: &folded)
        return String(decoding: folded, as: UTF8.self)
    }

    /// What becomes of each ASCII character; 0 for those that are dropped.
    private static let asciiFolds: [UInt8] = {
        var folds = [UInt8](repeating: 0, count: 128)
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            folds[Int(byte)] = byte
            folds[Int(byte) - 32] = byte
        }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { folds[Int(byte)] = byte }
        for (letters, fold) in [
            ("@4", "a"), ("8", "b"), ("3", "e"), ("9", "g"), ("iI1|", "l"), ("0", "o"), ("5$", "s"),
            ("7", "t"), ("2", "z"),
        ] as [(String, Unicode.Scalar)] {
            for byte in letters.utf8 { folds[Int(byte)] = UInt8(ascii: fold) }
        }
        return folds
    }()

    // MARK: - Any letters

    private static func foldOfAny(_ name: String) -> String {
        let words = words(of: name)
        // A name of symbols only still has to be compared by something.
        if words.isEmpty {
            return ClientText.clean(String(name.unicodeScalars.prefix(lengthMax))).lowercased()
        }
        func isAddition(_ word: [Unicode.Scalar]) -> Bool {
            titles.contains(String(word)) || roles.contains(String(word))
        }
        if let first = words.firstIndex(where: { !isAddition($0) }),
            let last = words.lastIndex(where: { !isAddition($0) })
        {
            return joined(words[first...last])
        }
        // "The Host (host)" is the host, "Official" somebody of that name.
        return joined((words.first { roles.contains(String($0)) }).map { [$0] } ?? Array(words))
    }

    private static func joined(_ words: some Sequence<[Unicode.Scalar]>) -> String {
        var letters = Array(words.joined())
        replacePairs(in: &letters)
        return String(letters)
    }

    /// The words of a name, each as it looks.
    private static func words(of name: String) -> ArraySlice<[Unicode.Scalar]> {
        var words: [[Unicode.Scalar]] = []
        var word: [Unicode.Scalar] = []
        var flag: [Unicode.Scalar] = []
        // A bar looks like a letter, but not where it stands alone.
        var isBar = true
        func endWord() {
            if !word.isEmpty, !isBar { words.append(word) }
            word.removeAll()
            isBar = true
        }
        for scalar in name.unicodeScalars.prefix(lengthMax) {
            if 0x1F1E6...0x1F1FF ~= scalar.value {
                flag.append(scalar)
                continue
            }
            let length = word.count
            if !append(scalar, to: &word) {
                endWord()
            } else if scalar != "|", word.count > length {
                isBar = false
            }
        }
        endWord()
        // Flags are decoration; a name of nothing but letters for flags is spelt with them.
        if words.isEmpty {
            for scalar in flag { _ = append(scalar, to: &word) }
            isBar = false
            endWord()
        }
        return words[...]
    }

    /// Appends what a scalar looks like; false when a word ends there.
    private static func append(_ scalar: Unicode.Scalar, to word: inout [Unicode.Scalar]) -> Bool {
        if scalar.isASCII {
            let plain = asciiFolds[Int(scalar.value)]
            if plain == 0 { return false }
            word.append(Unicode.Scalar(plain))
            return true
        }
        if 0xAC00...0xD7A3 ~= scalar.value {
            appendSyllable(scalar.value - 0xAC00, to: &word)
            return true
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control:
            return true
        case _ where properties.isDefaultIgnorableCodePoint:
            return true
        default:
            break
        }
        if Confusables.append(scalar, to: &word) { return true }
        switch properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter, .lowercaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .spacingMark:
            word.append(scalar)
            return true
        default:
            return false
        }
    }

    /// A syllable of Hangul as its letters, by arithmetic (Unicode, section 3.12).
    private static func appendSyllable(_ index: UInt32, to word: inout [Unicode.Scalar]) {
        let letters = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
        for letter in letters where letter != 0x11A7 {
            guard let scalar = Unicode.Scalar(letter) else { continue }
            if !Confusables.append(scalar, to: &word) { word.append(scalar) }
        }
    }

    // MARK: - Words and pairs

    /// What people add to a name to seem to be of the house.
    private static let roles = foldedSet([
        "host", "cohost", "hostess", "mod", "mods", "moderator", "admin", "administrator", "staff",
        "team", "support", "owner", "seller",
    ])
    private static let titles = foldedSet(["official", "real", "the", "verified", "co"])

    private static func foldedSet(_ words: [String]) -> Set<String> {
        Set(
            words.map { word in
                String(word.unicodeScalars.map { Unicode.Scalar(asciiFolds[Int($0.value)]) })
            })
    }

    /// `rn` looks like `m`, and `vv` like `w`.
    private static func replacePairs(in text: inout [UInt8]) {
        replace(UInt8(ascii: "r"), UInt8(ascii: "n"), by: UInt8(ascii: "m"), in: &text)
        replace(UInt8(ascii: "v"), UInt8(ascii: "v"), by: UInt8(ascii: "w"), in: &text)
    }

    private static func replacePairs(in text: inout [Unicode.Scalar]) {
        replace("r", "n", by: "m", in: &text)
        replace("v", "v", by: "w", in: &text)
    }

    private static func replace<Letter: Equatable>(
        _ first: Letter, _ second: Letter, by letter: Letter, in text: inout [Letter]
    ) {
        var end = 0
        for next in text {
            if next == second, end > 0, text[end - 1] == first {
                text[end - 1] = letter
            } else {
                text[end] = next
                end += 1
            }
        }
        text.removeLast(text.count - end)
    }
}

extension String {
    fileprivate init(_ scalars: some Sequence<Unicode.Scalar>) {
        self = ""
        for scalar in scalars { unicodeScalars.append(scalar) }
    }
}
