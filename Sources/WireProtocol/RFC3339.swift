// Times on the wire: RFC 3339 in UTC with milliseconds, from and to milliseconds since 1970. Pure
// arithmetic on the proleptic Gregorian calendar, years 1970 to 9999; no time zone data, no Foundation.

public enum RFC3339 {
    /// 1970-01-01T00:00:00.000Z … 9999-12-31T23:59:59.999Z.
    public static let range: ClosedRange<Int64> = 0...253_402_300_799_999

    /// Bytes of a time as it is written.
    static let length = 24

    /// `2026-11-21T19:02:03.123Z`; for a time outside `range` its nearest end.
    static func bytes(_ milliseconds: Int64) -> [UInt8] {
        let clamped = min(max(milliseconds, range.lowerBound), range.upperBound)
        let (days, time) = Int(clamped).quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = date(ofDay: days)
        var text = Array("0000-00-00T00:00:00.000Z".utf8)
        write(year / 100, to: &text, at: 0)
        write(year % 100, to: &text, at: 2)
        write(month, to: &text, at: 5)
        write(day, to: &text, at: 8)
        write(time / 3_600_000, to: &text, at: 11)
        write(time / 60_000 % 60, to: &text, at: 14)
        write(time / 1000 % 60, to: &text, at: 17)
        write(time % 1000 / 10, to: &text, at: 20)
        text[22] += UInt8(time % 10)
        return text
    }

    public static func string(_ milliseconds: Int64) -> String {
        String(decoding: bytes(milliseconds), as: UTF8.self)
    }

    /// Reads any RFC 3339 date-time: a fraction of 1 to 9 digits is cut to milliseconds, offsets are
    /// taken into account. Nil for another form, a day that does not exist, a leap second, or a time
    /// outside `range`.
    public static func milliseconds(_ text: String) -> Int64? {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.number(4), scanner.take("-"),
            let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T", or: "t"),
            let hour = scanner.number(2), scanner.take(":"),
            let minute = scanner.number(2), scanner.take(":"),
            let second = scanner.number(2),
            1...12 ~= month, day >= 1, day <= length(ofMonth: month, year), hour < 24,
            minute < 60, second < 60,
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let minutes = (self.day(year, month, day) * 24 + hour) * 60 + minute - offset
        let total = Int64(minutes * 60 + second) * 1000 + Int64(fraction)
        return range.contains(total) ? total : nil
    }

    private struct Scanner {
        let bytes: [UInt8]
        var index = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { index == bytes.count }

        mutating func number(_ count: Int) -> Int? {
            guard index + count <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[index..<(index + count)] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
                value = value * 10 + Int(byte & 0x0F)
            }
            index += count
            return value
        }

        mutating func take(_ one: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
            guard index < bytes.count else { return false }
            let scalar = Unicode.Scalar(bytes[index])
            guard scalar == one || scalar == other else { return false }
            index += 1
            return true
        }

        mutating func fraction() -> Int? {
            guard take(".") else { return 0 }
            var (value, count) = (0, 0)
            while count < 9, let digit = number(1) {
                if count < 3 { value = value * 10 + digit }
                count += 1
            }
            if count == 0 { return nil }
            for _ in min(count, 3)..<3 { value *= 10 }
            return value
        }

        /// Minutes east of UTC.
        mutating func offset() -> Int? {
            if take("Z", or: "z") { return 0 }
            let sign: Int
            if take("+") {
                sign = 1
            } else if take("-") {
                sign = -1
            } else {
                return nil
            }
            guard let hours = number(2), take(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }

    // MARK: - Calendar

    // Days are counted in eras of 400 years that begin on 1 March, so that leap days come last.

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Two digits over zeros.
    private static func write(_ value: Int, to text: inout [UInt8], at place: Int) {
        text[place] += UInt8(value / 10)
        text[place + 1] += UInt8(value % 10)
    }
}
