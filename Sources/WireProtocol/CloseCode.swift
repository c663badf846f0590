/// Why the server ends a connection, and whether a client should come back (docs/PROTOCOL.md, close
/// codes). 4000–4499: reconnect and resume; 4500–4999: do not.
public enum CloseCode: UInt16, Sendable, CaseIterable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidText = 1007
    case messageTooBig = 1009
    case tooSlow = 4008
    case noPong = 4009
    case tooManyRequests = 4029
    case serverFull = 4030
    case noHello = 4401
    case unauthorized = 4500
    case banned = 4501
    case showNotFound = 4502

    /// Whether a client that was closed with `code` should connect again.
    public static func shouldReconnect(_ code: UInt16) -> Bool {
        switch code {
        case 1001, 1006, 1011, 1012, 1013, 4000...4499: true
        default: false
        }
    }
}
