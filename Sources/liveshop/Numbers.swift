// Numbers on the command line, with their bounds: a wrong one is answered with what is right. An option
// that takes one reads the next word whatever it is (`parsing: .unconditional`), because "-1" is a wrong
// number and no missing one.

import ArgumentParser

/// Reads a whole number within bounds.
func wholeNumber<Number: FixedWidthInteger & Sendable>(
    _ bounds: ClosedRange<Number>
) -> @Sendable (String) throws -> Number {
    { text in
        guard let number = Number(text), bounds.contains(number) else {
            throw ValidationError(
                "it takes a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }
}

/// Reads a number, perhaps with a fraction, within whole bounds.
func number(_ bounds: ClosedRange<Double>) -> @Sendable (String) throws -> Double {
    { text in
        guard let number = Double(text), bounds.contains(number) else {
            throw ValidationError(
                "it takes a number from \(Int(bounds.lowerBound)) to \(Int(bounds.upperBound))")
        }
        return number
    }
}
