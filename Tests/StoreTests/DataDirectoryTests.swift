// Keys and tokens in the data directory.

import Foundation
import Testing

@testable import Store

@Suite struct DataDirectoryTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    @Test func `directories are made, the last one for its owner only`() throws {
        let directory = try DataDirectory(creating: scratch.path + "/a/b//")
        #expect(directory.path == scratch.path + "/a/b")
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(try DataDirectory(existing: directory.path + "/").path == directory.path)
        #expect(throws: StoreError.missing(path: scratch.path + "/c")) {
            try DataDirectory(existing: scratch.path + "/c")
        }
    }

    @Test func `a directory that is there is closed to others if it is empty`() throws {
        func mode(of name: String, holding file: String?) throws -> Int? {
            let path = "\(scratch.path)/\(name)"
            mkdir(path, 0o755)
            if let file { try createFile("\(path)/\(file)") }
            _ = try DataDirectory(creating: path)
            return try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(of: "empty", holding: nil) == 0o700)
        #expect(try mode(of: "used", holding: "letter.txt") == 0o755)
    }

    @Test func `a file in the place of the directory is refused`() throws {
        try createFile(scratch.data)
        #expect(
            throws: StoreError.notWritable(path: scratch.data, reason: "it is not a directory")
        ) { try DataDirectory(creating: scratch.data) }
    }

    @Test func `the secret is made once: 32 random bytes as one line of text`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        #expect(try directory.read(.secretKey) == nil)
        let secret = try directory.secretKey()
        #expect(secret.count == 43)
        #expect(secret.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
        #expect(try directory.secretKey() == secret)
        #expect(try directory.read(.secretKey) == secret)
        #expect(
            try scratch.bytes(directory.path(.secretKey)) == Data((secret + "\n").utf8))
        let other = try DataDirectory(creating: scratch.path + "/other")
        #expect(try other.secretKey() != secret)
        #expect(try scratch.files() == ["secret.key"])
    }

    @Test func `a byte-order mark before a secret is no part of it`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        try directory.replace(.secretKey, with: "\u{FEFF}a secret of a shop")
        #expect(try directory.secretKey() == "a secret of a shop")
    }

    @Test func `an empty secret is refused rather than used`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        try createFile(directory.path(.secretKey))
        #expect(throws: StoreError.self) { try directory.secretKey() }
    }

    @Test func `a token file is replaced whole and belongs to its owner only`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        try directory.replace(.hostToken, with: "first")
        try directory.replace(.hostToken, with: "second")
        #expect(try directory.read(.hostToken) == "second")
        #expect(try scratch.files() == ["host.token"])
        let attributes = try FileManager.default.attributesOfItem(
            atPath: directory.path(.hostToken))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    // MARK: What others could have put there

    private static let names = [
        "lock", "secret.key", "liveshop.db", "liveshop.db-wal", "liveshop.db-shm",
    ]

    /// Opens the data for writing, and asks for the secret.
    private func open() throws(StoreError) {
        let store = try Store.open(directory: scratch.data, mode: .create)
        defer { store.close() }
        _ = try DataDirectory(existing: scratch.data).secretKey()
    }

    @Test(arguments: names)
    func `what is not the owner's own file is refused and left as it is`(name: String) throws {
        try scratch.closedData()
        _ = try DataDirectory(existing: scratch.data).secretKey()
        let place = "\(scratch.data)/\(name)"
        let other = scratch.path + "/other"
        try Data("precious\n".utf8).write(to: URL(fileURLWithPath: other))
        chmod(other, 0o600)
        unlink(place)

        try #require(symlink(other, place) == 0)
        #expect(
            throws: StoreError.untrusted(
                path: place, reason: "is a symbolic link; only a regular file is taken there")
        ) { try open() }
        #expect(try scratch.bytes(other) == Data("precious\n".utf8))
        unlink(place)

        let irregular = StoreError.untrusted(path: place, reason: "is not a regular file")
        try #require(mkfifo(place, 0o600) == 0)
        #expect(throws: irregular) { try open() }
        unlink(place)
        try #require(mkdir(place, 0o700) == 0)
        #expect(throws: irregular) { try open() }
    }

    @Test func `a token in the place of a link is written beside it, not through it`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        let other = scratch.path + "/other"
        try Data("precious\n".utf8).write(to: URL(fileURLWithPath: other))
        try #require(symlink(other, directory.path(.hostToken)) == 0)
        try directory.replace(.hostToken, with: "token")
        #expect(try directory.read(.hostToken) == "token")
        #expect(try scratch.bytes(other) == Data("precious\n".utf8))
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o660, 0o666] as [mode_t])
    func `a secret that others may use is refused`(mode: mode_t) throws {
        let directory = try DataDirectory(creating: scratch.data)
        let path = directory.path(.secretKey)
        let secret = try directory.secretKey()
        chmod(path, mode)
        let reason =
            "can be used by others (mode 0\(String(mode, radix: 8))): chmod 600 \(path)"
        #expect(throws: StoreError.untrusted(path: path, reason: reason)) {
            try directory.secretKey()
        }
        chmod(path, 0o600)
        #expect(try directory.secretKey() == secret)
    }

    @Test func `a secret that several share is refused only if everybody may use it`() throws {
        let path = scratch.path + "/shared"
        try Data("shared\n".utf8).write(to: URL(fileURLWithPath: path))
        for mode in [0o600, 0o400, 0o640, 0o440] as [mode_t] {
            chmod(path, mode)
            #expect(try readSharedSecret(path) == Array("shared\n".utf8))
        }
        for mode in [0o644, 0o604, 0o602, 0o666] as [mode_t] {
            chmod(path, mode)
            #expect(throws: StoreError.self) { try readSharedSecret(path) }
        }
    }

    @Test func `a directory that others may write to is refused`() throws {
        try scratch.closedData()
        for mode in [0o770, 0o702, 0o777] as [mode_t] {
            chmod(scratch.data, mode)
            #expect(throws: StoreError.self) { try open() }
        }
        chmod(scratch.data, 0o755)
        try open()
        #expect(try DataDirectory(existing: scratch.data).isOpenToOthers)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a directory of another user is refused to a writer`() throws {
        try scratch.closedData()
        _ = try DataDirectory(existing: scratch.data).secretKey()
        for name in try scratch.files() { chown("\(scratch.data)/\(name)", 65_534, 65_534) }
        chown(scratch.data, 65_534, 65_534)
        #expect(throws: StoreError.self) { try open() }
        #expect(throws: StoreError.self) {
            try Store.open(directory: scratch.data, mode: .readWrite)
        }
        // Who may read everything reads.
        #expect(try Store.open(directory: scratch.data, mode: .readOnly).shows() == [show()])
        _ = try DataDirectory(existing: scratch.data).secretKey()
        // And the other way round: a file of somebody else in a directory of one's own.
        chown(scratch.data, 0, 0)
        #expect(throws: StoreError.self) { try open() }
    }

    @Test func `the database is closed to others when it is opened`() throws {
        try scratch.closedData()
        chmod(scratch.database, 0o644)
        try open()
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.database)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `the lock is given up by release and with its holder`() throws {
        let directory = try DataDirectory(creating: scratch.data)
        let lock = try DirectoryLock(directory)
        #expect(throws: StoreError.inUse(path: directory.path, process: getpid())) {
            try DirectoryLock(directory)
        }
        lock.release()
        do { _ = try DirectoryLock(directory) }
        _ = try DirectoryLock(directory)
    }
}
