// The settings of a show: their names, ranges and scopes, and what a change tells.

import Inventory
import Testing

@testable import LiveSession

struct SettingsTests {
    @Test func `every setting has its own name and a default within its range`() throws {
        #expect(Set(ShowSetting.all.map(\.name)).count == ShowSetting.all.count)
        for setting in ShowSetting.all {
            var settings = ShowSettings()
            let value = setting.value(in: settings)
            #expect(setting.set(value, in: &settings) == nil, "\(setting.name)")
            for other in ShowSetting.all {
                #expect(other.value(in: settings) == other.value(in: ShowSettings()))
            }
            #expect(setting.parse(value.description) == value, "\(setting.name)")
            #expect(ShowSetting.named(setting.name)?.name == setting.name)
        }
    }

    @Test func `a number is taken from its range and from nowhere else`() throws {
        for setting in ShowSetting.all {
            guard case .integer(let range) = setting.kind else { continue }
            var settings = ShowSettings()
            for value in [range.lowerBound, range.upperBound] {
                #expect(setting.set(.integer(value), in: &settings) == nil, "\(setting.name)")
                #expect(setting.value(in: settings) == .integer(value), "\(setting.name)")
            }
            let before = settings
            for value in [range.lowerBound - 1, range.upperBound + 1, .min, .max] {
                #expect(setting.set(.integer(value), in: &settings) != nil, "\(setting.name)")
            }
            #expect(setting.set(.flag(true), in: &settings) != nil)
            #expect(setting.set(.text("1"), in: &settings) != nil)
            #expect(settings == before)
        }
    }

    @Test func `the documented ranges`() {
        let documented: [(String, ClosedRange<Int>)] = [
            ("hold_seconds", 1...259_200), ("flash_hold_seconds", 1...3600),
            ("waitlist_offer_seconds", 1...86_400), ("payment_seconds", 1...259_200),
            ("hold_warning_seconds", 0...259_200), ("hold_extension_seconds", 1...3600),
            ("hold_extensions", 0...100), ("limit_per_buyer", 0...999), ("active_holds", 0...1000),
            ("pins", 1...3), ("chat_length", 1...500),
        ]
        for (name, range) in documented {
            guard case .integer(range)? = ShowSetting.named(name)?.kind else {
                Issue.record("\(name) has another range")
                continue
            }
        }
        let chat = ShowSetting.all.filter { $0.scope == .chat }.map(\.name)
        #expect(chat.allSatisfy { $0.hasPrefix("chat") || $0 == "slow_mode_seconds" })
    }

    @Test func `a flag takes on and off, a choice its words`() {
        var settings = ShowSettings()
        let flag = ShowSetting.named("replay_sales")
        #expect(flag?.parse("on") == .flag(true) && flag?.parse("maybe") == nil)
        let feed = ShowSetting.named("claim_feed")
        #expect(feed?.set(.text("counts"), in: &settings) == nil && settings.claimFeed == .counts)
        #expect(feed?.set(.flag(false), in: &settings) == nil && settings.claimFeed == .off)
        #expect(feed?.set(.text("loud"), in: &settings) != nil && settings.claimFeed == .off)
        #expect(feed?.set(.flag(true), in: &settings) != nil)
    }

    @Test func `a change tells only what changed`() throws {
        let stage = try Stage()
        #expect(
            try stage.run { show, _ in
                try show.configure([
                    ("hold_seconds", .integer(600)), ("pins", .integer(2)), ("chat", .flag(false)),
                ])
            } == nil)
        #expect(stage.eventNames == ["room pins=2 chat=off"])
        stage.clear()
        #expect(try stage.run { show, _ in try show.configure([("pins", .integer(2))]) } == nil)
        #expect(stage.events.isEmpty)
    }

    @Test func `of several changes all are made, or none`() throws {
        let stage = try Stage()
        let facts = stage.facts.count
        for wrong in [("pins", SettingValue.integer(4)), ("hats", .integer(1))] {
            #expect(
                try stage.run { show, _ in
                    try show.configure([("hold_seconds", .integer(5)), wrong])
                }?.kind == "badRequest")
        }
        #expect(stage.show.settings == ShowSettings() && stage.facts.count == facts)
    }
}
