// Amounts as people at a console read them: with the currency behind.

import WireProtocol

extension Currency {
    /// "19.90 EUR".
    func text(_ minorUnits: Int64) -> String { "\(decimal(minorUnits)) \(code)" }
}
