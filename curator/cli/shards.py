"""curator shards: one file as several smaller ones."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from pathlib import Path

from curator.cli import options, output
from curator.cli.audit_run import audited
from curator.cli.destination import refuse_folder
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.errors import UsageError
from curator.session import Session
from curator.session.dataset_folder import dataset_folder, shard_names
from curator.session.sharding import cut, folder_of, names, sizes_in_bytes, sizes_in_records, write_shards
from curator.storage.source import Source

HELP = "cut a file into smaller ones, by records, bytes or tokens"
UNITS = {"": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
LINES_SHOWN = 5
SPLIT = "train"
"""The part that the shards of a folder for `datasets` are of."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator shards`."""
    parser.add_argument("file", type=Path, metavar="FILE", help=options.FILES_HELP)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FOLDER|PATTERN",
        help="where the files go; a name with ### has the number there, and one that ends in .gz, say, packs them",
    )
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--records", type=options.positive, metavar="N", help="at most N records in a file")
    size.add_argument("--bytes", type=_bytes, metavar="N", help="at most N bytes in a file, such as 512MB")
    size.add_argument("--tokens", type=options.positive, metavar="N", help="at most N tokens in a file")
    options.add_layout(parser)
    options.add_dialect(parser)
    options.add_model(parser)
    options.add_work(parser)


def _bytes(text: str) -> int:
    match = re.fullmatch(r"([0-9,_]+) ?([A-Za-z]*)", text)
    if match is None or match[2] not in UNITS:
        raise argparse.ArgumentTypeError(f"takes a number of bytes, with kB, MB, GB, KiB, MiB or GiB, not {text!r}")
    return options.positive(match[1]) * UNITS[match[2]]


def run(arguments: argparse.Namespace) -> Exit:
    """Write all shards or none; none takes the place of a file that is there."""
    with opened_session(arguments) as session:
        opened = session.data.sources[0]
        if not arguments.layout:
            refuse_folder(folder_of(arguments.output), "parts/x-###.jsonl.gz")
        sizes, most = _sizes(arguments, session)
        found = cut(opened, sizes, most)
        if not found.ends:
            raise UsageError(f"{arguments.file}: is empty, so there is nothing to cut.")
        named = _written(arguments, opened.source, found.ends)
        _tell(arguments, session, named, found.too_long)
        tell_unsaved(session, arguments.command)
    return Exit.CLEAN


def _written(arguments: argparse.Namespace, source: Source, ends: list[int]) -> list[str]:
    """Write the shards; returns their names."""
    if arguments.layout:
        named = shard_names(SPLIT, len(ends))
        with dataset_folder(arguments.output, [SPLIT]) as data:
            notes = write_shards(source, ends, data, named)
    else:
        named = names(arguments.output, arguments.file, len(ends))
        notes = write_shards(source, ends, folder_of(arguments.output), named)
    for note in notes:
        output.talk(note)
    return named


def _sizes(arguments: argparse.Namespace, session: Session) -> tuple[Iterable[int], int]:
    opened = session.data.sources[0]
    if arguments.records:
        return sizes_in_records(opened), arguments.records
    if arguments.bytes:
        return sizes_in_bytes(opened), arguments.bytes
    for _ in audited(session):
        pass
    return opened.columns.tokens, arguments.tokens


def _tell(arguments: argparse.Namespace, session: Session, named: list[str], too_long: list[int]) -> None:
    if too_long:
        shown = ", ".join(f"{line:,}" for line in too_long[:LINES_SHOWN]) + ", ..." * (len(too_long) > LINES_SHOWN)
        plural = "s are" if len(too_long) > 1 else " is"
        output.talk(f"{len(too_long):,} line{plural} alone more than a file is to hold (line {shown}).")
    folder = folder_of(arguments.output)
    last = f" to {named[-1]}" if len(named) > 1 else ""
    output.talk(
        f"{folder}: {len(named):,} file{'s' * (len(named) > 1)}, {named[0]}{last}; {session.data.bytes:,} bytes,"
        f" read back and proved."
    )
