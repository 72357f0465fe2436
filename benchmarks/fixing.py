"""Measures problems and fixes: walking a group, looking at what a fix would do, doing it, and the recheck of a record.

    python benchmarks/fixing.py [--records N]

Makes its own file of small records, each with blanks behind its answer. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pyroaring import BitMap64

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from curator.analysis.lint.rules import BY_CODE
from curator.analysis.record_report import analyse_record
from curator.edits.rule import Fixes
from curator.engine.executors import available_cores, make_executor
from curator.records.fixing import fix_named
from curator.session import Session
from curator.session.fixing import preview
from curator.session.problem_group import ProblemGroup
from curator.settings import Settings

MANY = 400_000
PREVIEWED = 100_000
RULE, FIX = "CUR024", "spaces"
WORDS = "The number that comes after it is larger by one, as it is with all numbers of this kind. "
LENGTH = 2_500
"""Bytes of the record that is checked again."""
TIMES = 200


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def padded(target: Path, number: int) -> Path:
    """That many records of two short messages, with blanks behind the answer."""
    with target.open("w") as file:
        for one in range(number):
            said = [("user", f"What comes after {one}?"), ("assistant", f"After it comes {one + 1}.  ")]
            messages = [{"role": role, "content": text} for role, text in said]
            file.write(json.dumps({"messages": messages}) + "\n")
    return target


def walking(session: Session, number: int) -> Iterator[tuple[str, str]]:
    """The group of all records: sorted out once, then from one to the next."""
    group = ProblemGroup(BY_CODE[RULE])
    yield f"{number:,} problems sorted by rule", f"{timed(session.by_rule.follow):.2f} s"
    steps = range(0, number - 1, number // TIMES)
    took = [timed(lambda at=at: session.walk.within(at, 1, lambda one: group.records(session, one))) for at in steps]
    yield "`]` within them, to the next record known", f"{statistics.median(took) * 1e3:.2f} ms"
    yield "how many are left, as the title tells", f"{timed(lambda: group.left(session)) * 1e3:.2f} ms"


def fixing(session: Session, number: int) -> Iterator[tuple[str, str]]:
    """One fix in all of them."""
    (source,) = session.sources
    executor, workers = make_executor(0), available_cores()
    some = {source: BitMap64(range(min(PREVIEWED, number)))}
    took = timed(lambda: list(preview(session, [fix_named(FIX)], executor, workers, some)))
    yield f"preview of a fix in {len(some[source]):,} records, {workers} workers", f"{took:.1f} s"
    everything = [({source: BitMap64(range(number))}, Fixes((FIX,)))]
    yield f"fix {number:,} records, commit", f"{timed(lambda: session.editor.mend(everything, {}, 'fix')) * 1e3:.0f} ms"
    yield "a record read after that", f"{timed(lambda: session.line(number // 2)) * 1e3:.1f} ms"
    yield "undo of that", f"{timed(session.editor.undo) * 1e3:.0f} ms"
    executor.shutdown()


def rechecking(session: Session) -> Iterator[tuple[str, str]]:
    """What a worker does when one record was edited: all rules, each finding in words, each message counted."""
    (source,) = session.sources
    spec = session.spec(source.opened, explain=True)
    took = []
    for number in range(TIMES):
        text = f"{number} {WORDS}" * (LENGTH // len(WORDS)) + " "
        messages = [{"role": "user", "content": f"Why {number}?"}, {"role": "assistant", "content": text}]
        line = json.dumps({"messages": messages}).encode() + b"\n"
        took.append(timed(lambda line=line: analyse_record(line, spec)))
    name = f"recheck of an edited record of {LENGTH / 1000:.1f} kB, median / 95 %"
    yield name, f"{statistics.median(took) * 1e3:.2f} / {statistics.quantiles(took, n=20)[-1] * 1e3:.2f} ms"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=MANY, help=f"records of the file (default: {MANY:,})")
    number = parser.parse_args().records
    with tempfile.TemporaryDirectory() as name:
        session = Session([padded(Path(name) / "padded.jsonl", number)], Settings())
        session.editor.open_journals()
        executor = make_executor(0)
        for _ in session.audit(executor, available_cores()):
            pass
        executor.shutdown()
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n| | measured |\n|---|---:|")
        for part in (walking(session, number), fixing(session, number), rechecking(session)):
            for what, measured in part:
                print(f"| {what} | {measured} |", flush=True)
        session.close()


if __name__ == "__main__":
    main()
