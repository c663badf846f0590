// Catalogue files in other encodings than UTF-8: told in one error, and read when they are named.

import Testing
import WireProtocol

@testable import LiveShopServer

struct CatalogueEncodingTests {
    private static let text =
        "Handle,Title,Variant SKU,Variant Price\na,\u{C4}ss\u{E9} \u{20AC},S,1\nb,B,T,2\n"

    private func read(
        _ bytes: [UInt8], _ encoding: CatalogueEncoding? = nil
    ) throws -> CatalogueImport {
        CatalogueImport.read(bytes, encoding: encoding, currency: try #require(Currency("EUR")))
    }

    private var utf8: [UInt8] { Array(Self.text.utf8) }
    private var windows: [UInt8] {
        Self.text.unicodeScalars.map { $0 == "\u{20AC}" ? 0x80 : UInt8($0.value) }
    }
    private func utf16(isBig: Bool, mark: Bool) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(Self.text.utf16)).flatMap { unit -> [UInt8] in
            isBig
                ? [UInt8(unit >> 8), UInt8(unit & 0xFF)] : [UInt8(unit & 0xFF), UInt8(unit >> 8)]
        }
    }

    @Test func `each encoding that is named is read`() throws {
        let expected = try read(utf8)
        #expect(expected.products.first?.title == "\u{C4}ss\u{E9} \u{20AC}")
        #expect(try read(windows, .windows1252) == expected)
        for isBig in [false, true] {
            for mark in [false, true] {
                #expect(try read(utf16(isBig: isBig, mark: mark), .utf16) == expected)
            }
        }
    }

    @Test func `an encoding that is not named is one error, which names it`() throws {
        #expect(
            try read(windows).rejected == [
                RowNote(
                    line: 2,
                    text:
                        "not UTF-8: the file is probably windows-1252; give --encoding windows-1252"
                )
            ])
        for isBig in [false, true] {
            let marked = try read(utf16(isBig: isBig, mark: true)).rejected
            #expect(marked.map(\.text) == ["the file is UTF-16, not UTF-8; give --encoding utf-16"])
            let bare = try read(utf16(isBig: isBig, mark: false)).rejected
            #expect(bare.count == 1 && bare[0].text.contains("give --encoding utf-16"))
        }
        let zero = try read(utf8 + [0] + utf8)
        #expect(zero.rejected.map(\.line) == [4] && zero.rejected[0].text.hasPrefix("a NUL byte"))
        #expect(
            try read(utf8 + Array("x,\"two\n".utf8) + [0xE4, 0x0A, 0xE4]).rejected.map(\.line) == [
                5
            ])
    }

    @Test func `an encoding that the file is not in is an error`() throws {
        #expect(try read([0xEF, 0xBB, 0xBF] + utf8, .windows1252).rejected.count == 1)
        #expect(try read(utf8 + [0x20], .utf16).products.isEmpty)
        #expect(try read([0xFF, 0xFE, 0x41], .utf16).rejected.map(\.line) == [1])
        #expect(try read([0xFF, 0xFE, 0x41, 0, 0, 0xD8], .utf16).rejected.count == 1)
        #expect(try read([0xFF, 0xFE, 0x41, 0, 0, 0], .utf16).rejected.count == 1)
    }

    @Test func `JSON is read in every encoding, too`() throws {
        let text =
            "{\"products\":[{\"title\":\"\u{E9}\",\"variants\":[{\"sku\":\"A\",\"price\":1,\"on_hand\":1}]}]}"
        let bytes = text.unicodeScalars.map { UInt8($0.value) }
        #expect(try read(bytes, .windows1252).products.first?.title == "\u{E9}")
        #expect(try read(bytes).rejected.count == 1)
    }
}
