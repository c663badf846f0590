// The verbs for measures about people: who is silenced, shut out, restricted, or given a role.

enum ModerationVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "timeout", "timeout NAME [5m] [REASON]",
            "lets somebody watch but not write for a while",
            examples: ["timeout Ana 5m be kind", "timeout \"Ana Maria\" 30s"], from: .moderator,
            words: 1...Int.max, hints: [.person], read: timed("participant.timeout")),
        VerbRow(
            "ban", "ban NAME [1h] [REASON]",
            "shuts somebody out and releases what is held unpaid",
            examples: ["ban Ana spam", "ban Ana 7d spam"], from: .moderator, words: 1...Int.max,
            hints: [.person],
            question: { "ban \($0.words[0]) and release what is held?" },
            read: timed("participant.ban")),
        VerbRow(
            "unban", "unban NAME [REASON]", "lets somebody in again", from: .moderator,
            words: 1...Int.max, hints: [.person], read: reasoned("participant.unban")),
        VerbRow(
            "restrict", "restrict NAME [1h] [REASON]",
            "lets somebody watch and chat but not claim",
            examples: ["restrict Ana", "restrict Ana 30m does not pay"], from: .moderator,
            words: 1...Int.max, hints: [.person], read: timed("participant.restrict")),
        VerbRow(
            "lift", "lift NAME [REASON]", "ends the timeout, ban and restriction in force",
            examples: ["lift Ana"], from: .moderator, words: 1...Int.max, hints: [.person],
            read: reasoned(Measure.lift)),
        VerbRow(
            "role", "role NAME viewer | moderator | co_host",
            "gives a role until the show ends", examples: ["role Ana moderator"], from: .host,
            words: 2...2, hints: [.person, .oneOf(roles)], read: role),
    ]

    private static let roles = ["viewer", "moderator", "co_host"]

    /// `NAME [REASON]`.
    private static func reasoned(_ type: String) -> VerbReader {
        { arguments, _ in
            .measure(
                Measure(type: type, who: arguments.words[0], reason: arguments.text(from: 1)))
        }
    }

    /// `NAME [TIME] [REASON]`.
    private static func timed(_ type: String) -> VerbReader {
        { arguments, _ throws(VerbError) in
            var measure = Measure(type: type, who: arguments.words[0])
            var reasonAt = 1
            if arguments.words.count > 1, VerbArguments.isTime(arguments.words[1]) {
                measure.seconds = try arguments.wholeSeconds(arguments.words[1])
                reasonAt = 2
            }
            measure.reason = arguments.text(from: reasonAt)
            return .measure(measure)
        }
    }

    private static func role(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        let role = arguments.words[1].replacing("-", with: "_")
        guard roles.contains(role) else {
            throw arguments.wrong("'\(role)' is no role that can be given")
        }
        return .measure(
            Measure(type: "participant.set_role", who: arguments.words[0], role: role))
    }
}
