"""Compares the near duplicates that are found with those that are there, by comparing all records with all.

    python benchmarks/near_duplicates.py FILE [FILE ...] [--records 5000]

Of each file the first records are taken. There is a pair where two records have that share of their word triples in
common (the Jaccard index), counted here by an index of all triples. A pair is found where both are in one group.
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from curator.analysis.fingerprints import reader_for
from curator.analysis.prints import Likeness
from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.session.duplicates import clusters
from curator.settings import Settings

THRESHOLDS = (0.5, 0.7, 0.8, 0.9)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--records", type=int, default=5_000)
    arguments = parser.parse_args()
    print("| file | records | alike from | pairs | recall | precision | in groups, but less alike |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for path in arguments.files:
            some = Path(folder, path.name.removesuffix(".gz"))
            with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines, some.open("wb") as out:
                out.writelines(islice(lines, arguments.records))
            session = Session([some], Settings(workers=-1, accelerate=False))
            shares = list(all_pairs(session))
            for threshold in THRESHOLDS:
                print(row(session, some.name, threshold, shares))
            session.close()


def all_pairs(session: Session) -> Iterator[tuple[int, int, float]]:
    """Each pair of records with a triple in common, and what share of their triples is."""
    source = session.sources[0].opened
    source.index.finish()
    reader = reader_for(session.spec(source))
    spans = [source.index.span(line) for line in range(len(source.index))]
    texts = [reader.compared(source.source.read(start, end - start), "record") for start, end in spans]
    rows = np.repeat(np.arange(len(texts)), [len(one) for one in texts])
    triples, numbers = np.unique(np.concatenate(texts), return_inverse=True)
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], np.arange(len(triples) + 1))
    sizes = np.array([len(one) for one in texts])
    place = 0
    for row, text in enumerate(texts):
        mine = numbers[place : place + len(text)]
        place += len(text)
        holders = [rows[order[starts[one] : starts[one + 1]]] for one in mine]
        common = np.bincount(np.concatenate(holders), minlength=len(texts)) if holders else sizes * 0
        for other in np.flatnonzero(common[:row]).tolist():
            yield other, row, common[other] / (sizes[row] + sizes[other] - common[other])


def row(session: Session, name: str, threshold: float, shares: list[tuple[int, int, float]]) -> str:
    """What was found of what is there."""
    found = None
    for _, found in clusters(session, Likeness("record", threshold), InlineExecutor(), 1):  # noqa: B007 - the last
        pass
    assert found is not None
    group = {record: number for number, one in enumerate(found) for _, record in one.records}
    pairs = {(one, other) for one, other, share in shares if share >= threshold}
    joined = {(one, other) for one, other in pairs if group.get(one, -1) == group.get(other, -2)}
    # A record is rightly in a group where it is alike enough to one of the others.
    alone = set(group) - {record for pair in joined for record in pair}
    recall = f"{len(joined) / len(pairs):.2%}" if pairs else "none"
    all_in_groups = sum(len(one.records) * (len(one.records) - 1) // 2 for one in found)
    return (
        f"| `{name}` | {len(session.sources[0].opened.index):,} | {threshold} | {len(pairs):,}"
        f" | {recall} | {1 - len(alone) / max(1, len(group)):.2%}"
        f" | {all_in_groups - len(joined):,} |"
    )


if __name__ == "__main__":
    main()
