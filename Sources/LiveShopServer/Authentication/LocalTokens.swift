// The tokens that commands on the server's own machine find by themselves: `host.token` and
// `admin.token` in the data directory, written anew at every start and every day.

import Inventory
import Lanes
import LiveSession
import Logging
import Store

final class LocalTokens: Sendable {
    private static let validSeconds = 30 * 86_400
    private let directory: DataDirectory
    private let authenticator: Authenticator
    private let clock: Clock
    private let renewal = Lock<Task<Void, Never>?>(nil)

    init(directory: DataDirectory, authenticator: Authenticator, clock: Clock) {
        self.directory = directory
        self.authenticator = authenticator
        self.clock = clock
    }

    func write() throws {
        let now = Timestamp(milliseconds: clock.now())
        for (file, role, name) in [
            (DataDirectory.File.hostToken, Role.host, StaffNames.ofLocalTokens.host),
            (.adminToken, .admin, StaffNames.ofLocalTokens.admin),
        ] {
            let token = authenticator.token(
                for: role.rawValue, name: name, role: role, show: nil,
                seconds: Self.validSeconds, at: now)
            try directory.replace(file, with: token)
        }
    }

    func renewDaily(log: Logger) {
        let task = Task {
            while (try? await Task.sleep(for: .seconds(86_400))) != nil {
                do {
                    try write()
                } catch {
                    log.error("the local tokens could not be renewed: \(error)")
                }
            }
        }
        renewal.withLock { $0 = task }
    }

    func stopRenewing() { renewal.withLock { $0?.cancel() } }
}
