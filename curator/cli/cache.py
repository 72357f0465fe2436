"""curator cache: the unpacked copies that are kept for the next time."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from curator.cli import output
from curator.cli.exit_codes import Exit
from curator.session.access import cache_rules
from curator.settings import load_settings
from curator.storage.copies import Copies, Copy

HELP = "list the unpacked copies of compressed files, or clear them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator cache`."""
    parser.add_argument("action", nargs="?", choices=("list", "clear"), default="list", help="default: list")


def run(arguments: argparse.Namespace) -> Exit:
    """List or clear; what was done to standard input stays."""
    copies = Copies(cache_rules(load_settings({})))
    if arguments.action == "clear":
        gone, used = copies.clear()
        output.talk(f"{copies.folder}: {_megabytes(gone)} in {len(gone):,} copies removed.")
        if used:
            output.talk(f"{_megabytes(used)} in {len(used):,} copies are in use, and stay.")
    else:
        _list(copies)
    for path in copies.changed():
        output.talk(f"{path}: standard input, with what you did to it; it stays until you remove it.")
    return Exit.CLEAN


def _list(copies: Copies) -> None:
    from datetime import datetime

    known = sorted(copies.all(), key=lambda one: -one.used)
    if known:
        rows = [
            (
                f"{one.size / 1e6:,.1f} MB",
                datetime.fromtimestamp(one.used).strftime("%Y-%m-%d %H:%M"),
                output.printable(str(one.packed)),
            )
            for one in known
        ]
        output.table(("size", "last used", "unpacked from"), rows, right=frozenset({0}))
    output.talk(f"{copies.folder}: {_megabytes(known)} in {len(known):,} copies.")


def _megabytes(copies: Iterable[Copy]) -> str:
    return f"{sum(one.size for one in copies) / 1e6:,.1f} MB"
