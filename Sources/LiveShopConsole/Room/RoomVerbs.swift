// The verb for the settings of the room.

import LiveShopClient
import WireProtocol

enum RoomVerbs {
    static let rows: [VerbRow] = [
        VerbRow(
            "room", "room [NAME VALUE]",
            "shows the settings of the room, or sets one; slow is slow_mode_seconds",
            examples: ["room", "room slow 10s", "room slow off", "room hold_seconds 300"],
            from: .moderator, words: 0...2, hints: [setting], read: room)
    ]

    /// Names that are shorter than those of the settings.
    private static let short = ["slow": "slow_mode_seconds", "hold": "hold_seconds"]

    private static let setting = VerbRow.Hint {
        $0.view.room.settings.keys.map(VerbRow.Hint.shown) + short.keys
    }

    private static func room(
        _ arguments: VerbArguments, _ context: ShowContext
    ) throws(VerbError) -> Verb.Deed {
        guard let word = arguments.words.first else { return .room }
        try arguments.expect(2...2)
        let name = short[word] ?? word
        let value = arguments.words[1]
        return .request(
            ConsoleRequest("room.configure") { writer in
                writer.key(string: name)
                if let number = Int64(value) {
                    writer.integer(number)
                } else if name.hasSuffix("_seconds"), value == "off" {
                    writer.integer(0)
                } else if name.hasSuffix("_seconds"),
                    let duration = VerbArguments.seconds(value), duration == duration.rounded()
                {
                    writer.integer(Int64(duration))
                } else {
                    // The server reads on and off, and knows the words of each setting.
                    writer.string(value)
                }
            })
    }
}
