// What Tab offers in the host's console: verbs, then what each verb takes. Pure.

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
            candidates = VerbTable.rows.map(\.name)
        } else {
            let row = VerbTable.named(split.words[0].text)
            candidates = row?.hint(at: done - 1)?.candidates(context) ?? []
        }
        let prefix = (current?.text ?? "").lowercased()
        let fitting = candidates.filter { $0.lowercased().hasPrefix(prefix) }.map(Words.quoted)
        return Completion(
            replaces: typed.unicodeScalars.count, candidates: Array(Set(fitting)).sorted())
    }
}
