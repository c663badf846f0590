// Tokens made on the server's machine, with the secret of its data directory. Works beside a running
// server: the secret is only read, or made once if there is none yet.

import Inventory
import Lanes
import LiveSession
import Store

public struct LocalTokenMaker: Sendable {
    private let directory: DataDirectory

    public init(directory: String) throws(ServerFailure) {
        do throws(StoreError) {
            self.directory = try DataDirectory(existing: directory)
        } catch {
            throw ServerFailure(error.description)
        }
    }

    /// `role` is viewer, moderator, host or admin.
    public func token(
        for subject: String, name: String?, role: String, show: String?, seconds: Int
    ) async throws -> String {
        guard let role = Role(rawValue: role), role != .coHost else {
            throw ServerFailure("there is no role \(role)")
        }
        guard !subject.unicodeScalars.contains(where: Authenticator.isControl),
            let shown = Authenticator.displayName(name, subject: subject)
        else {
            throw ServerFailure(
                "the subject needs characters that can be seen, and no control characters")
        }
        do throws(StoreError) {
            // Before there is a token: nobody takes the name of somebody who is still to come.
            if role.isStaff { try StaffNames(directory).reserve(shown, in: show) }
            let authenticator = await Authenticator(secret: try directory.secretKey())
            return authenticator.token(
                for: subject, name: name, role: role, show: show, seconds: seconds,
                at: Timestamp(milliseconds: Clock().now()))
        } catch {
            throw ServerFailure(error.description)
        }
    }
}
