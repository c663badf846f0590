// Chat: a line for everybody. The text comes cleaned; whether it is welcome is decided here.

public import Inventory
import OrderedCollections

extension Show {
    public mutating func say(
        _ text: String, by participant: ParticipantID, replyTo: Int?, product: String?,
        at now: Timestamp
    ) -> Result<ChatMessage, ShowRefusal> {
        let isStaff = roster[participant].role.isStaff
        if settings.chat == .off, !isStaff { return .failure(.chatOff) }
        if let until = restraint(of: participant, at: now)?.mutedUntil {
            return .failure(.muted(until: until))
        }
        guard text.unicodeScalars.count <= settings.chatLength else {
            return .failure(
                .badRequest(field: "text", "has at most \(settings.chatLength) code points"))
        }
        if let refusal = chatRates.refusal(of: participant, isStaff: isStaff, settings, at: now) {
            return .failure(refusal)
        }
        if let replyTo, chat.message(replyTo) == nil { return .failure(.unknown("message")) }
        if let product, products[product] == nil { return .failure(.unknown("product")) }
        storeParticipant(participant)
        let author = roster[participant]
        let message = ChatMessage(
            number: chat.lastNumber + 1, participant: participant, subject: author.subject,
            name: author.shownName, role: author.role, isGuest: author.isGuest, text: text,
            replyTo: replyTo, product: product, time: now)
        chat.append(message)
        if isStaff || sampler.admits(settings.chatPerSecond, at: now) {
            effects.shared.append(.chatMessage(message, dropped: sampler.takeDropped()))
        } else {
            effects.unheard.append(message)
        }
        return .success(message)
    }
}
