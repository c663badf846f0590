// One request: the checks in the order that clients rely on (parse, joined, role, known key, show
// status, arguments, rules), then what it asks for, then the answer.

import Inventory
import LiveSession
import WireProtocol

/// A request on its way through the checks.
struct Call {
    let request: Request
    let connection: ConnectionID
    let member: Session.Membership
    let now: Timestamp

    var participant: ParticipantID { member.participant }
    var room: Int { member.room }
}

extension ShowEngine {
    mutating func handle(
        _ result: consuming Result<Request, RequestError>, from connection: ConnectionID,
        _ member: Session.Membership?, at now: Timestamp
    ) {
        switch consume result {
        case .failure(let error):
            if error.isSilent { return }
            send(Refusal(error.code, error.message), to: error.id, on: connection)
        case .success(let request):
            handle(request, from: connection, member, at: now)
        }
    }

    private mutating func handle(
        _ request: consuming Request, from connection: ConnectionID, _ member: Session.Membership?,
        at now: Timestamp
    ) {
        if case .success(.unsupported) = request.body {
            return refuse(
                Refusal(.unknownType, "this server does not know \(request.type.rawValue)"),
                request, connection)
        }
        guard let member else {
            return greet(request, connection, at: now)
        }
        if request.type == .hello {
            return refuse(
                Refusal(.alreadyJoined, "one connection follows one show"), request, connection)
        }
        let call = Call(request: request, connection: connection, member: member, now: now)
        touch(member.room)
        do throws(Refusal) {
            try answer(call)
        } catch {
            // What a command did before it was refused is nothing, by construction; notices that were
            // due are not lost.
            var unused = JSONWriter()
            rooms[member.room].collect(at: now, own: &unused, into: &deliveries)
            refuse(error, call.request, connection)
        }
    }

    private mutating func greet(
        _ request: Request, _ connection: ConnectionID, at now: Timestamp
    ) {
        guard request.type == .hello else { return refuse(.notJoined, request, connection) }
        switch request.body {
        case .success(.hello(let hello)): begin(hello, request.id, on: connection, at: now)
        case .success: return
        case .failure(let error):
            refuse(Refusal(.badRequest, error.message), request, connection)
        }
    }

    private mutating func refuse(
        _ refusal: Refusal, _ request: Request, _ connection: ConnectionID
    ) {
        refuse(refusal, to: request.id, on: connection)
    }

    /// Answers a well-formed request; without an id it is refused in silence.
    mutating func refuse(_ refusal: Refusal, to id: RequestID?, on connection: ConnectionID) {
        if let id { send(refusal, to: id, on: connection) }
    }

    // MARK: The checks

    private mutating func answer(_ call: Call) throws(Refusal) {
        let request = call.request
        try checkRole(call)
        var idempotency: Idempotency?
        if let key = request.key, request.type.changesSomething {
            let digest = KeyDigest(key, of: call.participant)
            let content = contentHash(of: request)
            if let answer = rooms[call.room].show.answer(to: digest) {
                guard answer.content == content else {
                    throw Refusal(.keyConflict, "this key was used for something else")
                }
                return try repeatAnswer(answer, to: digest, call)
            }
            idempotency = Idempotency(key: digest, content: content)
        }
        try checkStatus(call)
        let body: RequestBody
        do {
            body = try request.body.get()
        } catch {
            throw Refusal(.badRequest, error.message)
        }
        if isStorageFailing, request.type.isStored { throw .storageUnavailable }

        var json = beginReply(call)
        do throws(CallFailure) {
            try perform(body, call, idempotency, &json)
        } catch {
            swap(&json, &replies)
            switch error {
            case .refused(let refusal): throw refusal
            case .defect(let defect):
                self.defect(defect, in: call.room)
                throw Refusal(.internal, "the server made a mistake; it was noted")
            }
        }
        endReply(&json, call)
    }

    private func checkRole(_ call: Call) throws(Refusal) {
        let type = call.request.type
        if type.isAllowed(by: call.member.identity.capabilities) { return }
        let capabilities = capabilities(of: call.member)
        switch type.minimumRole {
        case .host where !capabilities.contains(.host):
            throw Refusal(.forbidden, "\(type.rawValue) is for hosts")
        case .moderator where !capabilities.contains(.moderate):
            throw Refusal(.forbidden, "\(type.rawValue) is for moderators and hosts")
        case .viewer, .moderator, .host: break
        }
        guard let needed = type.capability, !capabilities.contains(needed.value) else { return }
        if call.member.identity.isGuest {
            throw Refusal(
                .forbidden,
                "guests may not \(needed.name) here: the server runs with --guests "
                    + configuration.guests.rawValue)
        }
        throw Refusal(.forbidden, "your token has no capability \(needed.name)")
    }

    /// What the token allows, and what a role granted by a host of this show adds.
    func capabilities(of member: Session.Membership) -> Capabilities {
        let granted = self[show: member.room].roster.grantedRole(of: member.participant)
        guard let granted else { return member.identity.capabilities }
        var added = Capabilities(of: granted)
        // What a token leaves out stays out; what guests may do is the operator's rule for viewers.
        if !member.identity.isGuest { added.formIntersection([.moderate, .host]) }
        return member.identity.capabilities.union(added)
    }

    private func checkStatus(_ call: Call) throws(Refusal) {
        switch call.request.type {
        case .claimCreate:
            if let closed = self[show: call.room].claimsClosed {
                throw Refusal(closed, at: call.now)
            }
        case .chatSend:
            if self[show: call.room].status == .ended {
                throw Refusal(.showEnded, "the show has ended")
            }
        default: break
        }
    }

    private mutating func contentHash(of request: Request) -> ContentHash {
        guard case .success(.claimCreate(let claim)) = request.body else {
            return freshContentHash(of: request)
        }
        // In a flash sale everybody asks for the same.
        if let last = lastClaim, last.claim == claim { return last.hash }
        let hash = freshContentHash(of: request)
        lastClaim = (claim, hash)
        return hash
    }

    private mutating func freshContentHash(of request: Request) -> ContentHash {
        canonicalContent.removeAll()
        request.writeCanonicalContent(to: &canonicalContent)
        return environment.contentHash(canonicalContent.bytes)
    }

    // MARK: The answer

    private mutating func repeatAnswer(
        _ answer: Answer, to key: KeyDigest, _ call: Call
    ) throws(Refusal) {
        var stored: [UInt8] = []
        if case .stored(let entry, _) = answer, call.request.id != nil {
            stored = try storedReply(to: key, entry, call)
        }
        var json = beginReply(call)
        switch answer {
        case .stored: json.raw(stored)
        case .reply(let bytes, _): json.raw(bytes)
        case .claim(let claim, let content): write(claim, content, call, &json)
        }
        endReply(&json, call)
    }

    private mutating func storedReply(
        to key: KeyDigest, _ entry: Int, _ call: Call
    ) throws(Refusal) -> [UInt8] {
        let facts: [UInt8]
        do throws(LoadFailure) {
            facts = try environment.journalEntry(rooms[call.room].key, entry)
        } catch {
            alarmOnce(
                "journal entry \(entry) of show \(showID(of: call)) cannot be read: \(error.reason)"
            )
            throw .answerUnreadable
        }
        if let reply = try? ShowFact.reply(to: key, in: facts) { return reply }
        alarmOnce(
            "journal entry \(entry) of show \(showID(of: call)) has lost an answer: run an audit")
        throw Refusal(.internal, "the first answer to this key is damaged; what it told of stands")
    }

    private func showID(of call: Call) -> String { self[show: call.room].headline.id }

    /// A reply up to its `data`.
    private mutating func beginReply(_ call: Call) -> JSONWriter {
        var json = JSONWriter()
        swap(&json, &replies)
        json.removeAll()
        if let id = call.request.id { WireMapping.beginReply(to: id, &json) }
        return json
    }

    /// Sends the reply, with the requester's own notices behind it in the same frame.
    private mutating func endReply(_ json: inout JSONWriter, _ call: Call) {
        if call.request.id == nil {
            // Nobody waits for it; a newline leads the notices then and is ignored.
            json.removeAll()
        } else {
            json.endObject()
        }
        rooms[call.room].collect(
            at: call.now, requester: call.connection, own: &json, into: &deliveries)
        if !json.isEmpty { deliveries.send(json, to: call.connection) }
        swap(&json, &replies)
    }
}

/// Why a request was not carried out.
enum CallFailure: Error {
    case refused(Refusal)
    case defect(LedgerDefect)
}

extension RequestType {
    /// Whether a key on it is remembered.
    var changesSomething: Bool {
        switch self {
        case .hello, .ping, .ordersMine, .productGet, .productOpen, .receiptGet, .tokenRefresh,
            .viewersList,
            .holdsList, .waitlistList, .ordersList, .showReport:
            false
        default: true
        }
    }

    /// Whether it cannot be carried out while nothing can be stored. Chat goes on, unstored.
    var isStored: Bool { changesSomething && self != .chatSend }

    /// Whether somebody with these may ask for it.
    func isAllowed(by capabilities: Capabilities) -> Bool {
        switch minimumRole {
        case .host where !capabilities.contains(.host): return false
        case .moderator where !capabilities.contains(.moderate): return false
        case .viewer, .moderator, .host: break
        }
        return capability.map { capabilities.contains($0.value) } ?? true
    }

    /// What a viewer's token must allow for it.
    var capability: (name: String, value: Capabilities)? {
        switch self {
        case .claimCreate, .waitlistAccept: ("claim", .claim)
        case .auctionBid: ("bid", .bid)
        case .chatSend: ("chat", .chat)
        default: nil
        }
    }
}
