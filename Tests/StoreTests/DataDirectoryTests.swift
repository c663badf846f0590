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
