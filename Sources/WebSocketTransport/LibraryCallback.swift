// The one function that libwebsockets calls. It finds the loop and the connection and passes on; no
// rule lives here. A non-zero result ends the connection. It may be called for sockets in any state, so
// everything is looked up by identifier and nothing is assumed.

internal import CLibwebsockets
internal import WireProtocol

func libraryCallback(
    _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?, _ length: Int
) -> Int32 {
    guard let wsi, let context = lws_get_context(wsi), let owner = lws_context_user(context) else {
        return 0
    }
    return Unmanaged<EventLoop>.fromOpaque(owner)._withUnsafeGuaranteedRef { loop in
        loop.called(
            wsi, reason, user,
            UnsafeMutableRawBufferPointer(start: input, count: input == nil ? 0 : length))
    }
}

extension EventLoop {
    fileprivate func called(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
        _ input: UnsafeMutableRawBufferPointer
    ) -> Int32 {
        switch reason {
        case LWS_CALLBACK_RECEIVE:
            guard let connection = connection(user) else { return -1 }
            received(UnsafeRawBufferPointer(input), from: connection)
            return 0
        case LWS_CALLBACK_SERVER_WRITEABLE:
            guard let connection = connection(user) else { return -1 }
            becameWritable(connection)
            return 0
        case LWS_CALLBACK_RECEIVE_PONG:
            if let connection = connection(user) { heard(from: connection) }
            return 0
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return confirmUpgrade(wsi)
        case LWS_CALLBACK_ESTABLISHED:
            return established(wsi, user)
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            guard let connection = connection(user) else { return -1 }
            return peerCloses(connection, input)
        case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
            if let connection = connection(user) { libraryCloses(connection) }
            return 0
        case LWS_CALLBACK_HTTP:
            return requested(wsi, user)
        case LWS_CALLBACK_HTTP_BODY:
            if let exchange = exchange(user) {
                receivedBody(UnsafeRawBufferPointer(input), of: exchange)
            }
            return 0
        case LWS_CALLBACK_HTTP_BODY_COMPLETION:
            if let exchange = exchange(user) { completed(exchange) }
            return 0
        case LWS_CALLBACK_HTTP_WRITEABLE:
            return exchange(user).map(writeThroughLibrary) ?? 0
        case LWS_CALLBACK_CLOSED, LWS_CALLBACK_CLOSED_HTTP:
            release(user)
            return 0
        case LWS_CALLBACK_RAW_ADOPT, LWS_CALLBACK_RAW_RX:
            // The library takes CONNECT for a wish to speak something else than HTTP.
            return -1
        case LWS_CALLBACK_WSI_CREATE:
            peers[wsi] = adopted
            adopted = nil
            return 0
        case LWS_CALLBACK_WSI_DESTROY:
            release(user)
            if let peer = peers.removeValue(forKey: wsi) { farewell(peer) }
            return 0
        default:
            return 0
        }
    }

    private func connection(_ user: UnsafeMutableRawPointer?) -> Connection? {
        identifier(user).flatMap { slots.connection($0) }
    }

    private func exchange(_ user: UnsafeMutableRawPointer?) -> HTTPExchange? {
        identifier(user).flatMap { slots.exchange($0) }
    }

    /// What we keep in the library's memory per connection: an identifier, 0 for none.
    private func identifier(_ user: UnsafeMutableRawPointer?) -> ConnectionID? {
        guard let user else { return nil }
        let value = user.load(as: UInt64.self)
        return value == 0 ? nil : ConnectionID(rawValue: value)
    }

    /// The library lets go of the socket: nothing may touch it from here on.
    private func release(_ user: UnsafeMutableRawPointer?) {
        guard let user, let id = identifier(user), let endpoint = slots[id] else { return }
        user.storeBytes(of: 0, as: UInt64.self)
        switch endpoint {
        case .connection(let connection):
            abandon(connection)
            stopDiscarding(connection)
            if connection.isAnnounced {
                counts.dismiss(connection.addressKey)
                statistics.connections -= 1
            }
        case .exchange(let exchange):
            forget(exchange)
        }
        slots.remove(id)
    }
}
