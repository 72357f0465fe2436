"""curator schema: the schema of a dialect, or the list of them."""

from __future__ import annotations

import argparse
import json

from curator.analysis.schema import shipped_schema_text
from curator.cli import output
from curator.cli.exit_codes import Exit
from curator.records.dialects import NAMES

HELP = "print the JSON Schema of a dialect, or list the dialects"
SCHEMAS = sorted((*NAMES, "messages"))
"""Those of the dialects, and the wider one by which trainers of chat records are judged."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator schema`."""
    parser.add_argument("dialect", nargs="?", choices=SCHEMAS, help="without it, the dialects are listed")


def run(arguments: argparse.Namespace) -> Exit:
    """Write the schema as it is shipped, or what schemas there are."""
    if arguments.dialect is None:
        width = max(map(len, SCHEMAS))
        for name in SCHEMAS:
            about = json.loads(shipped_schema_text(name))["description"].split(". ")[0].removesuffix(".")
            output.data(f"{name:<{width}}  {about}")
        return Exit.CLEAN
    output.data(shipped_schema_text(arguments.dialect).rstrip("\n"))
    return Exit.CLEAN
