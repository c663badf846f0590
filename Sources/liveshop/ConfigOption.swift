// `--config FILE`, for the commands that take one.

import ArgumentParser
import LiveShopClient
import LiveShopServer

struct ConfigOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("A configuration file (YAML).", valueName: "file"),
        completion: .file())
    var config: String?

    /// The file, or the one at `path` when the flag is not there; nil when there is neither.
    func read(
        or path: String? = nil
    ) throws -> ConfigurationFile? {
        guard let path = config ?? path else { return nil }
        let name = printable(path, limit: 200)
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try readFile(path, bytesMax: ConfigurationFile.bytesMax)
        } catch {
            throw CommandFailure("cannot read \(name): \(error.reason)")
        }
        return try configuring { () throws(ConfigurationProblem) in
            try ConfigurationFile(path: name, bytes: bytes)
        }
    }
}

/// Turns a mistake in a flag, a variable or a file into wrong use: exit code 2.
func configuring<T>(_ body: () throws(ConfigurationProblem) -> T) throws(ValidationError) -> T {
    do throws(ConfigurationProblem) {
        return try body()
    } catch {
        throw ValidationError(error.description)
    }
}
