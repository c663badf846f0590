// Names that new guests may not take because somebody of the staff has them, or has a token with them:
// of every show or of one. Kept in `staff.names` of the data directory, a line each: the show's id or `*`,
// a tab, the name. The server adds the staff it lets in, `liveshop token` the names in its tokens, also
// beside a running server, which looks whether the file has changed. A show itself knows the people to
// whom its host gave a role.

import Lanes
import LiveSession
import Store
import WireProtocol

final class StaffNames: Sendable {
    /// What the tokens that the server writes for its own machine are called.
    static let ofLocalTokens = (host: "Host", admin: "Admin")
    private static let everyShow = "*"

    private struct State: Sendable {
        var lines: SharedLines
        /// Folded names by show.
        var folds: [String: Set<String>]
    }

    private let state: Lock<State>

    init(_ directory: DataDirectory) {
        let local = [Self.ofLocalTokens.host, Self.ofLocalTokens.admin].flatMap(NameFold.folds)
        state = Lock(
            State(
                lines: SharedLines(directory, .staffNames), folds: [Self.everyShow: Set(local)]))
    }

    /// Whether a new guest of a show may not have the name. What cannot be read adds nothing.
    func isTaken(_ name: String, in show: String) -> Bool {
        state.withLock { state in
            try? Self.readNew(&state)
            return [Self.everyShow, show].contains {
                NameFold.isTooClose(name, to: state.folds[$0] ?? [])
            }
        }
    }

    /// Keeps a name for the staff of a show, or of all shows. Durable when it returns.
    func reserve(_ name: String, in show: String?) throws(StoreError) {
        let show = show ?? Self.everyShow
        let folds = NameFold.folds(name)
        let failure: StoreError? = state.withLock { state in
            do throws(StoreError) {
                try Self.readNew(&state)
                let isKept = [show, Self.everyShow].contains {
                    state.folds[$0]?.isSuperset(of: folds) == true
                }
                if isKept { return nil }
                state.folds[show, default: []].formUnion(folds)
                try state.lines.append("\(show)\t\(name)")
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private static func readNew(_ state: inout State) throws(StoreError) {
        for line in try state.lines.readIfChanged() ?? [] {
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            state.folds[String(parts[0]), default: []].formUnion(NameFold.folds(String(parts[1])))
        }
    }
}
