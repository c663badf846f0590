// A running server: the lanes and what connects them. Opens the data, ends what is overdue, writes the
// local tokens, and only then listens.

import FoundationEssentials
import Inventory
import Lanes
import LiveSession
public import Logging
import Store
import WebSocketTransport
import WireProtocol

public final class Server: Sendable {
    /// Where it listens: `127.0.0.1:8080`.
    public let address: String
    public let port: Int
    public let isDevelopment: Bool

    private let options: ServerOptions
    private let transport: Transport
    private let lanes: DecidingLanes
    private let tokens: LocalTokens

    /// Starts a server. `onFailure` is called when the disk can no longer be trusted; it must end the
    /// process, which recovers at its next start.
    public static func start(
        _ options: ServerOptions, log: Logger, onFailure: @escaping @Sendable (String) -> Never
    ) async throws -> Server {
        do {
            return try await Server(options, log: log, onFailure: onFailure)
        } catch let error as StoreError {
            throw ServerFailure(error.description)
        } catch let error as TransportError {
            throw ServerFailure(error.description)
        }
    }

    private init(
        _ options: ServerOptions, log: Logger, onFailure: @escaping @Sendable (String) -> Never
    ) async throws {
        let options = options.settled()
        self.options = options
        isDevelopment = options.isDevelopment
        let clock = Clock()
        let inbox = Mailbox<SequencerInput>(capacity: 1024)
        let transport = Transport(configuration: try options.transport()) { line in
            log.log(level: line.level.logLevel, "\(line.message)")
        }
        self.transport = transport
        let (requests, continuation) = AsyncStream<[AdmissionRequest]>.makeStream()
        let listening = Lock("")

        var configuration = EngineConfiguration()
        configuration.guests = options.guestPolicy
        configuration.testPayment = options.takesTestPayment
        configuration.settings = options.settings
        configuration.settings.sparesLoopback = options.isDevelopment
        let proxies = try options.transport().trustedProxies
        configuration.isTrustedProxy = { address in
            AddressRange(address.description).map { range in
                proxies.contains { $0.overlaps(range) }
            } ?? false
        }
        let ports = SequencerPorts(
            deliver: { transport.deliver($0) },
            authenticate: { continuation.yield($0) },
            sockets: { options.sockets(for: $0, listening: listening.withLock { $0 }) },
            fail: onFailure)
        let givenSecret = try options.tokenSecretFile.map(Self.readSecret)
        let sequencer = try Self.startSequencer(
            options, configuration, inbox: inbox, ports: ports, clock: clock, log: log)

        let directory = try DataDirectory(existing: options.data)
        if directory.isOpenToOthers {
            log.warning("others can look into \(options.data): chmod 700 \(options.data)")
        }
        let secret = try givenSecret ?? directory.secretKey()
        if secret.utf8.count < Authenticator.secretBytesMin {
            log.warning("the secret that signs tokens is short; 32 random bytes cannot be guessed")
        }
        let authenticator = await Authenticator(
            secret: secret, staffNames: StaffNames(directory))
        let authentication = Lane(
            name: "authentication",
            running: { await Self.authenticate(requests, authenticator, inbox) })
        lanes = DecidingLanes(
            sequencer: sequencer, inbox: inbox, authentication: authentication,
            admissions: continuation)
        tokens = LocalTokens(directory: directory, authenticator: authenticator, clock: clock)
        let address: ListeningAddress
        do {
            try tokens.write()
            address = try transport.start { inbox.offer(.inbound($0)) }
        } catch {
            lanes.stop()
            throw error
        }
        listening.withLock { $0 = address.description }
        self.address = address.description
        port = address.port
        tokens.renewDaily(log: log)
    }

    /// Tells everybody, finishes what was decided, closes with 1001 and returns when all is on disk.
    public func stop() {
        tokens.stopRenewing()
        let told = Mailbox<Bool>(capacity: 1)
        if lanes.inbox.offer(.restarting(told), waitingMilliseconds: 1000) {
            var answer: [Bool] = []
            _ = told.drain(into: &answer, waitingUntil: Clock.monotonic() + 2000)
        }
        transport.stop(closing: .goingAway, within: options.shutdownSeconds)
        lanes.stop()
    }

    // MARK: Lanes

    /// The sequencer builds its state on its own thread; this waits until it has.
    private static func startSequencer(
        _ options: ServerOptions, _ configuration: EngineConfiguration,
        inbox: Mailbox<SequencerInput>, ports: SequencerPorts, clock: Clock, log: Logger
    ) throws -> Lane {
        let ready = Mailbox<ServerFailure?>(capacity: 1)
        let lane = Lane(name: "sequencer") {
            do {
                let store = try Store.open(directory: options.data, mode: .create)
                if try store.shows().isEmpty {
                    log.warning(
                        "there is no show yet; stop the server and make one: \(newShow(options))")
                }
                var sequencer = try Sequencer(
                    store: store, configuration: configuration, inbox: inbox, ports: ports,
                    clock: clock, log: log)
                _ = ready.offer(nil)
                sequencer.run()
            } catch let failure as LoadFailure {
                _ = ready.offer(ServerFailure(failure.reason))
            } catch {
                _ = ready.offer(ServerFailure("\(error)"))
            }
        }
        var outcome: [ServerFailure?] = []
        _ = ready.drain(into: &outcome, waitingUntil: nil)
        if let failure = outcome.first ?? nil {
            lane.join()
            throw failure
        }
        return lane
    }

    private static func authenticate(
        _ requests: AsyncStream<[AdmissionRequest]>, _ authenticator: Authenticator,
        _ inbox: Mailbox<SequencerInput>
    ) async {
        for await batch in requests {
            for request in batch {
                let admission = await authenticator.admit(request)
                // The sequencer is never full for long; closed means that the server stops.
                _ = inbox.offer(
                    .admission(request.connection, admission), waitingMilliseconds: 10_000)
            }
        }
    }

    /// The command that makes a first show.
    private static func newShow(_ options: ServerOptions) -> String {
        "liveshop show create --data \(options.data) --show ID --title TITLE --currency EUR"
    }

    private static func readSecret(_ path: String) throws -> String {
        let flag = "--token-secret-file"
        let bytes: [UInt8]
        do throws(StoreError) {
            bytes = try readSharedSecret(path)
        } catch {
            throw ServerFailure("\(flag): \(error.description)")
        }
        let text = String(validating: bytes, as: UTF8.self) ?? ""
        let secret = text.trimmingPrefix("\u{FEFF}").prefix { !$0.isNewline }
        guard !secret.isEmpty else { throw ServerFailure("\(flag): \(path) is empty or not UTF-8") }
        return String(secret)
    }
}

/// The lanes that decide who comes in and what happens, with what reaches them.
private struct DecidingLanes: Sendable {
    let sequencer: Lane
    let inbox: Mailbox<SequencerInput>
    let authentication: Lane
    let admissions: AsyncStream<[AdmissionRequest]>.Continuation

    /// Lets nothing more in and returns when what came is decided and stored.
    func stop() {
        admissions.finish()
        inbox.close()
        authentication.join()
        sequencer.join()
    }
}

extension TransportLogLine.Level {
    fileprivate var logLevel: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
