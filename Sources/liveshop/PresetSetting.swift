// `--set NAME=VALUE`: a setting for every show, checked where it is read.

import ArgumentParser
import LiveSession
import LiveShopClient

struct PresetSetting: Sendable {
    private let setting: ShowSetting
    private let value: SettingValue

    @Sendable
    static func parse(_ text: String) throws -> PresetSetting {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ValidationError("--set takes NAME=VALUE, not '\(printable(text, limit: 100))'")
        }
        let name = String(parts[0])
        guard let setting = ShowSetting.named(name) else {
            let near = NearMiss.of(name, in: ShowSetting.all.map(\.name))
            throw ValidationError(
                "--set: there is no setting '\(printable(name, limit: 100))'"
                    + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        var trial = ShowSettings()
        guard let value = setting.parse(String(parts[1])), setting.set(value, in: &trial) == nil
        else { throw ValidationError("--set: \(setting.form)") }
        return PresetSetting(setting: setting, value: value)
    }

    func apply(to settings: inout ShowSettings) { _ = setting.set(value, in: &settings) }
}
