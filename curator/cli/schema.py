"""curator schema: the schema of a dialect."""

from __future__ import annotations

import argparse

from curator.analysis.schema import shipped_schema_text
from curator.cli import output
from curator.cli.exit_codes import Exit
from curator.records.dialects import NAMES

HELP = "print the JSON Schema of a dialect"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator schema`."""
    parser.add_argument("dialect", choices=NAMES)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the schema as it is shipped."""
    output.data(shipped_schema_text(arguments.dialect).rstrip("\n"))
    return Exit.CLEAN
