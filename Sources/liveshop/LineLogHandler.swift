// The server's log on standard error: one event is one line, whatever it contains.

import LiveShopClient
import LiveShopServer
import Logging
import WireProtocol
import Glibc

struct LineLogHandler: LogHandler {
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: LogFormat, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        let message = "\(event.message)"
        switch format {
        case .text:
            Output.error(
                "\(RFC3339.string(now)) \(event.level.rawValue) \(printable(message, limit: 2000))")
        case .json:
            var json = JSONWriter(capacity: 256)
            json.beginObject()
            json.member("time", time: now)
            json.member("level", event.level.rawValue)
            json.member("message", message)
            json.endObject()
            Output.error(String(decoding: json.bytes, as: UTF8.self))
        }
    }
}
