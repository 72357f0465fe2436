"""The headless commands, and how one is run."""

from __future__ import annotations

import argparse
from importlib import import_module
from types import ModuleType

from curator.cli import options
from curator.cli.exit_codes import Exit

COMMANDS = (
    *(
        "check",
        "stats",
        "grep",
        "cost",
        "break-even",
        "replace",
        "shorten",
        "split",
        "tag",
        "convert",
        "merge",
        "shards",
        "dedupe",
        "divide",
        "sample",
        "shuffle",
        "mix",
        "diff",
        "apply",
        "export",
        "filter",
        "facets",
        "history",
        "run",
        "repair",
        "cache",
        "models",
        "targets",
        "schema",
        "rules",
        "explain",
    ),
)


def run(name: str, arguments: list[str]) -> Exit:
    """Run a command with what stood behind its name. Raises CuratorError for the caller to tell."""
    return run_parsed(name, parser_of(name).parse_args(arguments))


def run_parsed(name: str, arguments: argparse.Namespace) -> Exit:
    """Run a command whose command line has been read. Raises CuratorError for the caller to tell."""
    outcome: Exit = _module(name).run(arguments)
    return outcome


def parser_of(name: str) -> options.Parser:
    """What reads the command line of a command."""
    command = _module(name)
    parser = options.Parser(prog=f"curator {name}", description=command.HELP)
    command.add_arguments(parser)
    parser.set_defaults(command=name)
    return parser


def overview() -> str:
    """The commands with what they do, for `curator --help`."""
    return "\n".join(f"  {name:10} {_module(name).HELP}" for name in COMMANDS)


def _module(name: str) -> ModuleType:
    return import_module(f"curator.cli.{name.replace('-', '_')}")
