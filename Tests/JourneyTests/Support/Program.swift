// The built program as a child process: LIVESHOP_BIN, else the one beside the test bundle. Its output is
// read through sockets that no other child inherits, so that their end is the end of the process.

import Foundation
import Testing

final class Program {
    struct Result {
        let code: Int32
        let output: String
        let errors: String
        /// The lines of standard error that are no log lines.
        var lines: [String] {
            errors.split(separator: "\n").map(String.init)
        }
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    static var path: String {
        if let named = ProcessInfo.processInfo.environment["LIVESHOP_BIN"] { return named }
        let folder = (CommandLine.arguments[0] as NSString).deletingLastPathComponent
        for candidate in [folder + "/liveshop", ".build/debug/liveshop"]
        where FileManager.default.isExecutableFile(atPath: candidate) {
            return candidate
        }
        return ".build/debug/liveshop"
    }

    private static let patienceMilliseconds: Int32 = 60_000

    let process: pid_t
    private let output: Int32
    private let errors: Int32
    private var buffered: [UInt8] = []
    private var code: Int32?

    /// Starts the program. `input` is all of its standard input.
    init(_ arguments: [String], input: String = "", environment: [String: String] = [:]) throws {
        let (inputEnd, inputStart) = try Self.pipe()
        let (outputEnd, outputStart) = try Self.pipe()
        let (errorEnd, errorStart) = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, standard) in [(inputEnd, 0), (outputStart, 1), (errorStart, 2)] {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(standard))
        }
        var words = ([Self.path] + arguments).map { strdup($0) } + [nil]
        var variables =
            ProcessInfo.processInfo.environment.merging(environment) { $1 }
            .map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var started: pid_t = 0
        let status = dataGate.sync(flags: .barrier) {
            posix_spawn(&started, Self.path, &actions, nil, &words, &variables)
        }
        for descriptor in [inputEnd, outputStart, errorStart] { close(descriptor) }
        let bytes = Array(input.utf8)
        _ = write(inputStart, bytes, bytes.count)
        close(inputStart)
        process = started
        output = outputEnd
        errors = errorEnd
        guard status == 0 else {
            throw Failure(
                description: "cannot run \(Self.path): \(String(cString: strerror(status)))")
        }
    }

    deinit {
        if code == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(output)
        close(errors)
    }

    /// A pair of sockets, since a pipe could be inherited by another child before it is marked.
    private static func pipe() throws -> (end: Int32, start: Int32) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw Failure(description: "no pair of sockets")
        }
        return (ends[0], ends[1])
    }

    /// Runs a command to its end.
    static func run(_ arguments: String..., input: String = "") throws -> Result {
        try Program(arguments, input: input).wait()
    }

    /// Runs a command that has to succeed.
    @discardableResult
    static func done(_ arguments: String..., input: String = "") throws -> Result {
        let result = try Program(arguments, input: input).wait()
        guard result.code == 0 else {
            throw Failure(description: "\(arguments) exits \(result.code): \(result.errors)")
        }
        return result
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// Reads one line of standard output.
    func line() throws -> String {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffered.removeSubrange(...end) }
                return String(decoding: buffered[..<end], as: UTF8.self)
            }
            guard try Self.read(output, into: &buffered) else {
                throw Failure(description: "no line: \(try wait().errors)")
            }
        }
    }

    /// Waits until the process has ended.
    func wait() throws -> Result {
        var said: [UInt8] = []
        // Nothing that these tests run says more on standard error than fits into a socket.
        while try Self.read(output, into: &buffered) {}
        while try Self.read(errors, into: &said) {}
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let isExit = status & 0x7F == 0
        let code = isExit ? status >> 8 & 0xFF : 128 + (status & 0x7F)
        self.code = code
        return Result(
            code: code, output: String(decoding: buffered, as: UTF8.self),
            errors: String(decoding: said, as: UTF8.self))
    }

    /// False at the end of the stream.
    private static func read(_ descriptor: Int32, into bytes: inout [UInt8]) throws -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, patienceMilliseconds) == 1 else {
            throw Failure(description: "the program neither speaks nor ends")
        }
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = Foundation.read(descriptor, &piece, piece.count)
        guard count > 0 else { return false }
        bytes += piece[..<count]
        return true
    }
}

/// A child that was just forked holds copies of all descriptors until it becomes its program, and with
/// them the locks of data directories that this process lets go. So nothing is forked while one is let go.
let dataGate = DispatchQueue(label: "data", attributes: .concurrent)

/// A data directory made by the program itself, with one show.
final class ProgramData {
    let directory: String
    var data: String { directory + "/data" }

    init(units: Int = 3) throws {
        directory = try temporaryDirectory()
        try Program.done(
            "show", "create", "--data", data, "--show", "spring", "--title", "Spring", "--currency",
            "EUR")
        let catalogue = directory + "/catalogue.json"
        let variant = #"{"sku":"A","title":"A","price":1000,"on_hand":\#(units)}"#
        try Data(#"[{"id":"p1","title":"Tee","variants":[\#(variant)]}]"#.utf8)
            .write(to: URL(fileURLWithPath: catalogue))
        try Program.done("import", "--data", data, "--show", "spring", catalogue)
        try Program.done("show", "start", "--data", data, "--show", "spring")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A running server and its port.
    func serve(_ flags: String..., port: Int = 0) throws -> (program: Program, port: Int) {
        let program = try Program(
            ["serve", "--data", data, "--listen", "127.0.0.1:\(port)"] + flags)
        let line = try program.line()
        let prefix = "liveshop: listening on ws://127.0.0.1:"
        let suffix = "/v1/socket"
        guard line.hasPrefix(prefix), line.hasSuffix(suffix),
            let port = Int(line.dropFirst(prefix.count).dropLast(suffix.count))
        else { throw Program.Failure(description: "the readiness line is '\(line)'") }
        return (program, port)
    }
}
