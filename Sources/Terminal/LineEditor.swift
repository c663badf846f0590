// libedit on a thread of its own. It reads characters through our reader, which waits for the keyboard
// and for the screen at once; so whatever arrives while somebody types is drawn above the prompt, and
// the line is drawn again below it. Only TerminalSession makes one; nothing of it leaves its thread.

internal import CEditline
internal import Glibc
internal import Lanes

final class LineEditor {
    private static let historyLinesMax: Int32 = 1_000
    /// How often the window's size is looked at.
    private static let pollMilliseconds: Int32 = 100
    /// After an Escape byte, how long the rest of a key's sequence may take.
    private static let escapeMilliseconds: Int32 = 40
    private static let statusColumnsMin = 60
    private static let statusRowsMin = 8

    private let options: TerminalSession.Options
    private let screen: Screen
    private let events: Mailbox<TerminalEvent>
    private let editor: OpaquePointer
    private let history: OpaquePointer?
    private var decoder = KeyDecoder()
    private var prompt: Screen.Prompt
    /// The prompt as libedit wants it; it keeps no copy.
    private var promptBytes: UnsafeMutablePointer<CChar>?
    private var status = ""
    private var columns = 80
    private var rows = 24
    private var hasStatusRow = false
    private var isStatusStale = false
    private var wasInterrupted = false
    private var isClosing = false

    init(_ options: TerminalSession.Options, _ screen: Screen, _ events: Mailbox<TerminalEvent>) {
        self.options = options
        self.screen = screen
        self.events = events
        prompt = Screen.Prompt(text: options.prompt, isRemembered: true)
        promptBytes = strdup(options.prompt)
        LineEditor.useUTF8()
        guard let editor = shim_el_init("liveshop") else {
            preconditionFailure("libedit does not start on a terminal")
        }
        self.editor = editor
        history = history_init()
    }

    deinit {
        el_end(editor)
        if let history { history_end(history) }
        free(promptBytes)
    }

    /// Reads lines until the end of the input or until the screen is closed.
    func run() {
        configure()
        readSize()
        // A console that was killed may have left its scroll region and paste mode behind.
        write("\u{1B}7\u{1B}[r\u{1B}8\u{1B}[?2004l\u{1B}[?2004h")
        makeRoomForStatus()
        while !isClosing {
            var count: Int32 = 0
            // libedit prints the prompt before it changes the terminal's mode, and changes it back
            // after each line: what is typed just then would be echoed, and Ctrl-C be a signal.
            shim_el_set_flag(editor, EL_PREP_TERM, 1)
            let text = el_gets(editor, &count)
            shim_el_set_flag(editor, EL_PREP_TERM, 1)
            guard let text, count > 0 else {
                guard wasInterrupted, !isClosing else { break }
                wasInterrupted = false
                continue
            }
            var line = String(cString: text)
            while line.last?.isNewline == true { line.removeLast() }
            remember(line)
            guard events.offer(.line(line), waitingMilliseconds: 60_000) else { break }
        }
        finish()
    }

    // MARK: Setting up

    private func configure() {
        shim_el_set_pointer(editor, Unmanaged.passUnretained(self).toOpaque())
        shim_el_set_prompt(editor) { editor in LineEditor.of(editor)?.promptBytes }
        shim_el_set_reader(editor) { editor, character in
            guard let scalar = LineEditor.of(editor)?.readKey() else { return 0 }
            character?.pointee = wchar_t(bitPattern: scalar.value)
            return 1
        }
        shim_el_set_text(editor, EL_EDITOR, "emacs")
        shim_el_set_flag(editor, EL_SIGNAL, 0)
        shim_el_set_editing_mode(editor, "-isig")
        shim_el_add_function(editor, "ls-complete", "completes a word") { editor, _ in
            LineEditor.of(editor)?.complete() ?? UInt8(CC_ERROR)
        }
        shim_el_add_function(editor, "ls-interrupt", "clears the line") { editor, _ in
            LineEditor.of(editor)?.interrupt() ?? UInt8(CC_ERROR)
        }
        shim_el_add_function(editor, "ls-clear-screen", "clears the screen") { editor, _ in
            LineEditor.of(editor)?.clearScreen() ?? UInt8(CC_ERROR)
        }
        for (key, function) in [
            ("^I", "ls-complete"), ("^C", "ls-interrupt"), ("^L", "ls-clear-screen"),
            ("^R", "em-inc-search-prev"), ("^W", "ed-delete-prev-word"),
            // Raw control characters have no business in a line.
            ("^V", "ed-unassigned"), ("\\e[3~", "ed-delete-next-char"),
            ("\\e[1~", "ed-move-to-beg"), ("\\e[4~", "ed-move-to-end"),
            ("\\e[1;5C", "em-next-word"), ("\\e[1;5D", "ed-prev-word"),
        ] { shim_el_bind(editor, key, function) }
        guard let history else { return }
        shim_history_number(history, H_SETSIZE, LineEditor.historyLinesMax)
        shim_history_number(history, H_SETUNIQUE, 1)
        shim_el_set_history(editor, history)
        if let file = options.historyFile { shim_history_text(history, H_LOAD, file) }
    }

    private static func of(_ editor: OpaquePointer?) -> LineEditor? {
        guard let editor, let pointer = shim_el_get_pointer(editor) else { return nil }
        return Unmanaged<LineEditor>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// libedit cannot read anything but ASCII in the C locale.
    private static func useUTF8() {
        setlocale(LC_CTYPE, "")
        if let codeset = nl_langinfo(nl_item(CODESET)), String(cString: codeset) == "UTF-8" {
            return
        }
        setlocale(LC_CTYPE, "C.UTF-8")
    }

    private func remember(_ line: String) {
        guard prompt.isRemembered, let history, line.contains(where: { !$0.isWhitespace }) else {
            return
        }
        shim_history_text(history, H_ENTER, line)
        guard let file = options.historyFile else { return }
        // Nobody else needs to know what a host typed; libedit keeps the mode of a file that is there.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        close(descriptor)
        shim_history_text(history, H_SAVE, file)
    }

    // MARK: Reading

    /// The next key; nil when the input or the session ends. Draws what arrives meanwhile.
    private func readKey() -> Unicode.Scalar? {
        var isFinal = false
        while true {
            if let key = decoder.next(isFinal: isFinal) {
                // Most keys that are no text redraw something; the status line must survive that.
                if key.value < 0x20 { isStatusStale = true }
                return visible(key)
            }
            isFinal = false
            if let state = screen.take() { draw(state) }
            if isClosing {
                write(toPrompt(cursorRow()))
                return nil
            }
            checkSize()
            if isStatusStale { drawStatus() }
            var entries = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: screen.wake, events: Int16(POLLIN), revents: 0),
            ]
            let wait =
                decoder.isWaiting ? LineEditor.escapeMilliseconds : LineEditor.pollMilliseconds
            let count = poll(&entries, 2, wait)
            guard entries[0].revents != 0 else {
                if count == 0 { isFinal = decoder.isWaiting }
                continue
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let bytes = chunk.withUnsafeMutableBytes {
                read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if bytes > 0 {
                decoder.feed(chunk[..<bytes])
            } else if bytes == 0 || (errno != EINTR && errno != EAGAIN) {
                return nil
            }
        }
    }

    /// What has no place on a screen is shown as a question, not as a code.
    private func visible(_ key: Unicode.Scalar) -> Unicode.Scalar {
        key.value >= 0x80 && wcwidth(wchar_t(bitPattern: key.value)) < 0 ? "\u{FFFD}" : key
    }

    // MARK: Keys of our own

    private func interrupt() -> UInt8 {
        let text = line()
        if let info = el_line(editor) {
            let after = info.pointee.lastchar - info.pointee.cursor
            if after > 0 { moveToEnd() }
        }
        write("^C\r\n")
        wasInterrupted = true
        _ = events.offer(.interrupt(wasEmpty: text.isEmpty))
        return UInt8(CC_EOF)
    }

    /// Puts the terminal's cursor behind the line, where it is free to go on.
    private func moveToEnd() {
        let whole = ScreenMath.place(after: prompt.text + line(), columns: columns)
        let row = cursorRow()
        write("\r" + down(whole.row - row) + right(whole.column))
    }

    private func clearScreen() -> UInt8 {
        write("\u{1B}[H\u{1B}[2J")
        shim_el_refresh(editor)
        isStatusStale = true
        return UInt8(CC_NORM)
    }

    private func complete() -> UInt8 {
        let before = textBeforeCursor()
        let completion = options.complete(before)
        let candidates = completion.candidates
        let word = String(before.unicodeScalars.suffix(completion.replaces).map(Character.init))
        guard let first = candidates.first else { return UInt8(CC_REFRESH_BEEP) }
        if candidates.count == 1 {
            replace(completion.replaces, with: first + " ")
            return UInt8(CC_REFRESH)
        }
        let common = candidates.dropFirst().reduce(first) { common, candidate in
            String(zip(common, candidate).prefix { $0 == $1 }.map(\.0))
        }
        if common.count > word.count {
            replace(completion.replaces, with: common)
            return UInt8(CC_REFRESH)
        }
        let shown = candidates.prefix(60)
        let rest = candidates.count - shown.count
        let text = shown.joined(separator: "  ") + (rest > 0 ? "  … and \(rest) more" : "")
        printAbove([Screen.Line(text: ScreenMath.harmless(text), style: .dim)])
        return UInt8(CC_NORM)
    }

    private func replace(_ count: Int, with text: String) {
        if count > 0 { el_deletestr(editor, Int32(clamping: count)) }
        el_insertstr(editor, text)
    }

    private func line() -> String {
        guard let info = el_line(editor)?.pointee, let buffer = info.buffer else { return "" }
        return LineEditor.text(buffer, info.lastchar - buffer)
    }

    private func textBeforeCursor() -> String {
        guard let info = el_line(editor)?.pointee, let buffer = info.buffer else { return "" }
        return LineEditor.text(buffer, info.cursor - buffer)
    }

    private static func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: start, count: max(0, count))
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Drawing

    private func draw(_ state: Screen.State) {
        isClosing = state.isClosing
        if state.status != status {
            status = state.status
            isStatusStale = true
        }
        var lines = state.lines
        if state.dropped > 0 {
            let text = "… \(state.dropped) lines came too fast to be shown"
            lines.insert(Screen.Line(text: text, style: .dim), at: 0)
        }
        let isNewPrompt = state.prompt != prompt
        guard !lines.isEmpty || isNewPrompt else { return }
        let up = cursorRow()
        if isNewPrompt {
            prompt = state.prompt
            free(promptBytes)
            promptBytes = strdup(prompt.text)
        }
        printAbove(lines, up: up)
    }

    /// Prints lines where prompt and line stand now, and those again below.
    private func printAbove(_ lines: [Screen.Line], up: Int? = nil) {
        var text = toPrompt(up ?? cursorRow())
        for line in lines {
            if options.hasColour, let code = line.style.code {
                text += "\u{1B}[\(code)m\(line.text)\u{1B}[0m\r\n"
            } else {
                text += line.text + "\r\n"
            }
        }
        write(text)
        shim_el_refresh(editor)
        isStatusStale = true
    }

    /// To the start of the prompt's first row, everything from there on erased.
    private func toPrompt(_ up: Int) -> String {
        let up = min(up, max(0, rows - 1))
        return "\r" + (up > 0 ? "\u{1B}[\(up)A" : "") + "\u{1B}[J"
    }

    private func cursorRow() -> Int {
        ScreenMath.place(after: prompt.text + textBeforeCursor(), columns: columns).row
    }

    private func down(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)B" : "" }
    private func right(_ count: Int) -> String { count > 0 ? "\u{1B}[\(count)C" : "" }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { shim_write($0.baseAddress, $0.count) }
        }
    }

    // MARK: Window and status line

    private func readSize() {
        var (columns, rows): (Int32, Int32) = (0, 0)
        shim_terminal_size(&columns, &rows)
        self.columns = columns > 0 ? Int(columns) : 80
        self.rows = rows > 0 ? Int(rows) : 24
    }

    private func checkSize() {
        let before = (columns, rows)
        readSize()
        guard (columns, rows) != before else { return }
        el_resize(editor)
        // The terminal has wrapped the lines anew, so rows are counted by the new width.
        write(toPrompt(cursorRow()))
        makeRoomForStatus()
        shim_el_refresh(editor)
    }

    /// Keeps the last row out of scrolling where the window is large enough. The cursor is at the
    /// start of an empty row and stays there.
    private func makeRoomForStatus() {
        let wanted =
            options.hasStatus && columns >= LineEditor.statusColumnsMin
            && rows >= LineEditor.statusRowsMin
        // Setting the region moves the cursor, hence the saving around it. The line feed makes sure
        // that the cursor is not in the row that is taken away.
        if wanted {
            write("\u{1B}7\u{1B}[r\u{1B}8\n\u{1B}[1A\u{1B}7\u{1B}[1;\(rows - 1)r\u{1B}8")
        } else if hasStatusRow {
            write("\u{1B}7\u{1B}[r\u{1B}8")
        }
        hasStatusRow = wanted
        isStatusStale = true
    }

    private func drawStatus() {
        isStatusStale = false
        guard hasStatusRow else { return }
        let text = ScreenMath.fitted(status, columns: columns)
        write("\u{1B}7\u{1B}[\(rows);1H\u{1B}[7m\(text)\u{1B}[0m\u{1B}8")
    }

    private func finish() {
        // A prompt that is still there is that of Ctrl-D, with nothing behind it.
        let up = isClosing ? 0 : ScreenMath.place(after: prompt.text, columns: columns).row
        var text = toPrompt(up)
        if hasStatusRow { text += "\u{1B}7\u{1B}[\(rows);1H\u{1B}[2K\u{1B}[r\u{1B}8" }
        write(text + "\u{1B}[?2004l")
        if let state = screen.take() {
            for line in state.lines { write(line.text + "\r\n") }
        }
    }
}
