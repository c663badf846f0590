// The built program, from outside: its lines, its exit codes, its signals, and what it does with files that
// are not its own.

import Foundation
import Testing

@Suite(.ownThread)
struct ProgramTests {
    // MARK: Serving

    @Test func `serve says where it listens, and a signal ends it with 1001 and exit code 0`()
        throws
    {
        for number in [SIGTERM, SIGINT] {
            let data = try ProgramData()
            let (server, port) = try data.serve()
            #expect(port > 0)
            let client = try Client(port: port)
            try client.join(name: "Ana")
            _ = try client.claim("A", "1")
            let began = ContinuousClock.now
            server.signal(number)
            _ = try client.next("server.restarting")
            #expect(try client.closeCode() == 1001)
            let ended = try server.wait()
            #expect(ended.code == 0)
            #expect(ContinuousClock.now - began < .seconds(5))
            #expect(try Program.run("audit", "--data", data.data).code == 0)
        }
    }

    @Test func `a signal that comes as soon as the server is ready is heard`() throws {
        let data = try ProgramData()
        for _ in 0..<20 {
            let (server, _) = try data.serve()
            server.signal(SIGTERM)
            #expect(try server.wait().code == 0)
        }
    }

    @Test func `kill -9 loses nothing that was acknowledged`() throws {
        let data = try ProgramData()
        var (server, port) = try data.serve()
        let client = try Client(port: port)
        try client.join(name: "Ana")
        let held = try client.claim("A", "1")
        server.signal(SIGKILL)
        #expect(try client.closeCode() == 1006)
        _ = try server.wait()
        (server, port) = try data.serve(port: port)
        try client.connect()
        let hello = try client.join()
        #expect(hello["data.resumed"].bool == true)
        #expect(hello["data.you.holds.0.hold"].text == held["data.hold.hold"].text)
        #expect(hello["data.you.holds.0.expires_at"].text == held["data.hold.expires_at"].text)
        #expect(try client.claim("A", "1")["data"].json == held["data"].json)
        try client.see(try #require(hello["data.offset"].number))
        #expect(client.events.map(\.type) == ["claim.held"])
        #expect(client.gaps == [])
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    @Test func `a directory has one server, and readers beside it`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve()
        let second = try Program.run("serve", "--data", data.data, "--listen", "127.0.0.1:0")
        #expect(second.code == 1)
        #expect(second.lines.count == 1)
        #expect(second.errors.contains("in use"))
        #expect(try Program.run("audit", "--data", data.data).code == 0)
        #expect(try Program.run("show", "list", "--data", data.data).output.contains("spring"))
        let writing = try Program.run(
            "show", "create", "--data", data.data, "--show", "autumn", "--title", "T",
            "--currency", "EUR")
        #expect(writing.code == 1)
        #expect(writing.lines.count == 1)
        #expect(writing.errors.contains("--server"))
        let taken = try ProgramData()
        let portTaken = try Program.run(
            "serve", "--data", taken.data, "--listen", "127.0.0.1:\(port)")
        #expect(portTaken.code == 1)
        #expect(portTaken.lines.count == 1)
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    /// Growing it would make the event loop wait for the kernel in the middle of a herd.
    @Test func `the table of descriptors has room for everybody before the first comes`() throws {
        let data = try ProgramData()
        let (server, _) = try data.serve("--max-connections", "5000")
        let status = try String(
            contentsOfFile: "/proc/\(server.process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("FDSize:") })
        let size = try #require(line.split(separator: "\t").last.flatMap { Int($0) })
        #expect(size >= 5000)
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    @Test func `guests who may only look are told which flag says so`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve("--guests", "view")
        let client = try Client(port: port)
        try client.join(name: "Ana")
        let refused = try #require(
            try client.refusal(of: "claim.create", #"{"sku":"A","key":"1"}"#))
        #expect(refused.code == "forbidden")
        #expect(refused.message.contains("--guests"))
        server.signal(SIGTERM)
        let ended = try server.wait()
        #expect(ended.errors.contains("development mode: anyone who reaches this port may buy"))
    }

    @Test func `settings, tokens, the console and exports work together`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve("--set", "hold_seconds=77")
        let url = "http://127.0.0.1:\(port)"
        let console = try Program.run(
            "host", "--data", data.data, "--server", url, "--show", "spring",
            input: "pin A\nstock A +2\nprice A 12.50\n")
        #expect(console.code == 0, "\(console.errors)")
        let token = try Program.done(
            "token", "--data", data.data, "--sub", "ana", "--role", "viewer", "--show", "spring"
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let client = try Client(port: port)
        let hello = try client.join(token: token)
        #expect(hello["data.you.participant"].text == "ana")
        #expect(hello["data.limits.hold_seconds"].number == 77)
        let held = try client.claim("A", "1", #","quantity":5"#)
        #expect(held["data.outcome"].text == "held")
        #expect(held["data.hold.unit_price"].number == 1250)
        let failing = try Program.run(
            "host", "--data", data.data, "--server", url, "--show", "spring",
            input: "pin NOTHING\npin A\n")
        #expect(failing.code == 1)
        #expect(failing.lines.count == 1)
        let ended = try Program.run(
            "show", "end", "--data", data.data, "--server", url, "--show", "spring")
        #expect(ended.code == 0, "\(ended.errors)")
        _ = try client.next("show.ended")
        let events = try Program.done("events", "--data", data.data, "--show", "spring")
        let lines = events.output.split(separator: "\n").compactMap { Message(Array($0.utf8)) }
        #expect(lines.compactMap(\.offset) == Array(1...lines.count))
        #expect(lines.suffix(client.events.count).map(\.text) == client.events.map(\.text))
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    // MARK: Command lines

    @Test(
        arguments: [
            (["serve", "--set", "hold_secnds=5"], "hold_seconds"),
            (["serve", "--set", "hold_seconds=0"], "259200"),
            (["serve", "--set", "hold_seconds=ten"], "whole number"),
            (["serve", "--set", "hold_seconds"], "NAME=VALUE"),
            (["serve", "--listen", "8080"], "HOST:PORT"),
            (["serve", "--listen", "127.0.0.1:70000"], "HOST:PORT"),
            (["serve", "--guests", "some"], "claim"),
            (["serv"], "serve"),
            (
                ["show", "create", "--show", "Spring Sale", "--title", "T", "--currency", "EUR"],
                "a-z"
            ),
            (["show", "create", "--show", "s", "--title", "T", "--currency", "EURO"], "ISO 4217"),
            (["show", "create", "--title", "T", "--currency", "EUR"], "--show"),
            (["load", "--show", "s", "--viewers", "5", "--scenario", "flash-sael"], "flash-sale"),
            (
                ["load", "--show", "s", "--viewers", "5", "--rate", "-1"],
                "'-1' is invalid for '--rate <n>': it takes a number from 0 to 1000000"
            ),
            (["load", "--show", "s", "--viewers", "5", "--ramp=nan"], "a number from 0 to 86400"),
            (["load", "--show", "s", "--viewers", "5", "--seed", "-1"], "whole number from 0 to"),
            (["load", "--show", "s", "--viewers", "0"], "a whole number from 1 to 100000"),
            (["token", "--sub", "s", "--role", "emperor"], "viewer"),
        ])
    func `wrong use exits 2 with one line that names the right form`(
        arguments: [String], hint: String
    ) throws {
        let result = try Program(arguments).wait()
        #expect(result.code == 2)
        #expect(result.output.isEmpty)
        #expect(result.lines.count == 1, "\(result.errors)")
        #expect(result.errors.contains(hint), "\(result.errors)")
    }

    @Test(arguments: [
        ("steps:\n  - do: chat\n  - do: clam\n", "bad.yaml:3: nobody can 'clam'"),
        ("steps:\n  - do: chat\n", "bad.yaml does not say how many viewers there are"),
    ])
    func `a mistake in a scenario file is wrong use`(text: String, message: String) throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/bad.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        let result = try Program.run("load", "--show", "s", "--scenario", path)
        #expect(result.code == 2)
        #expect(result.lines.count == 1, "\(result.errors)")
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test func `what the world refuses exits 1 with one line`() throws {
        let data = try ProgramData()
        let missing = data.directory + "/nothing"
        for arguments in [
            [
                "show", "create", "--data", data.data, "--show", "spring", "--title", "T",
                "--currency", "EUR",
            ],
            ["show", "start", "--data", data.data, "--show", "autumn"],
            ["show", "start", "--data", data.data, "--show", "spring"],
            [
                "import", "--data", data.data, "--show", "autumn",
                data.directory + "/catalogue.json",
            ],
            ["import", "--data", data.data, "--show", "spring", missing],
            ["events", "--data", missing, "--show", "spring"],
            ["audit", "--data", missing],
            ["host", "--server", "http://127.0.0.1:1", "--data", data.data, "--show", "spring"],
        ] {
            let result = try Program(arguments).wait()
            #expect(result.code == 1, "\(arguments)")
            #expect(result.lines.count == 1, "\(arguments): \(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: missing))
    }

    @Test func `help and version exit 0 on standard output`() throws {
        for arguments in [
            ["--help"], ["--version"], ["serve", "--help"], ["show", "create", "--help"],
        ] {
            let result = try Program(arguments).wait()
            #expect(result.code == 0)
            #expect(!result.output.isEmpty)
            #expect(result.errors.isEmpty)
        }
    }

    // MARK: Load

    @Test(arguments: [
        (SIGINT, 130, "viewers.count", []),
        (SIGTERM, 143, "claim.held", ["--scenario", "claims", "--sku", "A", "--duration", "3600"]),
        (SIGINT, 130, "viewers.count", ["--ramp", "15"]),
    ])
    func `a load that is interrupted says what it saw`(
        signal: Int32, code: Int32, sign: String, flags: [String]
    ) throws {
        let data = try ProgramData()
        let (server, port) = try data.serve()
        let result = data.directory + "/result.json"
        let load = try self.load(port, until: sign, flags + ["--json", result])
        load.signal(signal)
        let ended = try load.wait()
        #expect(ended.code == code, "\(ended.errors)")
        #expect(ended.lines.count == 1, "\(ended.errors)")
        #expect(ended.output.hasSuffix("verdict: interrupted, all invariants held so far\n"))
        let kept = try Data(contentsOf: URL(filePath: result))
        let report = try #require(Message(Array(kept.dropLast())))
        #expect(report["interrupted"].bool == true)
        // Nobody is let in any more.
        if flags.contains("--ramp") { #expect(report["joined"].number ?? 0 < 90) }
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    /// The first message afterwards tells of what was sampled away before.
    @Test func `a storm of chat before a load is not missed by it`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve("--set", "chat_per_second=1")
        for rate in ["200", "4"] {
            let ended = try Program.run(
                "load", "--server", "http://127.0.0.1:\(port)", "--show", "spring", "--viewers",
                "20", "--scenario", "chat-storm", "--rate", rate, "--duration", "1")
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(!ended.output.contains("chat said: 0"))
        }
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    @Test func `the result of a load says what was asked, but no token`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve()
        let path = data.directory + "/result.json"
        let ended = try Program.run(
            "load", "--server", "http://127.0.0.1:\(port)", "--show", "spring", "--viewers", "3",
            "--scenario", "claims", "--kind", "ping", "--duration", "0.1", "--json", path,
            "--token=abc.def.ghi")
        #expect(ended.code == 0, "\(ended.errors)")
        let result = try #require(Message(Array(Data(contentsOf: URL(filePath: path)).dropLast())))
        #expect(result["server"].text == "http://127.0.0.1:\(port)")
        #expect(result["started_at"].time ?? 0 > 0)
        #expect(!(result["version"].text ?? "").isEmpty)
        #expect(result["options"].json?.contains(#""--duration","0.1","--json""#) == true)
        #expect(result["options"].json?.contains(#""--token=…""#) == true)
        #expect(!result.text.contains("abc.def.ghi"))
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    @Test func `a second signal ends a load at once`() throws {
        let data = try ProgramData()
        let (server, port) = try data.serve()
        let load = try self.load(port, until: "viewers.count", [])
        load.signal(SIGINT)
        load.signal(SIGTERM)
        let ended = try load.wait()
        #expect(ended.code == 128 + SIGTERM)
        #expect(ended.output.isEmpty)
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }

    /// A load of many buyers; returns when a message of this type has told of one of them.
    private func load(_ port: Int, until sign: String, _ flags: [String]) throws -> Program {
        let watcher = try Client(port: port)
        try watcher.join(name: "Watcher")
        let url = "http://127.0.0.1:\(port)"
        let load = try Program(
            ["load", "--server", url, "--show", "spring", "--viewers", "90"] + flags)
        _ = try watcher.next("a buyer") { $0.type == sign && $0["data.viewers"].number != 1 }
        return load
    }

    // MARK: Files

    @Test func `foreign, newer and damaged databases are refused and left as they are`() throws {
        let data = try ProgramData()
        let file = URL(fileURLWithPath: data.data + "/liveshop.db")
        let good = try Data(contentsOf: file)
        var newer = good
        // SQLite's user_version is the big-endian number at byte 60 of the header.
        newer.replaceSubrange(60..<64, with: [0, 0, 0x7F, 0xFF])
        var foreign = good
        // And application_id stands at byte 68.
        foreign.replaceSubrange(68..<72, with: [1, 2, 3, 4])
        var damaged = good
        damaged.replaceSubrange(100..<4096, with: Data(repeating: 0xA5, count: 3996))
        let text = Data("This is a shopping list.\n".utf8)
        for (content, word) in [
            (newer, "newer"), (foreign, "not a LiveShop database"),
            (text, "not a LiveShop database"), (damaged, "damaged"),
        ] {
            try content.write(to: file)
            for arguments in [
                ["serve", "--data", data.data, "--listen", "127.0.0.1:0"],
                ["audit", "--data", data.data],
                ["show", "list", "--data", data.data],
            ] {
                let result = try Program(arguments).wait()
                #expect(result.code == 1, "\(word): \(arguments)")
                #expect(result.lines.count == 1, "\(word): \(arguments): \(result.errors)")
                #expect(result.errors.contains(word), "\(word): \(arguments): \(result.errors)")
                #expect(try Data(contentsOf: file) == content, "\(word): \(arguments)")
            }
        }
        try good.write(to: file)
        #expect(try Program.run("audit", "--data", data.data).code == 0)
    }

    @Test func `files are for their owner alone`() throws {
        let data = try ProgramData()
        let (server, _) = try data.serve()
        func mode(_ path: String) throws -> Int {
            try #require(
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
        }
        #expect(try mode(data.data) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: data.data) {
            #expect(try mode(data.data + "/" + name) == 0o600, "\(name)")
        }
        server.signal(SIGTERM)
        #expect(try server.wait().code == 0)
    }
}
