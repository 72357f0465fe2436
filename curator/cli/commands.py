"""The headless commands, and how one is run."""

from __future__ import annotations

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
        "shorten",
        "split",
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
    command = _module(name)
    parser = options.Parser(prog=f"curator {name}", description=command.HELP)
    command.add_arguments(parser)
    outcome: Exit = command.run(parser.parse_args(arguments))
    return outcome


def overview() -> str:
    """The commands with what they do, for `curator --help`."""
    return "\n".join(f"  {name:10} {_module(name).HELP}" for name in COMMANDS)


def _module(name: str) -> ModuleType:
    return import_module(f"curator.cli.{name.replace('-', '_')}")
