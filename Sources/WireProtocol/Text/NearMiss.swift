// "Did you mean …?" for everything a person types: commands, options, verbs, scenarios. Pure.

public enum NearMiss {
    /// The candidate closest to `word`, when it is close enough to be a slip: a third of its letters,
    /// counting a swap of neighbours as one, or a beginning of at least two letters that only one
    /// candidate has.
    public static func of(_ word: String, in candidates: some Sequence<String>) -> String? {
        let folded = Array(word.lowercased().unicodeScalars.prefix(64))
        guard folded.count >= 2 else { return nil }
        var best: (candidate: String, distance: Int)?
        var beginnings: [String] = []
        for candidate in candidates {
            let other = Array(candidate.lowercased().unicodeScalars)
            if other.starts(with: folded) { beginnings.append(candidate) }
            let distance = distance(folded, other)
            let allowed = max(1, max(folded.count, other.count) / 3)
            if distance <= allowed, best.map({ distance < $0.distance }) ?? true {
                best = (candidate, distance)
            }
        }
        return best?.candidate ?? (beginnings.count == 1 ? beginnings[0] : nil)
    }

    /// Edits between two words: insert, delete, replace, swap neighbours (restricted Damerau).
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                row.append(cost)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
