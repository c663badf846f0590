// Opens the listening sockets. Several share one port (SO_REUSEPORT): each loop has its own, and more
// than one, so that a herd of connects finds room in their backlogs. Options that accepted sockets
// inherit are set here once.

internal import CLibwebsockets
import Glibc

/// Where a host to listen on leads.
public enum ListeningHost {
    /// The address that is bound for `host`, if all addresses it has are loopback addresses; else nil.
    public static func loopback(_ host: String) -> String? {
        guard let found = try? ListeningSockets.lookUp(host: host, port: 0) else { return nil }
        defer { freeaddrinfo(found) }
        var first: String?
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let entry = next {
            guard let address = NetworkAddress(ListeningSockets.storage(of: entry.pointee)),
                address.isLoopback
            else { return nil }
            first = first ?? address.text
            next = entry.pointee.ai_next
        }
        return first
    }
}

struct ListeningSockets {
    let address: ListeningAddress
    /// Per loop.
    let descriptors: [[Int32]]

    /// Binds and listens for all loops; the port is the same for all.
    static func open(
        host: String, port: Int, loops: Int
    ) throws(TransportError) -> ListeningSockets {
        var endpoint = try resolve(host: host, port: port)
        // SO_REUSEPORT would let a second server of the same user share the port unnoticed; a socket
        // without it is refused while anybody listens.
        if port != 0 { Glibc.close(try bind(endpoint, shared: false, listening: false)) }
        var opened: [[Int32]] = []
        do throws(TransportError) {
            for _ in 0..<loops {
                opened.append([])
                for _ in 0..<TransportLimits.listenersPerLoop {
                    let descriptor = try bind(endpoint, shared: true, listening: true)
                    opened[opened.count - 1].append(descriptor)
                    if endpoint.port == 0 { endpoint = endpoint.bound(to: descriptor) }
                }
            }
        } catch {
            for descriptor in opened.joined() { Glibc.close(descriptor) }
            throw error
        }
        return ListeningSockets(
            address: ListeningAddress(host: endpoint.host, port: endpoint.port),
            descriptors: opened)
    }

    private struct Endpoint {
        var storage: sockaddr_storage
        var length: socklen_t
        let host: String
        var port: Int

        var name: String { ListeningAddress(host: host, port: port).description }

        /// With the port that the system chose for `descriptor`.
        func bound(to descriptor: Int32) -> Endpoint {
            var copy = self
            _ = withUnsafeMutablePointer(to: &copy.storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getsockname(descriptor, $0, &copy.length)
                }
            }
            copy.port = withUnsafePointer(to: &copy.storage) {
                // The port stands at the same place in both families.
                $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
            return copy
        }
    }

    /// The addresses of a host, to be freed.
    fileprivate static func lookUp(
        host: String, port: Int
    ) throws(TransportError) -> UnsafeMutablePointer<addrinfo> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(shim_SOCK_STREAM)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard (0...65535).contains(port), getaddrinfo(host, String(port), &hints, &found) == 0,
            let first = found
        else { throw .unknownHost(host) }
        return first
    }

    fileprivate static func storage(of entry: addrinfo) -> sockaddr_storage {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(
                from: UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen)))
        }
        return storage
    }

    private static func resolve(host: String, port: Int) throws(TransportError) -> Endpoint {
        let first = try lookUp(host: host, port: port)
        defer { freeaddrinfo(first) }
        let storage = storage(of: first.pointee)
        return Endpoint(
            storage: storage, length: first.pointee.ai_addrlen,
            host: NetworkAddress(storage)?.text ?? host,
            port: port)
    }

    private static func bind(
        _ endpoint: Endpoint, shared: Bool, listening: Bool
    ) throws(TransportError) -> Int32 {
        let descriptor = shim_stream_socket(Int32(endpoint.storage.ss_family))
        guard descriptor >= 0 else { throw failure(errno, at: endpoint) }
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if shared { set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        set(descriptor, SOL_SOCKET, SO_SNDBUF, TransportLimits.socketSendBufferBytes)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        // The kernel shows a connection when its request is there: a herd is not thousands of waiting
        // handshakes (each a header buffer and a place in the library's sorted timers), and who
        // connects and says nothing costs this process nothing.
        set(
            descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT,
            TransportLimits.deferredAcceptSeconds)
        var storage = endpoint.storage
        let result = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, endpoint.length)
            }
        }
        guard result == 0, !listening || listen(descriptor, SOMAXCONN) == 0 else {
            let error = errno
            Glibc.close(descriptor)
            throw failure(error, at: endpoint)
        }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ error: Int32, at endpoint: Endpoint) -> TransportError {
        switch error {
        case EADDRINUSE: .addressInUse(endpoint.name)
        case EADDRNOTAVAIL: .addressNotAvailable(endpoint.name)
        case EACCES, EPERM: .permissionDenied(endpoint.name)
        default: .system("cannot listen on \(endpoint.name): \(String(cString: strerror(error)))")
        }
    }
}
