"""Measures the line index and the audit against what they cannot be faster than, and prints a table in Markdown.

    python benchmarks/audit.py FILE              # a large file of OpenAI chat records
    python benchmarks/audit.py --data FOLDER     # makes one first, by FOLDER/make_large.py from FOLDER/chat/*
    python benchmarks/audit.py --rules FILE ...  # what the rules cost: the audit with all of them and with none

A floor uses the same libraries and does nothing else: `orjson.loads` of every line, and counting every text that the
token rule asks for, in batches. What is measured and its floor take turns, so that whatever else the machine does
meets both; times and ratios are medians over the runs.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import lru_cache, partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson

from curator.analysis.chunk import analyse_bytes
from curator.analysis.counting import Counting
from curator.analysis.lint.rule_set import ALL, RuleSet
from curator.analysis.report import AuditSpec
from curator.analysis.texts import tool_texts
from curator.analysis.tokens import TokenCounter
from curator.engine.audit import ChunkTask, audit_file, plan
from curator.engine.executors import available_cores, make_executor
from curator.engine.scan import in_order
from curator.records.codec import compact
from curator.storage.line_index import LineIndex
from curator.storage.source import Source, opened

COUNTING = Counting("o200k_base", per_message=3, per_name=1, per_function=7, image_base=2833, image_tile=5667)
BATCH = 4096
MEMORY_INTERVAL = 0.02
INDEX_GOAL, AUDIT_GOAL = 0.7, 0.7


class Row(NamedTuple):
    """One line of the table."""

    what: str
    seconds: float
    floor: str
    floor_seconds: float
    goal: float
    ratio: float
    """Median over the runs of floor / time: 1 is as fast as the floor."""


class FloorSeconds(NamedTuple):
    """What the floors took for some lines."""

    loads: float
    counting: float


def main() -> None:
    arguments = _arguments()
    if arguments.rules:
        print_rules([(path.name, *rules_cost(path, arguments.runs)) for path in arguments.rules])
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.file or made_file(arguments.data, Path(folder), arguments.bytes)
        cores = available_cores()
        rows = [index_row(path, arguments.runs)]
        memory: dict[str, int] = {}
        for accelerate, name in ((True, "toktok-rs"), (False, "tiktoken")):
            spec = AuditSpec(COUNTING, "openai-chat", accelerate=accelerate)
            rows.append(one_process_row(path, spec, name, arguments.runs, arguments.sample))
            row, memory[name] = engine_row(path, spec, name, arguments.runs if accelerate else 1, cores)
            rows.append(row)
    print_table(rows, memory)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="OpenAI chat records, as many as possible")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="holds make_large.py and chat/*.jsonl[.gz]")
    parser.add_argument("--rules", nargs="+", type=Path, metavar="FILE", help="files of records, .gz or not")
    parser.add_argument("--bytes", default="256M", help="size of the file that is made (default: %(default)s)")
    parser.add_argument(
        "--sample", type=int, default=24, help="megabytes audited in one process (default: %(default)s)"
    )
    parser.add_argument("--runs", type=int, default=5, help="runs of each measurement (default: %(default)s)")
    arguments = parser.parse_args()
    if sum(map(bool, (arguments.file, arguments.data, arguments.rules))) != 1:
        parser.error("name a file, or --data FOLDER to make one, or --rules FILE")
    return arguments


def made_file(data: Path, folder: Path, size: str) -> Path:
    """A large file of the chat records in a data folder."""
    path = folder / "large.jsonl"
    seeds = sorted(map(str, (data / "chat").glob("*.jsonl*")))
    subprocess.run([sys.executable, data / "make_large.py", *seeds, "-o", path, "--bytes", size], check=True)
    return path


def rules_cost(path: Path, runs: int) -> tuple[float, float]:
    """Microseconds of processor time that a record's audit takes without rules and with all that are on by default."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    records = data.count(b"\n")
    specs = [AuditSpec(COUNTING, "openai-chat", rules=rules) for rules in (RuleSet(off=ALL), RuleSet())]
    for spec in specs:
        analyse_bytes(data, spec)
    taken = [[clocked(partial(analyse_bytes, data, spec), time.process_time) for spec in specs] for _ in range(runs)]
    without, with_rules = (min(some) / records * 1e6 for some in zip(*taken, strict=True))
    return without, with_rules


def print_rules(costs: list[tuple[str, float, float]]) -> None:
    """What the rules cost, in Markdown."""
    print("| file | without rules, µs a record | with rules | ratio |\n|---|---:|---:|---:|")
    for name, without, with_rules in costs:
        print(f"| {name} | {without:.1f} | {with_rules:.1f} | {with_rules / without:.2f} |")


def index_row(path: Path, runs: int) -> Row:
    """The line index against `wc -l`, both from the page cache."""

    def index() -> None:
        with opened(path) as source:
            LineIndex(source).finish()

    def wc() -> None:
        subprocess.run(["wc", "-l", path], check=True, stdout=subprocess.DEVNULL)

    wc()
    pairs = [(clocked(index), clocked(wc)) for _ in range(runs)]
    return row_of("line index", "`wc -l`", pairs, INDEX_GOAL)


def one_process_row(path: Path, spec: AuditSpec, name: str, runs: int, megabytes: int) -> Row:
    """The audit of the first megabytes in this process; audit and floors take turns with every chunk."""
    pairs = []
    with opened(path) as source:
        tasks = [task for task in plan(path, LineIndex(source), spec) if task.start < megabytes * 1_000_000]
        warm = source.read(0, tasks[0].end)
        analyse_bytes(warm, spec)
        floors_of(warm, spec)
        for _ in range(runs):
            audit = floor = 0.0
            for task in tasks:
                data = source.read(task.start, task.end - task.start)
                floor += sum(floors_of(data, spec))
                audit += clocked(partial(analyse_bytes, data, spec), time.process_time)
            pairs.append((audit, floor))
    return row_of(f"audit, {name}, 1 process", "`orjson.loads` + counting", pairs, AUDIT_GOAL)


def engine_row(path: Path, spec: AuditSpec, name: str, runs: int, workers: int) -> tuple[Row, int]:
    """The audit of the whole file in all cores, and the most memory that a worker took, in bytes.

    Its floor is run in as many processes: the seconds that these took for it, divided by their number.
    """
    pairs = []
    with make_executor(workers) as executor:
        watch = MemoryWatch()
        whole_audit(path, spec, executor, workers)
        watch.stop()
        for _ in range(runs):
            seconds = clocked(lambda: whole_audit(path, spec, executor, workers))
            pairs.append((seconds, whole_floor(path, spec, executor, workers) / workers))
    row = row_of(f"audit, {name}, {workers} processes", "the same, as many processes", pairs, AUDIT_GOAL)
    return row, watch.peak


def whole_audit(path: Path, spec: AuditSpec, executor: Executor, workers: int) -> None:
    """What `curator stats` does, but for the sums."""
    source = Source(path)
    try:
        for _ in audit_file(path, LineIndex(source), spec, executor, workers):
            pass
    finally:
        source.close()


def whole_floor(path: Path, spec: AuditSpec, executor: Executor, workers: int) -> float:
    """The seconds that all processes together took for the floors of a file."""
    with opened(path) as source:
        tasks = plan(path, LineIndex(source), spec)
        return sum(sum(floors) for _, floors in in_order(executor, floors_of_chunk, tasks, window=3 * workers))


def floors_of_chunk(task: ChunkTask) -> FloorSeconds:
    """The floors of a chunk, wall time; runs in a worker."""
    with opened(task.path) as source:
        return floors_of(source.read(task.start, task.end - task.start), task.spec, time.perf_counter)


def floors_of(data: bytes, spec: AuditSpec, clock: Callable[[], float] = time.process_time) -> FloorSeconds:
    """The floors of some lines: parsing them, and counting their texts."""
    lines = data.splitlines()
    counter = counter_for(spec.accelerate)

    def parse() -> None:
        for line in lines:
            orjson.loads(line)

    loads = clocked(parse, clock)
    texts = [text for line in lines for text in texts_to_count(orjson.loads(line))]

    def count() -> None:
        for start in range(0, len(texts), BATCH):
            counter.count_many(texts[start : start + BATCH])

    return FloorSeconds(loads, clocked(count, clock))


@lru_cache(maxsize=2)
def counter_for(accelerate: bool) -> TokenCounter:
    """A counter of this process."""
    return TokenCounter(COUNTING.encoding, accelerate)


def texts_to_count(record: dict[str, Any]) -> Iterator[str]:
    """Every text that the token rule counts: strings of messages, roles included, calls as JSON, the tools' texts."""
    for message in record["messages"]:
        for key, value in message.items():
            if isinstance(value, str):
                yield value
            elif value is not None and key != "weight":
                yield compact(value)
    if record.get("tools"):
        yield from tool_texts(record["tools"], COUNTING)[0]


class MemoryWatch:
    """Looks at the memory of this process's workers until it is stopped. Linux only; elsewhere it sees nothing."""

    def __init__(self) -> None:
        self.peak = 0
        """The most that any worker had of its own (RssAnon), in bytes."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(MEMORY_INTERVAL):
            for child in multiprocessing.active_children():
                self.peak = max(self.peak, own_memory(child.pid))

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self._thread.join()


def own_memory(pid: int | None) -> int:
    """The private memory of a process in bytes, 0 where it is not known."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("RssAnon:"))


def clocked(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The seconds that some work takes."""
    start = clock()
    work()
    return clock() - start


def row_of(what: str, floor: str, pairs: list[tuple[float, float]], goal: float) -> Row:
    """The medians of some runs, each a time and its floor."""
    seconds, floors = zip(*pairs, strict=True)
    return Row(what, median(seconds), floor, median(floors), goal, median(low / high for high, low in pairs))


def print_table(rows: list[Row], memory: dict[str, int]) -> None:
    """The table, in Markdown."""
    print("| what | seconds | floor | seconds | floor / time | goal |")
    print("|---|---:|---|---:|---:|---:|")
    for row in rows:
        times = f"{row.seconds:.2f} | {row.floor} | {row.floor_seconds:.2f}"
        print(f"| {row.what} | {times} | {row.ratio:.2f} | {row.goal:.2f} |")
    for name, peak in memory.items():
        print(f"| memory of a worker, {name} | {peak / 1e6:.0f} MB | | | | |")


if __name__ == "__main__":
    main()
