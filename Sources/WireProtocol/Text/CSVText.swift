// Fields of the CSV files that are written for people: readable by spreadsheets, and harmless in them.
// Everything goes by scalars: a comma with a mark on it is still a comma, a quote still a quote.

public enum CSVText {
    /// The text as a field, quoted where CSV asks for it. Strangers choose names, so control characters
    /// and overrides become U+FFFD, and what a spreadsheet may take for a formula begins with `'`.
    public static func field(_ text: String) -> String {
        var field = String.UnicodeScalarView()
        if isFormula(text) { field.append("'") }
        for scalar in text.unicodeScalars {
            field.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
        }
        guard field.contains(where: needsQuotes) || field.first == " " || field.last == " " else {
            return String(field)
        }
        var quoted = String.UnicodeScalarView()
        quoted.append("\"")
        for scalar in field {
            if scalar == "\"" { quoted.append("\"") }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    /// Whether a spreadsheet may run it: the first scalar decides, and so does the first that is not
    /// blank or invisible, since some programs trim.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        if first == "\t" || first == "\r" || first == "\n" { return true }
        switch text.unicodeScalars.first(where: ClientText.isVisible) {
        case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": return true
        default: return false
        }
    }

    /// Semicolons, too: half of the spreadsheets take them for commas.
    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "," || scalar == "\"" || scalar == ";"
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: true
        }
    }
}
