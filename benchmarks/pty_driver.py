"""Runs a terminal program on a pseudo-terminal, presses its keys, and tells what came when. Linux only.

Times are those at which bytes were read from the terminal; making a picture of them is left to later.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import pyte

READ_BYTES = 65536
SLOW_READ_BYTES = 1024
QUIET = 0.03
"""Seconds without output that end the answer to a key."""

ANSWERS = {
    rb"\x1b\[6n": b"\x1b[1;1R",
    rb"\x1b\[0?c": b"\x1b[?62;22c",
    rb"\x1b\[\?2026\$p": b"\x1b[?2026;2$y",
}
"""What a terminal answers to the questions that programs ask."""

_NOT_FOR_PYTE = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[@-~]|\x1b\[\?[0-9;]*\$p|\x1b\[\?[0-9;]*[a-gi-km-z]|\x1b[PX^_][^\x1b]*\x1b\\"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:<=>?$! ]*|[PX^_\]][^\x1b\x07]*\x1b?)?$")


class Pressed(NamedTuple):
    """The answer to one key: seconds until its first and its last byte, and how many came."""

    first: float
    last: float
    bytes: int


class Held(NamedTuple):
    """The answer to a held key: bytes for each press, and seconds from the last press to the last byte."""

    bytes_a_key: float
    lag: float


class Terminal:
    """A program and the terminal that it runs on; `bits_a_second` throttles how fast the terminal takes output."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 40,
        bits_a_second: float = 0,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = bytearray()
        """All that the program has written."""
        self.columns, self.rows = columns, rows
        self._slow = bits_a_second
        self._chunks: list[tuple[float, int]] = []
        self._news = threading.Condition()
        self._ended = False
        self._picture = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._picture)
        self._drawn = 0
        self._rest = b""
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        for name in ("LINES", "COLUMNS"):
            variables.pop(name, None)
        self.started = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            self._become(list(command), variables)
        self.resize(columns, rows)
        threading.Thread(target=self._read, daemon=True).start()

    def _become(self, command: list[str], variables: dict[str, str]) -> None:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
            os.execvpe(command[0], command, variables)
        finally:
            os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        while True:
            try:
                block = os.read(self._terminal, SLOW_READ_BYTES if self._slow else READ_BYTES)
            except OSError:
                block = b""
            at = time.perf_counter()
            for question, answer in ANSWERS.items():
                if b"\x1b" in block and re.search(question, block):
                    self._write(answer)
            with self._news:
                if block:
                    self.raw += block
                    self._chunks.append((at, len(self.raw)))
                self._ended = not block
                self._news.notify_all()
            if not block:
                return
            if self._slow:
                time.sleep(len(block) * 8 / self._slow)

    def _write(self, keys: bytes) -> None:
        try:
            os.write(self._terminal, keys)
        except OSError:
            return

    # What is on the screen

    @property
    def screen(self) -> list[str]:
        """The lines on the screen now."""
        with self._news:
            new = self._rest + bytes(self.raw[self._drawn :])
            self._drawn = len(self.raw)
        unfinished = _UNFINISHED.search(new, max(0, len(new) - READ_BYTES))
        end = unfinished.start() if unfinished else len(new)
        self._rest = new[end:]
        self._stream.feed(_NOT_FOR_PYTE.sub(b"", new[:end]))
        return list(self._picture.display)

    def wait_until(self, holds: Callable[[str], object], seconds: float = 60) -> float:
        """Wait until the screen's text satisfies `holds`. Returns when the last output before that came."""
        deadline = time.perf_counter() + seconds
        while True:
            with self._news:
                seen = len(self._chunks)
                at = self._chunks[-1][0] if seen else self.started
            if holds("\n".join(self.screen)):
                return at
            with self._news:
                left = deadline - time.perf_counter()
                if left <= 0 or (self._ended and len(self._chunks) == seen):
                    raise TimeoutError("\n".join(self.screen))
                if len(self._chunks) == seen:
                    self._news.wait(min(left, 0.2))

    def wait_for(self, text: str, seconds: float = 60) -> float:
        """Wait for a text on the screen."""
        return self.wait_until(lambda screen: text in screen, seconds)

    def wait_for_output(self, pattern: bytes, seconds: float = 60) -> float:
        """Wait for what a regular expression finds in the output. Returns when it came."""
        deadline = time.perf_counter() + seconds
        with self._news:
            while True:
                found = re.search(pattern, self.raw)
                if found:
                    return next(at for at, length in self._chunks if length >= found.end())
                left = deadline - time.perf_counter()
                if left <= 0 or self._ended:
                    raise TimeoutError(pattern.decode("latin-1"))
                self._news.wait(min(left, 0.2))

    def wait_for_quiet(self, seconds: float, longest: float = 60) -> float:
        """Wait until nothing has come for some time. Returns when the last output came."""
        deadline = time.perf_counter() + longest
        begun = time.perf_counter()
        with self._news:
            while True:
                last = self._chunks[-1][0] if self._chunks else begun
                now = time.perf_counter()
                if now - max(last, begun) >= seconds or now > deadline or self._ended:
                    return last
                self._news.wait(min(max(0.001, seconds - (now - max(last, begun))), 0.2))

    # What the user does

    def send(self, keys: str) -> float:
        """Type keys. Returns when."""
        at = time.perf_counter()
        self._write(keys.encode())
        return at

    def press(self, key: str) -> Pressed | None:
        """Press a key and take what comes until it is quiet; None if nothing comes within a second."""
        with self._news:
            seen, before = len(self._chunks), len(self.raw)
        sent = self.send(key)
        with self._news:
            self._news.wait_for(lambda: len(self._chunks) > seen or self._ended, 1)
            if len(self._chunks) == seen:
                return None
            first = self._chunks[seen][0]
        last = self.wait_for_quiet(QUIET, 2)
        return Pressed(first - sent, last - sent, len(self.raw) - before)

    def hold(self, key: str, times: int, a_second: float) -> Held:
        """Repeat a key as a keyboard does, without waiting for the program."""
        before, begun = len(self.raw), time.perf_counter()
        for number in range(times):
            time.sleep(max(0.0, begun + number / a_second - time.perf_counter()))
            self.send(key)
        let_go = time.perf_counter()
        last = self.wait_for_quiet(0.5)
        return Held((len(self.raw) - before) / times, max(0.0, last - let_go))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._picture.resize(rows, columns)

    # Processes

    def processes(self) -> list[int]:
        """The program's own process and all that it started, its own first."""
        parents = dict(_parents())
        found = [self.pid]
        for pid in found:
            found += sorted(child for child, parent in parents.items() if parent == pid)
        return found

    def wait_for_exit(self, seconds: float = 10) -> int:
        """Wait for the program's end. Returns its exit code, or minus the signal that ended it."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        raise TimeoutError("the program still runs")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def close(self) -> None:
        """End the program and all that it started, and take the terminal away."""
        if self.pid:
            for pid in self.processes():
                _kill(pid)
            os.waitpid(self.pid, 0)
            self.pid = 0
        os.close(self._terminal)


def anonymous_memory(pid: int) -> int:
    """Bytes of memory that are a process's own (RssAnon)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def _parents() -> list[tuple[int, int]]:
    """Processes and their parents."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text("latin-1").rpartition(")")[2].split()
            except OSError:
                continue
            found.append((int(folder.name), int(fields[1])))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
