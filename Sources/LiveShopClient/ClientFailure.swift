// Why something a client wanted did not happen, as one line a person can act on. Thrown by everything
// in this module that talks to a server.

/// A failure of the world between client and server, or a server's refusal.
public enum ClientFailure: Error, Equatable, Sendable {
    /// The host name has no address, or nobody listens there.
    case unreachable(address: String, reason: String)
    /// `https` and `wss` are not built in.
    case tlsUnsupported(address: String)
    case handshake(HandshakeFailure)
    case framing(FramingError)
    /// The server ended the connection.
    case closed(code: UInt16, reason: String)
    /// The answer did not come in time; `what` names what was waited for.
    case timedOut(what: String)
    /// The server answered a request with an error; `numbers` are the further members of the error
    /// that are integers, such as `on_hand`.
    case refused(code: String, message: String, numbers: [String: Int64] = [:])
    /// The server broke its own protocol.
    case violation(String)
    /// This machine has no descriptor or port left.
    case exhausted(String)

    /// One line without a final full stop.
    public var message: String {
        switch self {
        case .unreachable(let address, let reason): "cannot connect to \(address): \(reason)"
        case .tlsUnsupported(let address):
            "\(address) needs TLS, which this client does not speak yet: use http:// or ws://, "
                + "or a TLS proxy on this side"
        case .handshake(.refused(let status, let detail)):
            "the server refused the WebSocket with HTTP status \(status)"
                + (detail.isEmpty ? "" : ": \(detail)")
        case .handshake(.malformed(let reason)): "this is no LiveShop server: \(reason)"
        case .framing(let error): "the server sent \(error.message)"
        case .closed(let code, let reason):
            "the connection was closed with code \(code)"
                + (reason.isEmpty ? "" : " (\(printable(reason, limit: 125)))")
        case .timedOut(let what): "no \(what) in time"
        case .refused(let code, let message, _):
            "\(printable(code, limit: 40)): \(printable(message, limit: 500))"
        case .violation(let what): "the server broke the protocol: \(what)"
        case .exhausted(let what): what
        }
    }
}
