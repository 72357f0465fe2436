"""Measures the terminal program as its user meets it: start, keys, slow lines, memory, large messages, leaving.

    python benchmarks/terminal.py FILE           on a large file of records
    python benchmarks/terminal.py --data DIR     on 1 GB that DIR/make_large.py makes of DIR/chat/sgd_train.jsonl.gz

Prints a Markdown table. Runs that are compared take turns, so that a busy machine slows them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pty_driver import Pressed, Terminal, anonymous_memory

PROJECT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {"PYTHONPATH": str(PROJECT), "TEXTUAL_ANIMATIONS": "none"}
MARKER = "▌".encode()
LINES = 5_000
"""Records of the small file, which is the start of the large one."""

MESSAGE_BYTES = 5_000_000
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App[None]):
    def compose(self):
        yield Static("first rows")

Bare().run(mouse=False)
"""


class Result(NamedTuple):
    """A line of the table."""

    what: str
    goal: str
    measured: str


def curator(path: Path) -> list[str]:
    """The command that opens a file."""
    return [sys.executable, "-m", "curator", str(path)]


def first_output(command: list[str], pattern: bytes) -> float:
    """Seconds from a program's start until it has written something; it is ended then."""
    with Terminal(command, environment=ENVIRONMENT) as terminal:
        return terminal.wait_for_output(pattern) - terminal.started


def bare_python() -> float:
    """Seconds that the interpreter takes to start and to end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - begun


def in_turns(rounds: int, runs: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median of each run; they take turns, after one that only warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            took = run()
            if number:
                seconds[name].append(took)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def starts(large: Path, small: Path, folder: Path, rounds: int) -> Iterator[Result]:
    """How soon something is there."""
    words = {"short": "begin", "ascii": "begin " + "word " * (MESSAGE_BYTES // 5)}
    words["wide"] = "begin " + "字" * (MESSAGE_BYTES // 3)
    files = {name: folder / f"{name}.jsonl" for name in words}
    for name, text in words.items():
        messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]
        files[name].write_text(json.dumps({"messages": messages}, ensure_ascii=False) + "\n", "utf-8")
    took = in_turns(
        rounds,
        {
            "python": bare_python,
            "bare": lambda: first_output([sys.executable, "-c", BARE], b"first rows"),
            "small": lambda: first_output(curator(small), MARKER),
            "large": lambda: first_output(curator(large), MARKER),
            **{name: partial(first_output, curator(path), b"begin") for name, path in files.items()},
        },
    )
    size = large.stat().st_size / 1e9
    yield Result("Python alone", "", f"{took['python']:.2f} s")
    yield Result("first paint of a Textual app of one line", "", f"{took['bare']:.2f} s")
    for name, words_of in (("small", f"{LINES:,} records"), ("large", f"{size:.1f} GB")):
        over = f"{took[name]:.2f} s ({took[name] - took['bare']:+.2f})"
        yield Result(f"first rows, {words_of}", "0.15 s over that", over)
    for name, words_of, goal in (("ascii", "ASCII", "0.15"), ("wide", "wide characters", "0.50")):
        over = f"{took[name] - took['short']:.2f} s"
        yield Result(f"a message of 5 MB, {words_of}, over a short one", f"{goal} s", over)


def presses(terminal: Terminal, times: int) -> list[Pressed]:
    """Presses of j within the screen, each after the reader has followed the last."""
    found = []
    for number in range(times):
        terminal.wait_for_quiet(0.2)
        pressed = terminal.press("j" if number // 10 % 2 == 0 else "k")
        if pressed is not None:
            found.append(pressed)
    return found


def milliseconds(values: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return f"{statistics.median(ordered) * 1e3:.1f} / {ordered[int(len(ordered) * 0.95)] * 1e3:.1f} ms"


def visit(large: Path, times: int) -> Iterator[Result]:
    """A visit to the large file, from its start to a hang-up."""
    with Terminal(curator(large), environment=ENVIRONMENT) as terminal:
        terminal.wait_for_output(MARKER)
        indexed = terminal.wait_until(lambda screen: " of " in screen and "(indexing)" not in screen, 600)
        yield Result("last record reachable", "", f"{indexed - terminal.started:.1f} s")
        busy = [pressed.first for pressed in presses(terminal, 20)]
        audited = terminal.wait_for("audit complete", 3600)
        yield Result("audit complete", "", f"{audited - terminal.started:.1f} s")
        pressed = presses(terminal, times)
        both = "4 / 10 ms"
        yield Result("`j` to first byte, median / 95 %", both, milliseconds([one.first for one in pressed]))
        yield Result("`j` to last byte, median / 95 %", both, milliseconds([one.last for one in pressed]))
        yield Result("`j` to first byte while the audit runs, median / 95 %", "", milliseconds(busy))
        yield Result("bytes per `j` within the screen", "120", f"{statistics.median(one.bytes for one in pressed):.0f}")
        terminal.wait_for_quiet(0.5)
        held = terminal.hold("j", 120, 30)
        yield Result("bytes per `j` held for 4 s at 30 Hz", "600", f"{held.bytes_a_key:.0f}")
        yield Result("lag when it is let go", "", f"{held.lag:.2f} s")
        own, *others = terminal.processes()
        records = next(int(word.replace(",", "")) for word in _after_of(terminal))
        goal = 80 + 48 * records / 1e6
        yield Result(f"own memory, {records:,} records", f"{goal:.0f} MB", f"{anonymous_memory(own) / 1e6:.0f} MB")
        largest = max(map(anonymous_memory, others)) / 1e6
        yield Result("memory of the largest worker", "250 MB", f"{largest:.0f} MB")
        sent = time.perf_counter()
        terminal.signal(signal.SIGHUP)
        terminal.wait_for_exit()
        yield Result("hang-up to gone", "0.3 s", f"{time.perf_counter() - sent:.2f} s")


def _after_of(terminal: Terminal) -> Iterator[str]:
    """The word after `of` on the first line."""
    words = terminal.screen[0].split()
    yield words[words.index("of") + 1]


def slow_line(small: Path, name: str, bits_a_second: float, goal: str) -> Result:
    """A held key over a slow line."""
    with Terminal(curator(small), environment=ENVIRONMENT, bits_a_second=bits_a_second) as terminal:
        terminal.wait_for("audit complete")
        terminal.wait_for_quiet(1)
        held = terminal.hold("j", 120, 30)
        return Result(f"lag of a held `j` at {name}", goal, f"{held.lag:.2f} s, {held.bytes_a_key:.0f} bytes a key")


def measure(large: Path, folder: Path, rounds: int) -> Iterator[Result]:
    """All of it."""
    small = folder / "small.jsonl"
    with large.open("rb") as lines:
        small.write_bytes(b"".join(line for line, _ in zip(lines, range(LINES), strict=False)))
    yield from starts(large, small, folder, rounds)
    yield from visit(large, times=20 * rounds)
    yield slow_line(small, "1 Mbit/s", 1e6, "0.2 s")
    yield slow_line(small, "256 kbit/s", 256e3, "0.5 s")


def made_of(data: Path, folder: Path) -> Path:
    """A file of 1 GB, made of public conversations."""
    path = folder / "large.jsonl"
    seed = data / "chat" / "sgd_train.jsonl.gz"
    subprocess.run(
        [sys.executable, str(data / "make_large.py"), str(seed), "-o", str(path), "--bytes", "1GB"],
        check=True,
        stdout=sys.stderr,
    )
    return path


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="a large file of records")
    what.add_argument("--data", type=Path, metavar="DIR", help="a folder with make_large.py and its seed")
    parser.add_argument("--rounds", type=int, default=5, help="how often each start is measured (default: 5)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = given.file or made_of(given.data, folder)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {large.stat().st_size:,} bytes\n")
        print("| | goal | measured |\n|---|---:|---:|")
        for result in measure(large, folder, given.rounds):
            print(f"| {result.what} | {result.goal} | {result.measured} |", flush=True)


if __name__ == "__main__":
    main()
