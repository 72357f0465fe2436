"""How fast lines become a Parquet file and the other way round, and what it takes of memory.

python benchmarks/tables.py FILE           on a file of records
python benchmarks/tables.py --data DIR     on 100 MB made of DIR/chat/sgd_train.jsonl.gz
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BYTES = 100_000_000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = arguments.file or _made(arguments.data, Path(folder))
        size = lines.stat().st_size
        table = Path(folder) / "x.parquet"
        print(f"| {size / 1e6:,.0f} MB | seconds | MB/s | largest process |\n|---|---:|---:|---:|")
        for what, source, target in (
            ("written as Parquet, read back and compared", lines, table),
            ("read from Parquet, written as lines", table, Path(folder) / "back.jsonl"),
        ):
            seconds = _run(Path(folder), "export", str(source), "-o", str(target))
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
            print(f"| {what} | {seconds:.1f} | {size / 1e6 / seconds:,.0f} | {peak:,.0f} MB |")
        print(f"\nThe Parquet file has {table.stat().st_size / 1e6:,.1f} MB.")


def _made(data: Path, folder: Path) -> Path:
    """A file of 100 MB of chats."""
    content = gzip.decompress((data / "chat" / "sgd_train.jsonl.gz").read_bytes())
    path = folder / "x.jsonl"
    with path.open("wb") as out:
        while out.tell() < BYTES:
            out.write(content)
    return path


def _run(cache: Path, *arguments: str) -> float:
    begin = time.perf_counter()
    environment = os.environ | {"CURATOR_CACHE_DIR": str(cache / "cache")}
    subprocess.run([sys.executable, "-m", "curator", *arguments], env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
