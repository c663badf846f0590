// Who may import whom (docs/ARCHITECTURE.md): pure in the middle, one folder per technology around it,
// programs outside. A folder that is listed may import what its line names and nothing else.

enum ImportRules {
    private static let collections: Set<String> = [
        "BitCollections", "DequeModule", "HashTreeCollections", "HeapModule", "OrderedCollections",
    ]

    /// What the modules and the pure folders may import.
    private static let mayImport: [(folder: String, modules: Set<String>)] = [
        ("Sources/Inventory", collections),
        ("Sources/LiveSession", collections.union(["Inventory"])),
        ("Sources/WireProtocol", collections),
        ("Sources/LiveShopServer/Engine", engine),
        ("Sources/LiveShopServer/Catalogue", engine),
        ("Sources/LiveShopClient/ShowView", ["WireProtocol"]),
        ("Sources/Lanes", collections.union(["Glibc"])),
        ("Sources/Store", ["CSQLite", "Glibc"]),
        ("Sources/Terminal", ["CEditline", "Glibc", "Lanes"]),
        (
            "Sources/WebSocketTransport",
            collections.union(["CLibwebsockets", "Glibc", "Lanes", "WireProtocol"])
        ),
    ]
    private static let engine = collections.union(["Inventory", "LiveSession", "WireProtocol"])

    /// What only these folders may import.
    private static let belongsTo: [String: [String]] = [
        "CSQLite": ["Sources/Store"],
        "CLibwebsockets": ["Sources/WebSocketTransport"],
        "CEpoll": ["Sources/LiveShopClient"],
        "CEditline": ["Sources/Terminal"],
        "Yams": [
            "Sources/LiveShopServer/Configuration", "Sources/LiveShopLoadTest/ScenarioFile",
        ],
    ]

    /// What connects to a server must not know how one is built.
    private static let clients = [
        "Sources/LiveShopClient", "Sources/LiveShopConsole", "Sources/LiveShopLoadTest",
    ]
    private static let serverSide: Set<String> = [
        "Inventory", "LiveSession", "LiveShopServer", "Store", "WebSocketTransport",
    ]

    static let all: [Rule] =
        mayImport.map { folder, modules in
            Rule.code(
                "\(folder) imports only \(modules.sorted().joined(separator: ", "))",
                in: { $0.isIn(folder) }
            ) { line in
                guard let module = importedModule(line), !modules.contains(module) else {
                    return nil
                }
                return "must not import \(module)"
            }
        }
        + belongsTo.sorted { $0.key < $1.key }.map { module, folders in
            Rule.code(
                "\(module) is imported only in \(folders.joined(separator: ", "))",
                in: { file in file.isIn("Sources") && !folders.contains { file.isIn($0) } }
            ) { line in
                importedModule(line) == module ? "must not import \(module)" : nil
            }
        }
        + [
            Rule.code(
                "clients do not know the server's modules",
                in: { file in clients.contains { file.isIn($0) } }
            ) { line in
                guard let module = importedModule(line), serverSide.contains(module) else {
                    return nil
                }
                return "must not import \(module)"
            }
        ]

    /// The module that a line imports: `public import struct Lanes.Clock` names Lanes.
    static func importedModule(_ line: String) -> String? {
        var words = line.split { $0 == " " || $0 == ";" }.map(String.init)[...]
        while let first = words.first, first != "import" {
            let isModifier =
                first.hasPrefix("@")
                || ["public", "package", "internal", "fileprivate", "private"].contains(first)
            guard isModifier else { return nil }
            words.removeFirst()
        }
        guard words.count >= 2 else { return nil }
        words.removeFirst()
        let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let"]
        if words.count > 1, let first = words.first, kinds.contains(first) { words.removeFirst() }
        return words.first?.split(separator: ".").first.map(String.init)
    }
}
