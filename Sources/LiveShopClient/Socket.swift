// The POSIX calls of this module: names to addresses, non-blocking TCP sockets, epoll. The only file
// here with unsafe pointers; everything above it sees descriptors, arrays and spans.

import CEpoll
import Glibc

/// A resolved IP address with a port.
public struct Endpoint: Hashable, Sendable {
    let family: Int32
    /// A `sockaddr_in` or `sockaddr_in6`.
    let address: [UInt8]

    /// All addresses of a host, in the order of preference of this machine.
    static func resolve(host: String, port: UInt16) throws(ClientFailure) -> [Endpoint] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            throw .unreachable(
                address: "\(host):\(port)", reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var found: [Endpoint] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                let raw = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                found.append(Endpoint(family: entry.ai_family, address: Array(raw)))
            }
            next = entry.ai_next
        }
        return found
    }

    /// The first address of the server that accepts a connection. Blocks up to `seconds` for each.
    public static func reachable(
        _ server: ServerAddress, seconds: Double
    ) throws(ClientFailure) -> Endpoint {
        guard !server.isSecure else { throw .tlsUnsupported(address: server.description) }
        var reason = "the name has no address"
        for endpoint in try resolve(host: server.host, port: server.port) {
            do throws(SocketError) {
                let socket = try Socket.connect(to: endpoint, from: nil)
                defer { Socket.close(socket) }
                try Socket.waitUntilConnected(socket, seconds: seconds)
                return endpoint
            } catch {
                reason = error.message
            }
        }
        throw .unreachable(address: server.authority, reason: reason)
    }

    /// `127.0.0.(2 + index)`: a further source address on loopback, each with its own port numbers.
    public static func loopbackSource(_ index: Int) -> Endpoint {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        let host = UInt32(0x7F00_0002) &+ UInt32(truncatingIfNeeded: index % 65_000)
        address.sin_addr.s_addr = host.bigEndian
        return Endpoint(family: AF_INET, address: withUnsafeBytes(of: address) { Array($0) })
    }

    /// Whether this is an IPv4 address in 127.0.0.0/8.
    public var isLoopbackIPv4: Bool {
        family == AF_INET && address.count > 4 && address[4] == 127
    }
}

/// A failed system call.
struct SocketError: Error {
    var call: String
    var code: Int32

    var message: String {
        switch code {
        case EMFILE, ENFILE: "no file descriptor left (ulimit -n)"
        case EADDRNOTAVAIL: "no source port left on this address (--sources adds addresses)"
        default: String(cString: strerror(code))
        }
    }
}

enum Socket {
    enum Transfer {
        case bytes(Int)
        case wouldBlock
        case ended(Int32)
    }

    /// Begins to connect without waiting.
    static func connect(to endpoint: Endpoint, from source: Endpoint?) throws(SocketError) -> Int32
    {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(endpoint.family, type, 0)
        guard descriptor >= 0 else { throw SocketError(call: "socket", code: errno) }
        var failure: SocketError?
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        if let source {
            // The port is chosen at connect, so that many connections may share it.
            setOption(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT)
            if withAddress(source, { bind(descriptor, $0, $1) }) != 0 {
                failure = SocketError(call: "bind", code: errno)
            }
        }
        if failure == nil, withAddress(endpoint, { Glibc.connect(descriptor, $0, $1) }) != 0,
            errno != EINPROGRESS
        {
            failure = SocketError(call: "connect", code: errno)
        }
        guard let failure else { return descriptor }
        close(descriptor)
        throw failure
    }

    /// Blocks until a socket from `connect` is connected.
    static func waitUntilConnected(_ descriptor: Int32, seconds: Double) throws(SocketError) {
        guard wait(descriptor, for: POLLOUT, seconds: seconds) else {
            throw SocketError(call: "connect", code: ETIMEDOUT)
        }
        let code = pendingError(descriptor)
        guard code == 0 else { throw SocketError(call: "connect", code: code) }
    }

    /// Waits for POLLIN or POLLOUT; false when the time is over.
    static func wait(_ descriptor: Int32, for events: Int32, seconds: Double) -> Bool {
        let end = monotonicNanoseconds() + Int64(max(0, min(seconds, 1e6)) * 1e9)
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let left = max(0, end - monotonicNanoseconds())
            let ready = poll(&entry, 1, Int32(min((left + 999_999) / 1_000_000, 60_000)))
            if ready > 0 { return true }
            if ready == 0, monotonicNanoseconds() >= end { return false }
            if ready < 0, errno != EINTR { return false }
        }
    }

    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }

    static func receive(_ descriptor: Int32, into buffer: inout [UInt8]) -> Transfer {
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count > 0 { return .bytes(count) }
        if count == 0 { return .ended(0) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .ended(errno)
    }

    static func send(_ descriptor: Int32, _ bytes: [UInt8], from start: Int) -> Transfer {
        let count = bytes.withUnsafeBytes { buffer in
            let rest = UnsafeRawBufferPointer(rebasing: buffer[start...])
            return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR ? .wouldBlock : .ended(errno)
    }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    private static func setOption(_ descriptor: Int32, _ level: Int32, _ name: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, level, name, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: endpoint.address) }
        return withUnsafeBytes(of: &storage) { raw in
            guard let base = raw.baseAddress else { return -1 }
            return body(
                base.assumingMemoryBound(to: sockaddr.self), socklen_t(endpoint.address.count))
        }
    }
}

/// A level-triggered epoll set of descriptors.
struct Poller: ~Copyable {
    struct Ready {
        var descriptor: Int32
        /// There is something to read, or the connection failed.
        var isReadable: Bool
        var isWritable: Bool
    }

    private let descriptor: Int32
    private var buffer = [epoll_event](repeating: epoll_event(), count: 64)

    init() throws(ClientFailure) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            throw .exhausted(
                "no file descriptor left for epoll: \(String(cString: strerror(errno)))")
        }
    }

    deinit { Socket.close(descriptor) }

    func add(_ socket: Int32, reading: Bool, writing: Bool) {
        control(EPOLL_CTL_ADD, socket, reading, writing)
    }

    func change(_ socket: Int32, reading: Bool, writing: Bool) {
        control(EPOLL_CTL_MOD, socket, reading, writing)
    }

    private func control(_ operation: Int32, _ socket: Int32, _ reading: Bool, _ writing: Bool) {
        var event = epoll_event()
        event.events =
            (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        event.data.fd = socket
        epoll_ctl(descriptor, operation, socket, &event)
    }

    /// Waits up to `nanoseconds` and tells which sockets are ready. On kernels before 5.11 the time is
    /// rounded up to milliseconds.
    mutating func wait(nanoseconds: Int64, into ready: inout [Ready]) {
        ready.removeAll(keepingCapacity: true)
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var count = epoll_pwait2(descriptor, &buffer, Int32(buffer.count), &time, nil)
        if count < 0, errno == ENOSYS {
            let milliseconds = Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
            count = epoll_wait(descriptor, &buffer, Int32(buffer.count), milliseconds)
        }
        guard count > 0 else { return }
        for event in buffer[..<Int(count)] {
            let failed = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
            ready.append(
                Ready(
                    descriptor: event.data.fd,
                    isReadable: event.events & EPOLLIN.rawValue != 0 || failed,
                    isWritable: event.events & EPOLLOUT.rawValue != 0 || failed))
        }
    }
}

/// Nanoseconds of the clock that never jumps.
public func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Raises the limit on open descriptors as far as this user may and returns it.
public func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
    getrlimit(resource, &limit)
    return Int(min(limit.rlim_cur, 1 << 30))
}

/// Nanoseconds of processor time that the calling thread has used.
public func threadNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The index of the next such byte at or after `start`, or the count of the bytes when there is none.
func index(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
    guard start >= 0, start < bytes.count else { return bytes.count }
    return bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress,
            let found = memchr(base + start, Int32(byte), buffer.count - start)
        else { return buffer.count }
        return UnsafeRawPointer(found) - base
    }
}

/// Eight bytes from `index` on as a number, the first the lowest; 0 when there are fewer.
func word(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
    guard index >= 0, index <= bytes.count &- 8 else { return 0 }
    return bytes.withUnsafeBytes { buffer in
        UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
}

extension Array where Element == UInt8 {
    /// A copy of the bytes of a span.
    public init(_ span: Span<UInt8>) {
        self.init(unsafeUninitializedCapacity: span.count) { buffer, count in
            span.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            }
            count = span.count
        }
    }
}

/// Whether a span holds exactly these bytes; as fast as the machine compares memory.
public func bytesAreEqual(_ span: Span<UInt8>, _ bytes: [UInt8]) -> Bool {
    guard span.count == bytes.count else { return false }
    return span.withUnsafeBytes { left in
        bytes.withUnsafeBytes { right in
            guard let left = left.baseAddress, let right = right.baseAddress else { return true }
            return memcmp(left, right, bytes.count) == 0
        }
    }
}

/// Lets this thread rest for ten milliseconds.
public func pause() { usleep(10_000) }
