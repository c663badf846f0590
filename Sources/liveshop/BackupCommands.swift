// `liveshop backup` and `liveshop restore`: a copy of everything, and back.

import ArgumentParser
import LiveShopClient
import LiveShopServer
import WireProtocol

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database to a new file, also while a server runs.",
        discussion: """
            Never replaces a file. The copy is only its owner's to read; secret.key is not in it and
            has to be kept, too.

            Example:
              liveshop backup --data ./liveshop-data --to /backups/liveshop-2026-11-21.db
              liveshop audit --data /backups/liveshop-2026-11-21.db
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var form: OutputOption

    @Option(help: ArgumentHelp("The new file.", valueName: "file"))
    var to: String

    func run() throws {
        let data = try self.data.open(.read)
        defer { data.close() }
        try refusing { () throws(ServerFailure) in try data.backUp(to: to) }
        form.print("backed up to \(printable(to, limit: 200))") { json in json.member("file", to) }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Makes a data directory from a backup.",
        discussion: """
            Refuses a directory that a server uses or that has a database. Shows get a new epoch, so
            that clients start from a snapshot instead of resuming into another past.

            A backup has no secret.key. If the directory has none, copy yours there before you serve:
            else a new one is made, all tokens are refused, and guests do not find their holds.

            Example:
              liveshop restore --from /backups/liveshop-2026-11-21.db --data ./liveshop-data
              cp -p /backups/secret.key ./liveshop-data/
            """)

    @OptionGroup var data: DataOption
    @OptionGroup var form: OutputOption

    @Option(help: ArgumentHelp("The backup.", valueName: "file"))
    var from: String

    func run() throws {
        try refusing { () throws(ServerFailure) in
            try LocalData.restore(from: from, to: data.data)
        }
        form.print("restored into \(printable(data.data, limit: 200))") { json in
            json.member("data", data.data)
        }
    }
}
