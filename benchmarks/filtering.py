"""Filters and orders of a million records: columns at once, texts by workers beside grep.

    python benchmarks/filtering.py

The records are made in a temporary folder, with figures that are made up. Needs half a GB there, and grep.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from array import array
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from curator.analysis.predicates import Predicate
from curator.analysis.predicates.parsing import parse
from curator.analysis.report import Columns
from curator.engine.executors import available_cores, make_executor, stop_workers
from curator.session import Session
from curator.session.filtering import matching
from curator.session.sorting import sort_keys, sorted_view
from curator.session.viewing import filtered_view
from curator.settings import Settings

RECORDS = 1_000_000
TIMES = 5


def main() -> None:
    """Make the records, and print a row a measurement."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "million.jsonl")
        _make(path)
        session = Session([path], Settings())
        session.data.sources[0].index.finish()
        session.data.sources[0].add(_figures(), 0)
        _columns(session)
        _texts(session, path)
        session.close()


def _make(path: Path) -> None:
    with path.open("w") as file:
        for number in range(RECORDS):
            word = "refund" if number % 1_000 == 7 else "question"
            file.write(
                f'{{"messages":[{{"role":"user","content":"a {word} about order {number}"}},'
                f'{{"role":"assistant","content":"{"an answer that goes on and on. " * (number % 12)}"}}]}}\n'
            )


def _figures() -> Columns:
    random.seed(1)
    columns = Columns.blank(RECORDS)
    for column, most in (
        (columns.tokens, 8_000),
        (columns.trained, 4_000),
        (columns.messages, 40),
        (columns.turns, 20),
    ):
        column[:] = array(column.typecode, (random.randrange(most) for _ in range(RECORDS)))
    return columns


def _all(session: Session, predicate: Predicate, executor: Executor | None = None, workers: int = 1) -> None:
    """Have a filter answered to the end."""
    for _ in matching(session, predicate, executor, workers):
        pass


def _columns(session: Session) -> None:
    for text in ("tokens > 7900", "tokens > 4000", "tokens > 4000 and not (turns < 3 or code:CUR024)"):
        predicate = parse(text)
        print(f"{text:<55}{_median(partial(_all, session, predicate)):8.1f} ms")
    predicate = parse("tokens > 4000")
    *_, found = matching(session, predicate)
    print(f"{'the view of these':<55}{_median(lambda: filtered_view(session, 'x', predicate, found)):8.1f} ms")
    for text in ("-tokens", "-turns tokens", "-bytes"):
        keys = sort_keys(text)
        print(f"{'sorted by ' + text:<55}{_median(partial(sorted_view, session, keys)):8.1f} ms")


def _texts(session: Session, path: Path) -> None:
    workers = available_cores()
    executor = make_executor(workers)
    _all(session, parse("user ~ zzz"), executor, workers)
    for text, grep in (
        ("user ~ refund", ["grep", "-ci", "refund"]),
        ("user ~ /order [0-9]+7$/", ["grep", "-cP", 'order [0-9]+7"']),
    ):
        took = _median(partial(_all, session, parse(text), executor, workers), 3)
        beside = _median(partial(subprocess.run, [*grep, path], stdout=subprocess.PIPE, check=True), 3)
        print(f"{text:<55}{took:8.0f} ms   grep {beside:.0f} ms")
    stop_workers()


def _median(work: Callable[[], object], times: int = TIMES) -> float:
    """The median of some times that work takes, in milliseconds."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append((time.perf_counter() - begin) * 1_000)
    return statistics.median(found)


if __name__ == "__main__":
    main()
