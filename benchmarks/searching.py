"""Measures a search for a word near the end of a file against grep, and prints a table in Markdown.

    python benchmarks/searching.py FILE            # a large file of records
    python benchmarks/searching.py --data FOLDER   # makes 1 GB first, by FOLDER/make_large.py

A copy of the file gets a line with the word, 1,000 lines before its end. Both searches end at it; they take turns, on
a file that is in the page cache, and times and ratios are medians over the runs.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from audit import made_file

from curator.engine.executors import available_cores, make_executor, stop_workers
from curator.records.searching import Search
from curator.session import Session
from curator.session.finding import Finding
from curator.settings import Settings

WORD = "Zwölfkampf zyzzyva"
LINES_FROM_END = 1000
TAIL_BYTES = 1 << 24
GOAL = 1.5


class Row(NamedTuple):
    """One line of the table."""

    what: str
    seconds: float
    grep: str
    grep_seconds: float
    ratio: float
    """Median over the runs of time / grep's time."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--bytes", default="1G")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given = arguments.file or made_file(arguments.data, Path(folder), arguments.bytes)
        path = with_word(given, Path(folder) / "word.jsonl")
        rows = [
            row("a word, exactly", Search("zyzzyva", ignore_case=False), ["-F", "zyzzyva"], path, arguments.runs),
            row("a word, in any case", Search("zyzzyva"), ["-F", "zyzzyva"], path, arguments.runs),
            row("the same against `grep -i`", Search("zyzzyva"), ["-i", "-F", "zyzzyva"], path, arguments.runs),
            row("with k, s and i, in any case", Search("sizikys"), ["-F", "sizikys"], path, arguments.runs),
            row("a word beyond ASCII", Search("Zwölfkampf"), ["-F", "Zwölfkampf"], path, arguments.runs),
            row("`zyz+yva`", Search("zyz+yva", regex=True), ["-E", "zyz+yva"], path, arguments.runs),
        ]
    print("| what | seconds | grep | seconds | time / grep | goal |\n|---|---:|---|---:|---:|---:|")
    for one in rows:
        goal = f"{GOAL:.2f}" if one is rows[0] else ""
        print(f"| {one.what} | {one.seconds:.2f} | `{one.grep}` | {one.grep_seconds:.2f} | {one.ratio:.2f} | {goal} |")


def with_word(given: Path, path: Path) -> Path:
    """A copy of a file with one line more, which holds the words that are looked for."""
    size = given.stat().st_size
    with given.open("rb") as file, path.open("wb") as copy:
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
        place = len(tail)
        for _ in range(LINES_FROM_END):
            place = tail.rfind(b"\n", 0, place - 1) + 1
        file.seek(0)
        left = size - len(tail) + place
        while left:
            left -= copy.write(file.read(min(left, TAIL_BYTES)))
        line = f'{{"messages": [{{"role": "user", "content": "a {WORD} sizikys"}}]}}\n'.encode()
        copy.write(line + tail[place:])
    return path


def row(what: str, search: Search, pattern: list[str], path: Path, runs: int) -> Row:
    """Both searches in turns."""
    command = ["grep", "-m1", *pattern, str(path)]
    environment = os.environ | {"LC_ALL": "C"}
    session = Session([path], Settings())
    for opened in session.data.sources:
        opened.index.finish()
    workers = available_cores()
    executor = make_executor(workers, for_screen=True)
    try:
        search_once(session, Search("warm up the workers"), executor, workers)
        times = [
            (
                timed(lambda: search_once(session, search, executor, workers)),
                timed(lambda: subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)),
            )
            for _ in range(runs)
        ]
    finally:
        stop_workers()
        session.close()
    ours, greps = zip(*times, strict=True)
    shown = " ".join(["LC_ALL=C", *command[:-1]])
    return Row(what, median(ours), re.sub(r"\|", r"\\|", shown), median(greps), median(a / b for a, b in times))


def search_once(session: Session, search: Search, executor: object, workers: int) -> None:
    """From the first record to the first match, or through all of the file."""
    finding = Finding(session, search, executor, workers)  # type: ignore[arg-type]
    finding.aim(-1, 1)
    steps = finding.steps()
    while not finding.nearest(-1, 1).sure and next(steps, 0) is None:
        pass
    steps.close()  # type: ignore[attr-defined]


def timed(call: Callable[[], object]) -> float:
    """Seconds of wall time."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
