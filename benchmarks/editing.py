"""Measures editing as its user meets it: keys, opening, saving, changes of very many records, a file that grows.

    python benchmarks/editing.py FILE           on a large file of records
    python benchmarks/editing.py --data DIR     on 1 GB that DIR/make_large.py makes of two files of DIR/chat

Prints a Markdown table. Runs that are compared take turns, so that a busy machine slows them alike.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pty_driver import Terminal, anonymous_memory
from pyroaring import BitMap64
from terminal import ENVIRONMENT, MARKER, PROJECT, Result, curator, first_output, in_turns, milliseconds

sys.path.insert(0, str(PROJECT))

from curator.edits import saving
from curator.edits.labels import Verdict
from curator.engine.executors import available_cores, make_executor
from curator.records.find_replace import Replacement, Search
from curator.records.short_prompt import ShortPrompt
from curator.session import Session
from curator.session.saving import save
from curator.session.shortening import preview, prompts_of
from curator.session.sweeping import swept_lines
from curator.settings import Settings

EDITS = 10_000
SAVED_EDITS = 10
MANY = 1_000_000
SWEPT = 40_000
"""Records of the start of the large file, in which text is replaced."""
PROMPT = "You are a patient clerk who counts. Say which number comes after the one that is asked for, and no more. " * 4
LINES_A_SECOND = 1_000
SECONDS_OF_GROWTH = 8
SEEDS = ("sgd_train.jsonl.gz", "sgd_dev_tools.jsonl.gz")
ESCAPE, ENTER = "\x1b", "\r"


# Files


@contextmanager
def opened(path: Path) -> Iterator[Session]:
    """A session on a file, with its journal."""
    session = Session([path], Settings())
    try:
        session.data.sources[0].index.finish()
        session.editor.open_journals()
        yield session
    finally:
        session.close()


def lay_edits(path: Path, count: int) -> None:
    """Do many things to a file, spread over it: six in ten rewrites, then drops, tags, verdicts and splits."""
    with opened(path) as session:
        step = step_of(session, count)
        for number in range(count):
            edit_one(session, number, number * step + 3)


def edit_one(session: Session, number: int, position: int) -> None:
    """Do one thing to the record at a position."""
    editor, record = session.editor, session.record(position)
    here, title = {session.sources[0]: BitMap64([record.place.id])}, f"#{position + 1:,}"
    match number % 10:
        case 6:
            editor.drop(here, f"drop {title}")
        case 7:
            editor.tag(here, f"tag {number % 50}", f"tag {title}")
        case 8:
            editor.review(here, list(Verdict)[number // 10 % 3], f"review {title}")
        case 9:
            places = tuple(range(len(record.conversation.messages) // 2))
            editor.replace_each([([record], [(record.body, places), (record.body, places)])], f"split {title}")
        case _:
            changed = record.body.replace(b'"content":"', b'"content":"Well, ', 1)
            editor.rewrite(record, changed, f"edit message 1 of {title}")


def copied(path: Path, folder: Path, name: str) -> Path:
    """A copy of a file, without a journal."""
    target = folder / name
    for one in folder.glob(f"{name}*"):
        one.unlink()
    shutil.copyfile(path, target)
    return target


def start_of(path: Path, count: int, target: Path) -> Path:
    """The first lines of a file as another."""
    with path.open("rb") as lines:
        target.write_bytes(b"".join(line for line, _ in zip(lines, range(count), strict=False)))
    return target


def small_records(target: Path, prompt: str = "") -> Path:
    """A million records of two short messages, behind a system prompt if one is given."""
    before = [{"role": "system", "content": prompt}] if prompt else []
    with target.open("w") as file:
        for number in range(MANY):
            asked, answer = f"What comes after {number}?", f"After it comes {number + 1}."
            messages = [*before, {"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
            file.write(json.dumps({"messages": messages}) + "\n")
    return target


# Keys


@contextmanager
def shown(path: Path) -> Iterator[Terminal]:
    """The program on a file, once it has been audited."""
    with Terminal(curator(path), columns=160, environment=ENVIRONMENT) as terminal:
        terminal.wait_for("audit complete", 3600)
        terminal.wait_for_quiet(1)
        yield terminal


def until(terminal: Terminal, keys: str, holds: Callable[[str], object], seconds: float = 600) -> float:
    """Seconds from keys to the output with which something holds."""
    return -terminal.send(keys) + terminal.wait_until(holds, seconds)


def until_title_changes(terminal: Terminal, keys: str) -> float:
    """Seconds from keys to the title that tells what they did."""
    terminal.wait_for_quiet(0.4)
    before = terminal.screen[0]
    return until(terminal, keys, lambda screen: screen.split("\n", 1)[0] != before)


def step_of(session: Session, count: int) -> int:
    """Records from one edit to the next when so many are spread over a file."""
    return len(session) // (count + 1)


def keys(path: Path, times: int, step: int) -> dict[str, list[float]]:
    """How long it takes until what a key does is to be seen; on records between those that were edited before."""
    took: dict[str, list[float]] = {"Escape after `e` and a letter": [], "`u`": [], "`x`": [], "`a`": []}
    with shown(path) as terminal:
        for number in range(times):
            terminal.send(f":{number * step + step // 2}{ENTER}")
            terminal.wait_for_quiet(0.4)
            until(terminal, "e", lambda screen: "edit message" in screen)
            terminal.send("x")
            took["Escape after `e` and a letter"].append(until_title_changes(terminal, ESCAPE))
            took["`u`"].append(until_title_changes(terminal, "u"))
            took["`x`"].append(until_title_changes(terminal, "x"))
            took["`u`"].append(until_title_changes(terminal, "u"))
            took["`a`"].append(until_title_changes(terminal, "a"))
            took["`u`"].append(until_title_changes(terminal, "u"))
    return took


def all_keys(plain: Path, edited: Path, times: int) -> Iterator[Result]:
    """The keys with no edits in the journal, and with many."""
    with opened(plain) as session:
        step = step_of(session, EDITS)
    for path, words in ((plain, "no edits"), (edited, f"{EDITS:,} edits")):
        for key, took in keys(path, times, step).items():
            yield Result(f"{key} to screen, {words}, median / 95 %", "50 ms", milliseconds(took))


# Opening


def opening(plain: Path, edited: Path, rounds: int) -> Iterator[Result]:
    """What edits in the journal cost when a file is opened, in time and memory."""
    took = in_turns(
        rounds,
        {
            "plain": lambda: first_output(curator(plain), MARKER),
            "edited": lambda: first_output(curator(edited), MARKER),
        },
    )
    cost = f"{took['edited']:.2f} s ({took['edited'] - took['plain']:+.2f})"
    yield Result("first rows, no edits", "", f"{took['plain']:.2f} s")
    yield Result(f"first rows, {EDITS:,} edits", "0.3 s over that", cost)
    with shown(edited) as terminal, opened(plain) as session:
        goal = 80 + 48 * len(session) / 1e6
        memory = anonymous_memory(terminal.pid) / 1e6
        yield Result(f"own memory, {EDITS:,} edits, {len(session):,} records", f"{goal:.0f} MB", f"{memory:.0f} MB")


# Saving


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def proof_timed() -> Iterator[list[float]]:
    """Takes the seconds that each proof of a file takes."""
    took: list[float] = []
    verify = saving.verify

    def timing(*arguments: object) -> object:
        proofs: list[object] = []
        took.append(timed(lambda: proofs.append(verify(*arguments))))
        return proofs[0]

    saving.verify = timing
    try:
        yield took
    finally:
        saving.verify = verify


def save_once(path: Path, edits: int) -> tuple[float, float]:
    """Seconds of a save with a few edits: of the save, and of its proof."""
    with opened(path) as session, proof_timed() as proof:
        source = session.sources[0]
        for number in range(edits):
            edit_one(session, 0, number * (len(session) // edits))
        os.sync()
        took = timed(lambda: save(session, source, saving.plan_save(source.edited)))
    return took - sum(proof), sum(proof)


def copy_once(path: Path, target: Path) -> float:
    """Seconds of `cp` and `sync`."""
    target.unlink(missing_ok=True)
    os.sync()
    return timed(lambda: subprocess.run(["sh", "-c", 'cp "$0" "$1" && sync "$1"', str(path), str(target)], check=True))


def saves(plain: Path, folder: Path, rounds: int) -> Iterator[Result]:
    """A save with a few edits beside a copy of the same file."""
    copies, saved, proofs = [], [], []
    for _ in range(rounds):
        copies.append(copy_once(plain, folder / "copy.jsonl"))
        (folder / "copy.jsonl").unlink()
        before = copied(plain, folder, "saved.jsonl")
        os.sync()  # what a copy has not written to the disk yet would be written at the cost of the save
        took, proof = save_once(before, SAVED_EDITS)
        saved.append(took)
        proofs.append(proof)
    ratio = statistics.median(one / other for one, other in zip(saved, copies, strict=True))
    yield Result("`cp` and `sync`", "", f"{statistics.median(copies):.2f} s")
    took = f"{statistics.median(saved):.2f} s ({ratio:.2f} x)"
    yield Result(f"save with {SAVED_EDITS} edits, without the proof", "1.3 x that", took)
    yield Result("proof: all read back from the disk and compared", "", f"{statistics.median(proofs):.2f} s")


def swept_save(plain: Path, folder: Path) -> Iterator[Result]:
    """A save after text was replaced in all records."""
    path = start_of(plain, SWEPT, folder / "swept.jsonl")
    with opened(path) as session, proof_timed() as proof:
        source = session.sources[0]
        everything = {source: BitMap64(range(len(session)))}
        session.editor.sweep(everything, Replacement(Search("the"), "THE"), "replace")
        before = anonymous_memory(os.getpid())
        executor, workers = make_executor(0), available_cores()
        plans: list[saving.SavePlan] = []
        planned = timed(
            lambda: plans.append(saving.plan_save(source.edited, lines=swept_lines(source.edited, executor, workers)))
        )
        took = timed(lambda: save(session, source, plans[0])) - sum(proof)
        executor.shutdown()
        more = (anonymous_memory(os.getpid()) - before) / 1e6
        size = path.stat().st_size / 1e6
        what = f"after replacing in {SWEPT:,} records ({size:.0f} MB)"
        yield Result(f"plan of a save {what}", "", f"{planned:.2f} s")
        yield Result(f"save {what}, {workers} workers", "", f"{took:.1f} s")
        yield Result("memory that it took beyond", "", f"{more:.0f} MB")


# Very many records


def bulk(path: Path) -> Iterator[Result]:
    """Changes of a million records at once: the last key to the screen, undo to the screen, and the totals."""
    changes = (
        ("accept", "a", "m", f"{MANY:,} reviewed"),
        ("drop", "x", "m", f"{MANY:,} dropped"),
        ("tag", "tmblue", ENTER, "[blue]"),
    )
    with shown(path) as terminal:
        until(terminal, "*", lambda screen: f"{MANY:,} marked" in screen)
        for what, first, last, seen in changes:
            for key in first:
                terminal.send(key)
                terminal.wait_for_quiet(0.4)
            took = until(terminal, last, lambda screen, seen=seen: seen in screen)
            yield Result(f"{what} {MANY:,} records, key to screen", "1 s", f"{took * 1e3:.0f} ms")
            if what == "drop":
                totals = until(terminal, "", lambda screen: " 0 records" in screen)
                yield Result("totals after that", "", f"{took + totals:.1f} s")
            terminal.wait_for_quiet(0.5)
            undone = until(terminal, "u", lambda screen, seen=seen: seen not in screen)
            terminal.wait_for_quiet(0.5)
            yield Result("undo of that, key to screen", "1 s", f"{undone * 1e3:.0f} ms")
    with opened(path) as session:
        everything = {session.sources[0]: BitMap64(range(len(session)))}
        replacement = Replacement(Search("comes"), "COMES")
        took = timed(lambda: session.editor.sweep(everything, replacement, "replace"))
        yield Result(f"replace in {MANY:,} found records, commit", "1 s", f"{took * 1e3:.0f} ms")
        yield Result("undo of that", "1 s", f"{timed(session.editor.undo) * 1e3:.0f} ms")


def shortening(path: Path) -> Iterator[Result]:
    """A system prompt that gives way to a short one in a million records: looking, preview, commit and undo."""
    executor, workers = make_executor(0), available_cores()
    with opened(path) as session:
        begun = time.perf_counter()
        *_, (_, seen) = prompts_of(session, executor, workers)
        listed = time.perf_counter()
        (prompt,) = seen.ranked()
        *_, (_, found) = preview(session, ShortPrompt(prompt.text, "Count on."), executor, workers)
        previewed = time.perf_counter()
        took = timed(lambda: session.editor.sweep(found.records, found.prompt, "shorten"))
        read = timed(lambda: session.line(MANY // 2))
        yield Result(f"system prompts of {MANY:,} records, {workers} workers", "", f"{listed - begun:.1f} s")
        yield Result("preview of a short one in all of them", "", f"{previewed - listed:.1f} s")
        yield Result(f"shorten in {found.changed:,} records, commit", "1 s", f"{took * 1e3:.0f} ms")
        yield Result("a record read after that", "", f"{read * 1e3:.1f} ms")
        yield Result("undo of that", "1 s", f"{timed(session.editor.undo) * 1e3:.0f} ms")
    executor.shutdown()


# Growth


def growth(small: Path, times: int) -> Iterator[Result]:
    """Keys while a generator appends to the file."""
    lines = small.read_bytes().splitlines(keepends=True)
    count = LINES_A_SECOND * SECONDS_OF_GROWTH

    def write() -> None:
        begun = time.perf_counter()
        with small.open("ab", buffering=0) as file:
            for number in range(count):
                file.write(lines[number % len(lines)])
                time.sleep(max(0.0, begun + (number + 1) / LINES_A_SECOND - time.perf_counter()))

    with shown(small) as terminal:
        writer = threading.Thread(target=write)
        writer.start()
        took = []
        for number in range(times):
            time.sleep(0.15)
            pressed = terminal.press("j" if number // 10 % 2 == 0 else "k")
            if pressed is not None:
                took.append(pressed.first)
        writer.join()
        ended = time.perf_counter()
        there = terminal.wait_for(f"of {len(lines) + count:,}")
        yield Result(f"`j` while {LINES_A_SECOND:,} lines a second are appended", "4 / 10 ms", milliseconds(took))
        yield Result("last appended record to screen", "", f"{max(0.0, there - ended):.1f} s")


def measure(large: Path, folder: Path, rounds: int) -> Iterator[Result]:
    """All of it."""
    plain, edited = copied(large, folder, "plain.jsonl"), copied(large, folder, "edited.jsonl")
    lay_edits(edited, EDITS)
    yield from opening(plain, edited, rounds)
    yield from all_keys(plain, edited, 4 * rounds)
    yield from saves(plain, folder, rounds)
    yield from swept_save(plain, folder)
    yield from growth(start_of(plain, 5_000, folder / "growing.jsonl"), 8 * rounds)
    yield from bulk(small_records(folder / "many.jsonl"))
    yield from shortening(small_records(folder / "prompted.jsonl", PROMPT))


def made_of(data: Path, folder: Path) -> Path:
    """A file of 1 GB, made of public conversations."""
    path = folder / "large.jsonl"
    make = partial(subprocess.run, check=True, stdout=sys.stderr)
    make(
        [
            *(sys.executable, str(data / "make_large.py"), *(str(data / "chat" / seed) for seed in SEEDS)),
            *("-o", str(path), "--bytes", "1GB"),
        ]
    )
    return path


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, help="a large file of records")
    what.add_argument("--data", type=Path, metavar="DIR", help="a folder with make_large.py and its seeds")
    parser.add_argument("--rounds", type=int, default=5, help="how often each run is measured (default: 5)")
    parser.add_argument("--folder", type=Path, help="where copies go, on the disk that is measured")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        large = given.file or made_of(given.data, folder)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {large.stat().st_size:,} bytes\n")
        print("| | goal | measured |\n|---|---:|---:|")
        for result in measure(large, folder, given.rounds):
            print(f"| {result.what} | {result.goal} | {result.measured} |", flush=True)


if __name__ == "__main__":
    main()
