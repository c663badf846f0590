// Everything the commands print goes through here: whole lines to the descriptors, unbuffered between
// commands and other writers. Foreign text must have passed `printable` before.

import Glibc

enum Output {
    /// One line on standard output. When its reader has gone (`| head -1`) the program ends quietly.
    static func line(_ text: String) {
        guard write(text + "\n", to: STDOUT_FILENO) else { exit(0) }
    }

    /// One line on standard error.
    static func error(_ text: String) {
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    /// Replaces the last progress line of a terminal on standard error.
    static func progress(_ text: String) {
        _ = write("\r\u{1B}[K" + text, to: STDERR_FILENO)
    }

    /// Removes the progress line.
    static func endProgress() {
        _ = write("\r\u{1B}[K", to: STDERR_FILENO)
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// False when nobody reads any more; another failure of standard output ends the program with 1.
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, 1000)
            } else if errno != EINTR {
                if errno != EPIPE, descriptor == STDOUT_FILENO {
                    error("liveshop: cannot write: \(String(cString: strerror(errno)))")
                    exit(1)
                }
                return false
            }
        }
        return true
    }
}
