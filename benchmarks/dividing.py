"""Measures dividing, duplicates and random choices on many records: time, memory, and whether the outcome is right.

    python benchmarks/dividing.py                    # 1,000,000 records that it makes, 0.9 GB in a temporary folder
    python benchmarks/dividing.py --records 100000
    python benchmarks/dividing.py FILE               # another file of chat records with a key `meta.lang`

Of the records that it makes 5 % are copies of earlier ones, 5 % differ from one in a word, 2 % answer an earlier
prompt anew, and 10 % are made by templates, half of their words in common. Each command is run by itself;
its memory is the most anonymous memory of the process that gathers, and its base that of 10,000 records.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

RECORDS = 1_000_000
FEW = 10_000
"""Records of the file that shows what a command takes without any."""
WORDS, TEMPLATES, AT_ONCE = 40_000, 300, 10_000
SECONDS_BETWEEN_LOOKS = 0.1
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("divide", "--ratio", "90:5:5"),
    ("divide", "--ratio", "90:5:5", "--no-near"),
    ("divide", "--count", "5000", "--by", "meta.lang", "--no-near"),
    ("dedupe",),
    ("dedupe", "--near"),
    ("shuffle",),
    ("sample", "-n", "5000", "--by", "meta.lang"),
    ("mix",),
)


class Run(NamedTuple):
    """What a command took."""

    seconds: float
    """From its begin to its end."""
    processor: float
    """Seconds of processors, all its workers' too."""
    memory: int
    """Most bytes of anonymous memory of its first process."""
    told: str


def main() -> None:
    """Make the records, run the commands, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--workers", default="1")
    parser.add_argument("--only", default="", help="commands that begin so, with commas between")
    parser.add_argument("--folder", type=Path, help="where the files are made (default: a temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        path = arguments.file or made(folder / "large.jsonl", arguments.records)
        few = folder / "few.jsonl"
        with path.open("rb") as lines, few.open("wb") as out:
            out.writelines(line for _, line in zip(range(FEW), lines, strict=False))
        number = arguments.records if arguments.file is None else sum(1 for _ in path.open("rb"))
        print(f"{number:,} records, {path.stat().st_size:,} bytes")
        print("| command | time | of processors | own memory | beside the base, a record |\n|---|---:|---:|---:|---:|")
        for command in COMMANDS:
            if " ".join(command).startswith(tuple(arguments.only.split(","))):
                base, run = (measured(command, one, folder, arguments.workers) for one in (few, path))
                each = (run.memory - base.memory) / number
                print(
                    f"| `{' '.join(command)}` | {run.seconds:.0f} s | {run.processor:.0f} s"
                    f" | {run.memory / 1e6:.0f} MB | {each:.0f} bytes |\n{run.told}",
                    flush=True,
                )


def made(path: Path, number: int) -> Path:
    """A file of chat records, no two alike by chance."""
    random.seed(7)
    words = np.random.default_rng(7)
    vocabulary = [f"{'bcdfglmnprst'[n % 12]}{'aeiou'[n // 12 % 5]}{n:x}" for n in range(WORDS)]
    templates = words.integers(0, WORDS, (TEMPLATES, 60))
    earlier: list[tuple[list[int], list[int]]] = []
    with path.open("w") as out:
        for start in range(0, number, AT_ONCE):
            drawn = np.minimum(words.zipf(1.2, (AT_ONCE, 100)), 1 << 40) * 7919 % WORDS
            for row in range(min(AT_ONCE, number - start)):
                asked, said = _texts(drawn[row].tolist(), templates, earlier)
                if start == 0:
                    earlier.append((asked, said))
                elif random.random() < 0.1:
                    earlier[random.randrange(len(earlier))] = asked, said
                user, assistant = (" ".join(map(vocabulary.__getitem__, one)) for one in (asked, said))
                lang = "de" if random.random() < 0.2 else "en"
                out.write(
                    '{"messages":[{"role":"system","content":"You answer questions."},'
                    f'{{"role":"user","content":"Hello! {user}?"}},{{"role":"assistant","content":"{assistant}."}}],'
                    f'"meta":{{"lang":"{lang}","number":{start + row}}}}}\n'
                )
    return path


def _texts(
    drawn: list[int], templates: np.typing.NDArray[np.int64], earlier: Sequence[tuple[list[int], list[int]]]
) -> tuple[list[int], list[int]]:
    asked, said = drawn[: random.randrange(12, 30)], drawn[30 : random.randrange(50, 100)]
    kind = random.random()
    if kind < 0.12 and earlier:
        first, answer = earlier[random.randrange(len(earlier))]
        if kind < 0.05:
            return first, answer
        if kind < 0.1:
            place = random.randrange(len(answer))
            return first, [*answer[:place], drawn[99], *answer[place + 1 :]]
        return first, said
    if kind > 0.9:
        return asked[:12], [*templates[random.randrange(TEMPLATES)].tolist(), *drawn[30:70]]
    return asked, said


def measured(command: Sequence[str], path: Path, folder: Path, workers: str) -> Run:
    """Run a command on a file."""
    out = folder / "out"
    files = [str(path)] if command[0] != "mix" else [f"{path}:0.7", f"{path}:0.3"]
    target = ["-o", str(out), *(["--force"] if out.exists() else [])]
    reading = ["--workers", workers] if command[0] in ("divide", "dedupe") else []
    begin = time.perf_counter()
    with (folder / "told").open("w+b") as stderr:
        # In a session of its own, by which its workers are known.
        process = subprocess.Popen(
            [sys.executable, "-m", "curator", command[0], *files, *command[1:], *target, *reading],
            stderr=stderr,
            start_new_session=True,
        )
        memory, processor = map(max, zip(*_looks(process.pid), strict=True))
        process.wait()
        stderr.seek(0)
        said = stderr.read().decode()
    seconds = time.perf_counter() - begin
    assert process.returncode == 0, said
    told = " / ".join(line for line in said.splitlines() if "%|" not in line)
    subprocess.run(["rm", "-rf", out], check=True)
    return Run(seconds, processor, memory, told)


def _looks(process: int) -> Iterator[tuple[int, float]]:
    """Anonymous memory of a process, and processor time of all of its session, again and again until it ends."""
    yield 0, 0.0
    taken: dict[str, float] = {}
    while True:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        found = [int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon")]
        if not found:
            return
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == process:
                    taken[folder.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        yield found[0], sum(taken.values())
        time.sleep(SECONDS_BETWEEN_LOOKS)


if __name__ == "__main__":
    main()
