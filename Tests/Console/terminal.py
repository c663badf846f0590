"""A program on a pseudo-terminal, and what its user would see: a small terminal emulator.

Knows what the consoles of LiveShop and libedit write for TERM=xterm and refuses every other control sequence,
so that a stray one fails the test that lets it through.
"""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
import unicodedata

ANSWER_SECONDS = 10
SEQUENCE = re.compile(r"\x1b(?:\[(\??)([0-9;]*)([@A-Za-z])|([78=>]))")
UNFINISHED = re.compile(r"\x1b(?:\[\??[0-9;]*)?\Z")


class Screen:
    """Rows of characters, a cursor, a scroll region."""

    def __init__(self, columns, rows):
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.saved = (0, 0)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        """Cuts or fills at the right and at the top and bottom; real terminals may wrap anew."""
        self.columns, self.rows = columns, rows
        surplus = max(0, self.row - rows + 1)
        cells = [(line + [" "] * columns)[:columns] for line in self.cells[surplus:]][:rows]
        self.cells = cells + [[" "] * columns for _ in range(rows - len(cells))]
        self.row -= surplus
        self.column = min(self.column, columns - 1)
        self.top, self.bottom = 0, rows - 1
        self.wraps = False

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.cells).rstrip()

    def feed(self, text):
        """Draws; returns the beginning of a sequence whose end has not come."""
        index = 0
        while index < len(text):
            character = text[index]
            if character == "\x1b":
                found = SEQUENCE.match(text, index)
                if not found:
                    if UNFINISHED.match(text, index):
                        return text[index:]
                    raise AssertionError(f"a sequence nobody needs: {text[index:index + 20]!r}")
                self.sequence(*found.groups())
                index = found.end()
                continue
            self.character(character)
            index += 1
        return ""

    def character(self, character):
        if character == "\r":
            self.column, self.wraps = 0, False
        elif character == "\n":
            self.down()
        elif character == "\b":
            self.column, self.wraps = max(0, self.column - 1), False
        elif character == "\a":
            pass
        elif unicodedata.category(character) == "Cc":
            raise AssertionError(f"a control character: {character!r}")
        else:
            self.put(character)

    def put(self, character):
        if self.wraps:
            self.column, self.wraps = 0, False
            self.down()
        self.cells[self.row][self.column] = character
        if self.column == self.columns - 1:
            self.wraps = True
        else:
            self.column += 1

    def down(self):
        self.wraps = False
        if self.row == self.bottom:
            del self.cells[self.top]
            self.cells.insert(self.bottom, [" "] * self.columns)
        elif self.row < self.rows - 1:
            self.row += 1

    def sequence(self, private, numbers, letter, short):
        if short == "7":
            self.saved = (self.row, self.column)
        elif short == "8":
            self.row, self.column = self.saved
            self.wraps = False
        if short or private or letter in "mhl":
            return
        values = [int(number) if number else 0 for number in numbers.split(";")]
        count = max(1, values[0])
        self.wraps = False
        line = self.cells[self.row]
        if letter == "A":
            self.row = max(self.top if self.row >= self.top else 0, self.row - count)
        elif letter == "B":
            self.row = min(self.bottom if self.row <= self.bottom else self.rows - 1, self.row + count)
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif letter == "D":
            self.column = max(0, self.column - count)
        elif letter == "G":
            self.column = min(self.columns, count) - 1
        elif letter == "H":
            self.row = min(self.rows, count) - 1
            self.column = min(self.columns, max(1, (values + [1])[1])) - 1
        elif letter == "J":
            if values[0] == 0:
                line[self.column :] = [" "] * (self.columns - self.column)
            for row in range(0 if values[0] == 2 else self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns
        elif letter == "K":
            start = 0 if values[0] == 2 else self.column
            line[start:] = [" "] * (self.columns - start)
        elif letter == "P":
            line[self.column :] = (line[self.column + count :] + [" "] * count)[: self.columns - self.column]
        elif letter == "@":
            line[self.column :] = ([" "] * count + line[self.column :])[: self.columns - self.column]
        elif letter == "r":
            bounds = values + [0, 0]
            self.top, self.bottom = max(1, bounds[0]) - 1, (bounds[1] or self.rows) - 1
            self.row = self.column = 0
        else:
            raise AssertionError(f"a sequence nobody needs: {letter}")


class Terminal:
    """A program that believes to be used by somebody."""

    def __init__(self, arguments, columns=100, rows=24, home="/nonexistent"):
        self.screen = Screen(columns, rows)
        self.raw = b""
        self.rest = b""
        self.unfinished = ""
        self.code = None
        self.process, self.file = pty.fork()
        if self.process == 0:
            keep = {key: value for key, value in os.environ.items() if key in ("PATH", "LD_LIBRARY_PATH")}
            os.execvpe(arguments[0], arguments, {**keep, "TERM": "xterm", "HOME": str(home)})
        self.resize(columns, rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file is None:
            return
        if self.code is None:
            os.kill(self.process, 9)
            self.wait()
        os.close(self.file)
        self.file = None

    def resize(self, columns, rows):
        self.screen.resize(columns, rows)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.file, text.encode())

    def enter(self, line):
        self.type(line + "\r")

    def pump(self, seconds):
        """Shows what comes within the time; false when nothing does, or nothing can any more."""
        ready, _, _ = select.select([self.file], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.file, 65536)
        except OSError:
            return False
        self.raw += data
        data = self.rest + data
        whole = len(data)
        while whole > 0 and len(data) - whole < 4:
            try:
                text = data[:whole].decode()
                break
            except UnicodeDecodeError:
                whole -= 1
        else:
            text = data.decode()
        self.rest = data[whole:]
        self.unfinished = self.screen.feed(self.unfinished + text)
        return bool(data)

    def until(self, condition, what):
        """Waits until the screen's text fulfils a condition; returns the text."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not condition(self.screen.text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} does not come; the screen is\n{self.screen.text()}")
            self.pump(0.05)
        return self.screen.text()

    def see(self, text):
        return self.until(lambda shown: text in shown, repr(text))

    def is_cooked(self):
        """Whether the terminal is as a shell wants it: lines, echo, signals."""
        flags = termios.tcgetattr(self.file)[3]
        return all(flags & flag for flag in (termios.ICANON, termios.ECHO, termios.ISIG))

    def wait(self):
        """Shows what comes until the program ends; its exit code."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while self.code is None:
            self.pump(0.05)
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError(f"the program does not end; the screen is\n{self.screen.text()}")
        while self.pump(0):
            pass
        return self.code
