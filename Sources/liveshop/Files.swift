// Whole small files in and out, with the system's reason when it refuses.

import Glibc

struct FileFailure: Error {
    /// "No such file or directory", or that it is too large.
    var reason: String
}

/// The bytes of a file. "-" is standard input.
func readFile(_ path: String, bytesMax: Int) throws(FileFailure) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure(reason: String(cString: strerror(errno))) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return bytes }
        if count < 0 {
            if errno == EINTR { continue }
            throw FileFailure(reason: String(cString: strerror(errno)))
        }
        bytes.append(contentsOf: chunk[..<count])
        guard bytes.count <= bytesMax else {
            throw FileFailure(reason: "it is larger than \(bytesMax) bytes")
        }
    }
}

/// Writes a file anew.
func writeFile(_ path: String, _ bytes: [UInt8]) throws(FileFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileFailure(reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            throw FileFailure(reason: String(cString: strerror(errno)))
        }
        rest = rest.dropFirst(count)
    }
}

/// Where the consoles keep what was typed; nil without a home.
func historyFile() -> String? {
    guard let home = getenv("HOME"), home.pointee != 0 else { return nil }
    return String(cString: home) + "/.liveshop_history"
}
