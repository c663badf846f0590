// The rules that keep the layout of docs/ARCHITECTURE.md true: each is checked against the whole tree,
// and each against a sample that breaks it, so that a rule which finds nothing is known to look.

import Testing

@Suite struct TidyTests {
    @Test(arguments: Rule.all)
    func `the project keeps the rule`(rule: Rule) throws {
        let findings = try SourceTree.files().flatMap(rule.findings)
        #expect(findings == [], "\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test func `the whole tree is looked at`() throws {
        let paths = Set(try SourceTree.files().map(\.path))
        let expected: Set = [
            "Package.swift", "Sources/Store/Store.swift", "Sources/CSQLite/shim.h",
            "Tests/TidyTests/TidyTests.swift", "scripts/test", ".ci/run", "CHANGELOG.md",
        ]
        #expect(expected.subtracting(paths) == [])
        #expect(paths.filter { $0.hasPrefix(".build") || $0.hasPrefix(".git") } == [])
    }

    @Test func `every rule has a sample that breaks it`() {
        for rule in Rule.all {
            #expect(
                Sample.bad.contains { !rule.findings($0.file).isEmpty },
                "no bad sample for: \(rule)")
        }
    }

    @Test(arguments: Sample.bad)
    func `a bad sample is found, on its line`(sample: Sample) {
        let findings = Rule.all.flatMap { $0.findings(sample.file) }
        #expect(findings.map(\.line).contains(sample.badLine), "\(findings)")
    }

    @Test(arguments: Sample.good)
    func `a good sample is left alone`(sample: Sample) {
        #expect(Rule.all.flatMap { $0.findings(sample.file) } == [])
    }
}
