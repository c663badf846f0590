// Owns one libwebsockets context on one libev loop of ours, and all memory that the library keeps
// pointers to. One context per event loop; made, used and destroyed on the loop's thread.

internal import CLibwebsockets
import Glibc
internal import Lanes

final class LibraryContext {
    let context: OpaquePointer
    let vhost: OpaquePointer

    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let retryPolicy: UnsafeMutablePointer<lws_retry_bo_t>
    private let foreignLoops: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let name: UnsafeMutablePointer<CChar>
    private let alpn: UnsafeMutablePointer<CChar>?
    private let tls: TLSFiles?

    /// `owner` comes back from `lws_context_user` in callbacks.
    init(
        loop: OpaquePointer, configuration: TransportConfiguration, descriptorTable: Int,
        owner: UnsafeMutableRawPointer,
        callback:
            @escaping @convention(c) (
                OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?,
                UnsafeMutableRawPointer?, Int
            ) -> Int32
    ) throws(TransportError) {
        guard let name = strdup(configuration.subprotocol) else { throw .system("out of memory") }
        let protocols = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)
        protocols.initialize(repeating: lws_protocols(), count: 2)
        // One protocol for HTTP and WebSocket: connections without a subprotocol get the first.
        protocols[0].name = UnsafePointer(name)
        protocols[0].callback = callback
        protocols[0].per_session_data_size = MemoryLayout<UInt64>.size
        protocols[0].rx_buffer_size = TransportLimits.receiveBufferBytes
        protocols[0].tx_packet_size = 65_536
        // Zeros: the default policy keeps a sorted timer per connection.
        let retryPolicy = UnsafeMutablePointer<lws_retry_bo_t>.allocate(capacity: 1)
        retryPolicy.initialize(to: lws_retry_bo_t())
        let foreignLoops = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        foreignLoops.initialize(to: UnsafeMutableRawPointer(loop))

        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN
        info.protocols = UnsafePointer(protocols)
        info.retry_and_idle_policy = UnsafePointer(retryPolicy)
        info.foreign_loops = foreignLoops
        info.options =
            UInt64(LWS_SERVER_OPTION_LIBEV) | UInt64(LWS_SERVER_OPTION_DISABLE_IPV6)
            | UInt64(LWS_SERVER_OPTION_VALIDATE_UTF8)
        let certificate = configuration.tls.flatMap { strdup($0.certificate) }
        let key = configuration.tls.flatMap { strdup($0.key) }
        defer {
            // Copied by the library.
            free(certificate)
            free(key)
        }
        let alpn = strdup("http/1.1")
        if configuration.tls != nil {
            info.port = CONTEXT_PORT_NO_LISTEN_SERVER
            info.options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
            info.ssl_cert_filepath = UnsafePointer(certificate)
            info.ssl_private_key_filepath = UnsafePointer(key)
            info.alpn = UnsafePointer(alpn)
        }
        info.gid = -1
        info.uid = -1
        info.max_http_header_data2 = TransportLimits.libraryHeaderBytesMax
        info.timeout_secs = TransportLimits.libraryTimeoutSeconds
        info.timeout_secs_ah_idle = UInt32(clamping: max(1, configuration.handshakeSeconds))
        info.user = owner

        // The library's creation code has process-wide state, its log among it.
        let created: (context: UInt, lastError: String) = Self.creation.withLock { lastError in
            lws_set_log_level(Int32(LLL_ERR), keepLibraryError)
            libraryError.withLock { $0 = "" }
            let context = Self.withDescriptorTable(of: descriptorTable) {
                lws_create_context(&info)
            }
            lws_set_log_level(0, nil)
            lastError = libraryError.withLock { $0 }
            return (UInt(bitPattern: context), lastError)
        }
        guard let context = OpaquePointer(bitPattern: created.context),
            let vhost = lws_get_vhost_by_name(context, "default")
        else {
            free(name)
            free(alpn)
            protocols.deallocate()
            retryPolicy.deallocate()
            foreignLoops.deallocate()
            if let tls = configuration.tls { throw .unusableCertificate(tls) }
            throw .system(
                "libwebsockets does not start (are libwebsockets17 and "
                    + "libwebsockets-evlib-ev installed?) \(created.lastError)")
        }
        self.context = context
        self.vhost = vhost
        self.protocols = protocols
        self.retryPolicy = retryPolicy
        self.foreignLoops = foreignLoops
        self.name = name
        self.alpn = alpn
        tls = configuration.tls
    }

    /// Reads certificate and key again, for connections from now on.
    func reloadCertificate() {
        guard let tls else { return }
        lws_tls_cert_updated(context, tls.certificate, tls.key, nil, 0, nil, 0)
    }

    private static let creation = Lock("")

    /// The library makes its table of sockets as large as the descriptor limit, and Debian's build walks
    /// all of it at every close. So it sees a limit no larger than what can be needed.
    private static func withDescriptorTable<Result>(
        of size: Int, _ body: () -> Result
    ) -> Result {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        guard limit.rlim_cur > rlim_t(size) else { return body() }
        var lowered = rlimit(rlim_cur: rlim_t(size), rlim_max: limit.rlim_max)
        setrlimit(resource, &lowered)
        defer { setrlimit(resource, &limit) }
        return body()
    }

    /// Ends all sockets without ceremony; `CLOSED` callbacks still come.
    func destroy() {
        Self.creation.withLock { _ in lws_context_destroy(context) }
    }

    deinit {
        free(name)
        free(alpn)
        protocols.deallocate()
        retryPolicy.deallocate()
        foreignLoops.deallocate()
    }
}

/// The library's last error line while it starts. Afterwards it is silent: peers can provoke its
/// messages at will.
private let libraryError = Lock("")

private func keepLibraryError(_ level: Int32, _ line: UnsafePointer<CChar>?) {
    guard let line else { return }
    let text = String(cString: line)
    libraryError.withLock { $0 = text.filter { $0 != "\n" } }
}
