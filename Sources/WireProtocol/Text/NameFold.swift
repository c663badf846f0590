// Whether two names look alike: a viewer must not call herself as the host does, nor nearly so. Used by
// the server when somebody joins; names themselves are never changed by it.

public enum NameFold {
    /// Letters and digits that a reader may take for each other become the same: case, accents, letters
    /// of other scripts that look Latin, digits for letters. Spaces, punctuation, symbols and invisible
    /// characters are dropped. Two names are too close when their folds are equal.
    public static func fold(_ name: String) -> String {
        foldOfASCII(name) ?? foldOfAny(name)
    }

    /// The same from a table, since everybody who joins is compared with the staff; nil when the name has
    /// other letters, or none.
    private static func foldOfASCII(_ name: String) -> String? {
        var folded: [UInt8] = []
        folded.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            guard byte < 0x80 else { return nil }
            let plain = asciiFolds[Int(byte)]
            if plain > 0 { folded.append(plain) }
        }
        replace("r", "n", by: "m", in: &folded)
        replace("v", "v", by: "w", in: &folded)
        return folded.isEmpty ? nil : String(decoding: folded, as: UTF8.self)
    }

    private static func replace(
        _ first: Unicode.Scalar, _ second: Unicode.Scalar, by letter: Unicode.Scalar,
        in text: inout [UInt8]
    ) {
        var end = 0
        for byte in text {
            if byte == UInt8(ascii: second), end > 0, text[end - 1] == UInt8(ascii: first) {
                text[end - 1] = UInt8(ascii: letter)
            } else {
                text[end] = byte
                end += 1
            }
        }
        text.removeLast(text.count - end)
    }

    /// What becomes of each ASCII character; 0 for those that are dropped.
    private static let asciiFolds: [UInt8] = (0..<128).map { (byte: UInt8) in
        var folded = ""
        append(Unicode.Scalar(byte), to: &folded)
        return folded.utf8.first ?? 0
    }

    private static func foldOfAny(_ name: String) -> String {
        var folded = ""
        for scalar in name.unicodeScalars { append(scalar, to: &folded) }
        folded = replacing("rn", "m", in: folded)
        folded = replacing("vv", "w", in: folded)
        // A name of symbols only still has to be compared by something.
        return folded.isEmpty ? ClientText.clean(name).lowercased() : folded
    }

    private static func append(_ scalar: Unicode.Scalar, to folded: inout String) {
        if let plain = lookAlikes[scalar] ?? variant(scalar) {
            folded.unicodeScalars.append(plain)
            return
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter:
            // Lower case may be another look-alike, and may be several scalars.
            for lower in properties.lowercaseMapping.unicodeScalars {
                if lower == scalar {
                    folded.unicodeScalars.append(lower)
                } else {
                    append(lower, to: &folded)
                }
            }
        case .lowercaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .spacingMark:
            folded.unicodeScalars.append(scalar)
        default:
            break
        }
    }

    /// The plain letter behind full-width, circled and mathematical ones.
    private static func variant(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let place: UInt32
        switch scalar.value {
        case 0xFF21...0xFF3A: place = scalar.value - 0xFF21
        case 0xFF41...0xFF5A: place = scalar.value - 0xFF41
        case 0x24B6...0x24E9: place = (scalar.value - 0x24B6) % 26
        case 0x1D400...0x1D6A3: place = (scalar.value - 0x1D400) % 26
        case 0x1F130...0x1F149: place = scalar.value - 0x1F130
        case 0x1F150...0x1F169: place = scalar.value - 0x1F150
        case 0x1F170...0x1F189: place = scalar.value - 0x1F170
        case 0xFF10...0xFF19: return digit(scalar.value - 0xFF10)
        case 0x1D7CE...0x1D7FF: return digit((scalar.value - 0x1D7CE) % 10)
        default: return nil
        }
        let letter = Unicode.Scalar(UInt8(truncatingIfNeeded: 0x61 + place))
        return lookAlikes[letter] ?? letter
    }

    private static func digit(_ value: UInt32) -> Unicode.Scalar {
        let digit = Unicode.Scalar(UInt8(truncatingIfNeeded: 0x30 + value))
        return lookAlikes[digit] ?? digit
    }

    private static func replacing(_ pair: String, _ letter: Character, in text: String) -> String {
        guard text.utf8.count >= 2 else { return text }
        var result = ""
        for character in text {
            if character == pair.last, result.last == pair.first {
                result.removeLast()
                result.append(letter)
            } else {
                result.append(character)
            }
        }
        return result
    }

    private static let lookAlikes: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (letter, others) in groups {
            for other in others.unicodeScalars { table[other] = letter }
        }
        return table
    }()

    /// Latin letters with accents, then what other scripts and digits offer. `i`, `l`, `1` are one.
    private static let groups: [(letter: Unicode.Scalar, others: String)] = [
        ("a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặаΑαА@4"),
        ("b", "ḃḅḇВвΒβЬь8"),
        ("c", "çćĉċčḉСсϲҫҪ"),
        ("d", "ďḋḍḏḑḓԁđĐ"),
        ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệЕеΕεЁёєЄ3"),
        ("f", "ḟƒϝ"),
        ("g", "ĝğġģǧǵḡɡɢ9"),
        ("h", "ĥȟḣḥḧḩḫẖНнΗһҺ"),
        ("j", "ĵǰЈјϳ"),
        ("k", "ķǩḱḳḵКкΚκ"),
        ("l", "ĺļľḷḹḻḽìíîïĩīĭįǐȉȋḭḯỉịiІіΙι1|łŁӀӏıI"),
        ("m", "ḿṁṃМмΜ"),
        ("n", "ñńņňǹṅṇṉṋηпΝ"),
        ("o", "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợОоΟοσøØθө0"),
        ("p", "ṕṗРрΡρ"),
        ("q", "ԛ"),
        ("r", "ŕŗřȑȓṙṛṝṟгГ"),
        ("s", "śŝşšſșṡṣṥṧṩẛЅѕ5$"),
        ("t", "ţťțṫṭṯṱẗТтΤτ7"),
        ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữựυμц"),
        ("v", "ṽṿνѵѴ"),
        ("w", "ŵẁẃẅẇẉẘԜԝωшѡѠ"),
        ("x", "ẋẍХхΧχ"),
        ("y", "ýÿŷȳẏẙỳỵỷỹУуΥγүҮ"),
        ("z", "źżžẑẓẕΖζз2"),
    ]
}
