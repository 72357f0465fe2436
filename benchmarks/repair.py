"""Measures the repair of a large JSON array: how fast it is read, and what memory that takes.

    python benchmarks/repair.py FILE [MEGABYTES]

FILE is JSON Lines; its records, as often as it takes, are laid out as one array of about 100 MB. Prints a table.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from curator.session.repairing import survey  # noqa: E402 - the project is found by then


def laid_out(lines: Path, target: Path, size: int) -> None:
    """Write records as one array over many lines."""
    records = [json.loads(line) for line in lines.read_bytes().splitlines()]
    written = 0
    with target.open("w") as out:
        for record in cycle(records):
            written += out.write(("[\n" if not written else ",\n") + json.dumps(record, indent=2, ensure_ascii=False))
            if written >= size:
                break
        out.write("\n]\n")


def anonymous_memory() -> int:
    """Bytes of this process that no file is behind."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))


def main() -> None:
    """Write, measure, print."""
    lines = Path(sys.argv[1])
    size = int(sys.argv[2] if len(sys.argv) > 2 else "100") * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        array = Path(folder) / "array.json"
        laid_out(lines, array, size)
        most = before = anonymous_memory()
        seen = 0

        def watch(_: object) -> None:
            nonlocal most, seen
            seen += 1
            if seen % 1000 == 0:
                most = max(most, anonymous_memory())

        start = time.perf_counter()
        found = survey(array, tell=watch)
        seconds = time.perf_counter() - start
        size = array.stat().st_size
    print("| records | MB | MB/s | memory before, MB | memory at most, MB |\n|---:|---:|---:|---:|---:|")
    print(
        f"| {found.records:,} | {size / 1e6:.0f} | {size / 1e6 / seconds:.0f} | {before / 1e6:.0f} | {most / 1e6:.0f} |"
    )


if __name__ == "__main__":
    main()
