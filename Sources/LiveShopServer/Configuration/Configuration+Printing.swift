// What `serve --print-config` shows: every value in force with where it came from. The text is a
// configuration file itself, which gives the same configuration when it is read.

import LiveSession
public import WireProtocol

extension Configuration {
    /// The lines of a configuration file.
    public func yamlLines() -> [String] {
        let mode = server.isDevelopment ? "on" : "off"
        return ["# What is in force and where it came from. Development mode is \(mode)."]
            + ConfigurationKey.all.map { key in
                switch key.read(self) {
                case .one(let value): line("\(key.name): \(Self.yaml(value))", of: key)
                case .list(let values):
                    line(
                        "\(key.name): [\(values.map(Self.quoted).joined(separator: ", "))]",
                        of: key)
                case .none(let otherwise):
                    line("# \(key.name):", of: key) + ": \(otherwise)"
                }
            }
    }

    /// One object per value: `name`, `value`, `source`, and the `file` and `line`, `variable` or
    /// `flag` that gave it.
    public func writeJSON(_ key: ConfigurationKey, to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", key.name)
        json.key("value")
        switch key.read(self) {
        case .one(let value): WireMapping.write(value, to: &json)
        case .list(let values):
            json.beginArray()
            for value in values { json.string(value) }
            json.endArray()
        case .none: json.null()
        }
        switch source(of: key) {
        case .builtIn: json.member("source", "default")
        case .file(let path, let line):
            json.member("source", "file")
            json.member("file", path)
            json.member("line", line)
        case .environment(let variable):
            json.member("source", "environment")
            json.member("variable", variable)
        case .flag(let flag):
            json.member("source", "flag")
            json.member("flag", flag)
        }
        json.endObject()
    }

    private func line(_ text: String, of key: ConfigurationKey) -> String {
        let padding = String(repeating: " ", count: max(1, 40 - text.count))
        return text + padding + "# \(source(of: key))"
    }

    private static func yaml(_ value: SettingValue) -> String {
        switch value {
        case .integer, .flag: value.description
        case .text(let text): isPlain(text) ? text : quoted(text)
        }
    }

    /// Whether YAML reads the text as it stands.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-"), !text.hasSuffix(":"),
            text.lowercased() != "null"
        else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"),
                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }

    /// A JSON string is a double-quoted one of YAML.
    private static func quoted(_ text: String) -> String {
        var json = JSONWriter(capacity: text.utf8.count + 2)
        json.string(text)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
