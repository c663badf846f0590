// What Tab offers in the host's console: verbs, then what each verb takes. Pure.

import LiveShopClient
import Terminal

enum HostCompletion {
    /// - Parameter before: the line up to the cursor.
    static func of(_ before: String, in context: ShowContext) -> Completion {
        let split = Words(before)
        let isNewWord = !split.isOpen && before.last?.isWhitespace ?? true
        let current = isNewWord ? nil : split.words.last
        let typed = current.map { String(before[$0.start...]) } ?? ""
        let done = split.words.count - (isNewWord ? 0 : 1)
        let candidates: [String]
        if done <= 0 {
            candidates = VerbForm.all.map(\.name)
        } else if let form = VerbForm.named(split.words[0].text),
            let word = word(of: form, at: done - 1)
        {
            candidates = self.candidates(word, context)
        } else {
            candidates = []
        }
        let prefix = (current?.text ?? "").lowercased()
        let fitting = candidates.filter { $0.lowercased().hasPrefix(prefix) }.map(Words.quoted)
        return Completion(
            replaces: typed.unicodeScalars.count, candidates: Array(Set(fitting)).sorted())
    }

    private static func word(of form: VerbForm, at index: Int) -> VerbForm.Word? {
        if form.words.indices.contains(index) { return form.words[index] }
        return form.repeats ? form.words.last : nil
    }

    private static func candidates(
        _ word: VerbForm.Word, _ context: ShowContext
    ) -> [String] {
        switch word {
        case .sku: clean(context.productOfSKU.keys)
        case .product: clean(context.productOfSKU.keys) + clean(context.products)
        case .person: clean(context.people.names.values)
        case .verb: VerbForm.all.map(\.name)
        case .room: clean(context.room.keys) + VerbParser.shortSettings.keys
        case .oneOf(let words): words
        case .either(let first, let second):
            candidates(first, context) + candidates(second, context)
        case .free: []
        }
    }

    private static func clean(_ words: some Sequence<String>) -> [String] {
        words.map { printable($0, limit: 128) }
    }
}
