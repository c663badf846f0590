// What a command throws when the world refuses: exit code 1 and one line on standard error.

import LiveShopClient

struct CommandFailure: Error {
    /// One line without a final full stop; it names the thing and the reason.
    var message: String

    init(_ message: String) { self.message = message }

    init(_ failure: ClientFailure) { message = failure.message }
}
