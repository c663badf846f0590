// What clients understand of what the server says.

import Testing
import WireProtocol

struct ServerMessageTests {
    private func read(_ text: String) throws -> (ServerMessage?, JSONDocument) {
        let document = try JSONDocument(parsing: text)
        return (ServerMessage(document), document)
    }

    @Test func `a reply carries its id and data`() throws {
        let (message, document) = try read(#"{"type":"reply","id":7,"data":{"seq":3}}"#)
        guard case .reply(.integer(7), let data) = message else {
            Issue.record("not a reply")
            return
        }
        #expect(document.member(data, "seq").flatMap(document.integer) == 3)
    }

    @Test func `an error says what to do`() throws {
        let (message, _) = try read(
            #"{"type":"error","id":"a","error":{"code":"rate_limited","message":"slow","retryable":true,"retry_after_ms":250}}"#
        )
        guard case .error(.string("a"), let error) = message else {
            Issue.record("not an error")
            return
        }
        #expect(error.knownCode == .rateLimited)
        #expect(error.retryable && error.retryAfterMilliseconds == 250 && error.message == "slow")
        guard
            case .error(nil, let other) = try read(
                #"{"type":"error","error":{"code":"from_the_future"}}"#
            ).0
        else {
            Issue.record("not an error")
            return
        }
        #expect(other.knownCode == nil && other.code == "from_the_future" && !other.retryable)
    }

    @Test func `an offset makes an event, none a notice`() throws {
        let (event, document) = try read(
            #"{"type":"product.pinned","show":"s","offset":41,"time":"2026-11-21T19:02:03.123Z","data":{"product":"p"}}"#
        )
        guard case .event(let fact, 41) = event else {
            Issue.record("not an event")
            return
        }
        #expect(fact.type == "product.pinned" && fact.show == "s")
        #expect(fact.time.flatMap(RFC3339.milliseconds) == 1_795_287_723_123)
        #expect(document.member(fact.data, "product").flatMap(document.string) == "p")
        guard case .notice(let notice) = try read(#"{"type":"server.restarting"}"#).0 else {
            Issue.record("not a notice")
            return
        }
        #expect(notice.show == nil && Array(document.members(notice.data)).isEmpty)
    }

    @Test(arguments: [
        "[]", "{}", #"{"type":1}"#, #"{"type":"reply","data":{}}"#, #"{"type":"error","id":1}"#,
        #"{"type":"x","offset":0}"#, #"{"type":"x","offset":"1"}"#, #"{"type":"x","offset":1.0}"#,
    ])
    func `anything else is no message`(text: String) throws {
        #expect(try read(text).0 == nil)
    }
}
