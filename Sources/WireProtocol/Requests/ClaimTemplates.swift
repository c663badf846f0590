// In a flash sale everybody sends the same claim, with another id and another key. A message that is like
// an earlier one in every other byte is the same request, and need not be parsed to know that. What is not
// quite alike is parsed as ever.

/// The claims of late, each as a form with two blanks.
struct ClaimTemplates: Sendable {
    /// Several programs and several SKUs at a time; the oldest makes room.
    private static let countMax = 4

    private var templates: [ClaimTemplate] = []
    private var oldest = 0

    /// The request in `range` of the bytes, if it fills one of the forms.
    func request(in bytes: [UInt8], _ range: Range<Int>) -> Request? {
        for template in templates {
            if let request = template.request(in: bytes, range) { return request }
        }
        return nil
    }

    /// Keeps the form of a claim that was just parsed, if the next like it will be known by it: a key with
    /// escapes, say, never is, and must not push out what is useful.
    mutating func note(_ request: Request, in document: JSONDocument) {
        let message = document.rawRange(document.root)
        guard case .success(.claimCreate) = request.body,
            self.request(in: document.bytes, message) == nil,
            let template = ClaimTemplate(request, in: document),
            template.request(in: document.bytes, message) != nil
        else { return }
        if templates.count < Self.countMax {
            templates.append(template)
        } else {
            templates[oldest] = template
            oldest = (oldest + 1) % Self.countMax
        }
    }
}

private struct ClaimTemplate: Sendable {
    private enum Blank: Sendable { case id, key }

    private let request: Request
    /// The message it was made of.
    private let form: [UInt8]
    /// Where in it the id's digits and the key's letters stand, in this order.
    private let blanks: [2 of (kind: Blank, place: Range<Int>)]

    /// Nil when the id is no integer.
    init?(_ request: Request, in document: JSONDocument) {
        guard case .integer? = request.id, request.key != nil,
            let id = document.member(document.root, "id"),
            let data = document.member(document.root, "data"),
            let key = document.member(data, "key")
        else { return nil }
        let message = document.rawRange(document.root)
        func place(_ node: JSONNode, quotes: Int) -> Range<Int> {
            let range = document.rawRange(node)
            return range.lowerBound - message.lowerBound + quotes..<range.upperBound
                - message.lowerBound - quotes
        }
        let (idPlace, keyPlace) = (place(id, quotes: 0), place(key, quotes: 1))
        self.request = request
        form = Array(document.rawBytes(document.root))
        blanks =
            idPlace.lowerBound < keyPlace.lowerBound
            ? [(.id, idPlace), (.key, keyPlace)] : [(.key, keyPlace), (.id, idPlace)]
    }

    func request(in bytes: [UInt8], _ range: Range<Int>) -> Request? {
        let text = bytes.span.extracting(range)
        var (id, key) = (0 as Int64, 0..<0)
        // How far the form and the text agree.
        var (formPlace, place) = (0, 0)
        for index in blanks.indices {
            let blank = blanks[index]
            guard agree(formPlace..<blank.place.lowerBound, text, place) else { return nil }
            place += blank.place.lowerBound - formPlace
            formPlace = blank.place.upperBound
            switch blank.kind {
            case .id:
                guard let read = Self.integer(text, at: place) else { return nil }
                (id, place) = read
            case .key:
                let end = Self.plainEnd(text, from: place)
                key = range.lowerBound + place..<range.lowerBound + end
                place = end
            }
        }
        guard form.count - formPlace == text.count - place,
            agree(formPlace..<form.count, text, place),
            WireLimits.keyCharacters.contains(key.count), 1...WireLimits.integerMax ~= id
        else { return nil }
        return Request(
            id: .integer(id), type: request.type,
            key: String(decoding: bytes[key], as: UTF8.self), body: request.body)
    }

    /// Whether a part of the form stands in the text.
    private func agree(_ part: Range<Int>, _ text: Span<UInt8>, _ place: Int) -> Bool {
        guard part.count <= text.count - place else { return false }
        let form = form.span
        var done = 0
        while done <= part.count - EightBytes.count {
            let one = EightBytes(of: form, uncheckedAt: part.lowerBound + done)
            let other = EightBytes(of: text, uncheckedAt: place + done)
            if one.word != other.word { return false }
            done += EightBytes.count
        }
        while done < part.count {
            if form[part.lowerBound + done] != text[place + done] { return false }
            done += 1
        }
        return true
    }

    /// Digits without a leading zero, and the place after them; nil when there are none or too many.
    private static func integer(_ text: Span<UInt8>, at start: Int) -> (Int64, Int)? {
        var (value, place) = (0 as Int64, start)
        while place < text.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= text[place] {
            value = value &* 10 &+ Int64(text[place] & 0x0F)
            place += 1
        }
        guard 1...16 ~= place - start, text[start] != UInt8(ascii: "0") else { return nil }
        return (value, place)
    }

    /// Where the first byte stands that is not a letter of a plain string.
    private static func plainEnd(_ text: Span<UInt8>, from start: Int) -> Int {
        var place = start
        while place <= text.count - EightBytes.count {
            let plain = EightBytes(of: text, uncheckedAt: place)
                .plainCount(bound: 0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"))
            place += plain
            if plain < EightBytes.count { return place }
        }
        while place < text.count, 0x20...0x7F ~= text[place], text[place] != UInt8(ascii: "\""),
            text[place] != UInt8(ascii: "\\")
        {
            place += 1
        }
        return place
    }
}
