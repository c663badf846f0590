// Where the cursor is: the terminal does not say, so rows and columns are counted as a terminal counts
// them. Pure but for wcwidth, which the line editor asks too. LineEditor uses it to find back to the
// first row of the prompt, the status line to be cut where the window ends.

internal import CEditline

enum ScreenMath {
    struct Place: Equatable {
        var row: Int
        var column: Int
    }

    /// How many columns a character takes: 0 (it joins the one before), 1 or 2. What the editor shows
    /// in another way, such as ^A, takes the columns of that.
    static func cells(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20..<0x7F: return 1
        case 0..<0x20, 0x7F: return 2
        default:
            let width = wcwidth(wchar_t(bitPattern: scalar.value))
            // libedit writes \U+12345 for what has no width.
            return width >= 0 ? Int(width) : scalar.value > 0xFFFF ? 8 : 7
        }
    }

    /// The place after `text` was written from the first column of row 0 in a window of `columns`.
    static func place(after text: some StringProtocol, columns: Int) -> Place {
        let columns = max(1, columns)
        var place = Place(row: 0, column: 0)
        for scalar in text.unicodeScalars {
            if scalar == "\n" {
                place = Place(row: place.row + 1, column: 0)
                continue
            }
            let width = cells(scalar)
            // A wide character does not fit into the last column.
            if place.column + width > columns { place = Place(row: place.row + 1, column: 0) }
            place.column += width
            if place.column >= columns { place = Place(row: place.row + 1, column: 0) }
        }
        return place
    }

    /// The beginning of `text` that fits into `columns`, filled up with blanks.
    static func fitted(_ text: String, columns: Int) -> String {
        var fitting = ""
        var used = 0
        for scalar in text.unicodeScalars {
            let width = cells(scalar)
            guard used + width <= columns else { break }
            fitting.unicodeScalars.append(scalar)
            used += width
        }
        return fitting + String(repeating: " ", count: max(0, columns - used))
    }

    /// `text` with control characters replaced, so that it can neither move the cursor nor break the
    /// line. The last of several defences: callers clean what strangers wrote more thoroughly.
    static func harmless(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0: clean.append("\u{FFFD}")
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }
}
