// The status line of the host's console: live time, viewers, claims per minute, what is on screen and
// how much of it is left, what comes next. Pure; the terminal cuts what does not fit.

import LiveShopClient

enum StatusLine {
    private static let barCells = 10
    private static let titleCharactersMax = 24

    /// - Parameter now: this machine's wall clock in milliseconds.
    static func text(_ context: ShowContext, isConnected: Bool, at now: Int64) -> String {
        let (view, now) = (context.view, context.serverTime(at: now))
        var parts: [String] = []
        let status = printable(view.headline.status, limit: 20).uppercased()
        let time = view.liveTime(at: now).map { " " + clock($0) } ?? ""
        parts.append(isConnected ? status + time : "NOT CONNECTED")
        if let viewers = view.room.viewers {
            parts.append("\(viewers) viewer\(viewers == 1 ? "" : "s")")
        }
        let claims = context.claims.perMinute(at: now)
        parts.append("\(claims) claim\(claims == 1 ? "" : "s")/min")
        for pin in view.stage.pins { parts.append(pinned(pin, view, now)) }
        if let next = view.stage.queue.first {
            parts.append("next: " + shortened(view.catalogue.title(of: next)))
        }
        return " " + parts.joined(separator: " │ ")
    }

    /// - Parameter now: by the server's clock.
    static func pinned(_ pin: PinView, _ view: ShowView, _ now: Int64) -> String {
        let name = shortened(pin.sku ?? view.catalogue.title(of: pin.product))
        var text = name
        if let stock = view.stock(of: pin) {
            text += stock.onHand.map { " " + bar(stock.available, of: $0) } ?? ""
            text += " \(stock.available)" + (stock.onHand.map { "/\($0)" } ?? "") + " left"
        }
        let ends = view.skus(of: pin).compactMap(view.flashSales.runningEnd).min()
        if let ends { text += " ⚡" + clock(max(0, ends &- now)) }
        return text
    }

    /// "▓▓▓▓░░░░░░": what is left; some of it as long as one unit is.
    static func bar(_ available: Int64, of onHand: Int64) -> String {
        let total = max(onHand, 1)
        let share = min(max(available, 0), total)
        let full = Int(Double(share) / Double(total) * Double(barCells))
        let cells = share == 0 ? 0 : min(max(1, full), barCells)
        return String(repeating: "▓", count: cells)
            + String(repeating: "░", count: barCells - cells)
    }

    /// "1:05", "1:00:00".
    static func clock(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let tail = two(seconds % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(tail)" : "\(minutes):\(tail)"
    }

    private static func shortened(_ text: String) -> String {
        printable(text, limit: titleCharactersMax)
    }
}
