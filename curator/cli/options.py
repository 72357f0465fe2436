"""Options that several commands share, and how they become Settings."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from shlex import quote
from typing import Any, NoReturn

from curator import __version__
from curator.cli.exit_codes import Exit
from curator.engine.executors import INLINE
from curator.errors import UsageError
from curator.lint_settings import Choice, LintSettings
from curator.records.dialects import NAMES
from curator.schema_settings import OwnSchema
from curator.settings import LARGEST_PRICE, OwnPrice, Settings, load_settings, own_price

ORIGIN = "the command line"
FILES_HELP = (
    "JSON Lines (.jsonl, .ndjson, .json), also .gz, .zst, .bz2, .xz; .parquet; a folder; a pattern; - for stdin"
)
SHOWN_FILES = 3
PIPED = {"mix": "-:WEIGHT", "grep": "PATTERN -", "apply": "PATCH -", "run": "RECIPE -"}
"""How standard input is named to a command, where that is not `-` alone."""
SETTING_NAMES = frozenset(one.name for one in fields(Settings))


class KeptLines(argparse.RawDescriptionHelpFormatter):
    """Help whose epilogue keeps its lines."""


class Parser(argparse.ArgumentParser):
    """An argument parser that leaves with the usage exit code and a sentence."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read a command line. Of `mix`, `-:0.3`, standard input with a weight, begins like an option and is none.

        What stands behind an option that takes a value is its value, unless it is an option itself: `--sort -tokens`.

        Raises UsageError where several files are named, as a shell makes of a pattern, to a command on one.
        """
        if self.get_default("command") == "mix":
            args = [f"./{one}" if one.startswith("-:") else one for one in args]
        found, rest = super().parse_known_args(self._with_values(list(args)), namespace)
        if rest and hasattr(found, "file") and not any(one.startswith("-") for one in rest):
            raise UsageError(_one_of([str(one) for one in (found.file, *rest)], found.command))
        return found, rest

    def _with_values(self, typed: list[str]) -> list[str]:
        """The same with values that begin with a single dash joined to their options, as argparse wants them."""
        own = self._option_string_actions
        end = typed.index("--") if "--" in typed else len(typed)
        joined: list[str] = []
        for one in typed[:end]:
            value = one.startswith("-") and one != "-" and not one.startswith("--") and one not in own
            before = joined[-1] if joined else ""
            if value and before.startswith("--") and before in own and own[before].nargs is None:
                joined[-1] = f"{before}={one}"
            else:
                joined.append(one)
        return joined + typed[end:]

    def known(self) -> list[argparse.Action]:
        """All that it reads, in the order in which it was declared."""
        return list(self._actions)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(f"{message}. See `{self.prog} --help`.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Leave after --help or --version."""
        if message:
            self._print_message(message)
        raise SystemExit(Exit(status))


def _one_of(files: list[str], command: str) -> str:
    """That a command takes one file, and how several may go into it."""
    refused = f"`curator {command}` takes one file, and {len(files):,} are named"
    if command in ("diff", "export", "history"):
        return f"{refused}; each has a journal of its own, so name one after the other."
    shown = " ".join(map(quote, files[:SHOWN_FILES])) + " …" * (len(files) > SHOWN_FILES)
    piped = PIPED.get(command, "-")
    return f"{refused}; put them together on the way: `curator merge {shown} -o - | curator {command} {piped} …`."


def add_files(parser: argparse.ArgumentParser) -> None:
    """One or more files of records."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=FILES_HELP)


def add_where(parser: argparse._ActionsContainer, what: str = "do it to") -> None:
    """Which records are meant; `curator.cli.where` finds them."""
    parser.add_argument(
        "--where",
        metavar="EXPR",
        help=f"{what} the records alone that this filter is true of, such as 'tokens > 4000'; see docs/filtering.md",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """How records are read and checked."""
    group = parser.add_argument_group("reading")
    add_dialect(group)
    group.add_argument(
        "--schema",
        action="append",
        type=_own_schema,
        metavar="[DIALECT=]FILE",
        help="your own JSON Schema, in place of the shipped one: of all dialects, or of one (repeatable)",
    )
    add_rules(group)
    add_target(group)


def add_rules(parser: argparse._ActionsContainer) -> None:
    """Which rules are asked."""
    for name, dest, what in (
        ("ignore", "ignored_rules", "do not ask this rule"),
        ("select", "selected_rules", "ask no rules but this one"),
    ):
        text = f"{what}, such as CUR024; may be repeated (`curator rules` lists them)"
        parser.add_argument(f"--{name}", dest=dest, action="append", metavar="CODE", help=text)


def add_target(parser: argparse._ActionsContainer) -> None:
    """What the data are for."""
    parser.add_argument("--target", metavar="NAME", help="the trainer they are for; `curator targets` lists them")
    parser.add_argument(
        "--tokenizer", metavar="PATH", help="count by the model's own tokenizer.json, or that of a model's folder"
    )


def add_dialect(parser: argparse._ActionsContainer) -> None:
    """In which dialect records are read."""
    parser.add_argument(
        "--dialect",
        choices=NAMES,
        metavar="DIALECT",
        help="read every record in this dialect; `curator schema` lists them (default: detected)",
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model counts, prices and limits."""
    group = parser.add_argument_group("model")
    group.add_argument("--model", metavar="NAME", help="count and price for this model; `curator models` lists them")
    group.add_argument("--edition", metavar="NAME", help="edition of the price book, such as 2026 or 2023-08")
    group.add_argument("--context-length", type=positive, metavar="N", help="tokens of the longest example")
    group.add_argument("--epochs", type=positive, metavar="N", help="training epochs (default: the service's rule)")
    add_price(group)


def add_price(parser: argparse._ActionsContainer) -> None:
    """The user's own figures in the price book."""
    parser.add_argument(
        "--price",
        dest="prices",
        action="append",
        type=_own_price,
        metavar="MODEL.FIELD=N",
        help="your own figure in the price book, such as gpt-4o-mini.input=0.12 (also as [prices] in curator.toml)",
    )


def add_terms(parser: argparse.ArgumentParser) -> None:
    """At what terms calls are made."""
    group = parser.add_argument_group("terms")
    group.add_argument(
        "--cached-share", type=_share, default=Decimal(0), metavar="X", help="of the prompt, 0 to 1, what a cache holds"
    )
    group.add_argument(
        "--batch-discount", type=_discount, default=Decimal(0), metavar="X", help="off all calls, such as 0.5"
    )
    group.add_argument(
        "--training-hours", type=amount, metavar="X", help="hours of training, for models that are trained by the hour"
    )


def add_journal(parser: argparse.ArgumentParser) -> None:
    """Where what is done to a file is kept."""
    parser.add_argument("--journal", metavar="PATH", help="where FILE's changes are kept (default: FILE.curator)")


def add_work(parser: argparse.ArgumentParser) -> None:
    """How the audit is run."""
    group = parser.add_argument_group("work")
    add_workers(group)
    group.add_argument(
        "--no-accelerate",
        dest="accelerate",
        action="store_false",
        default=None,
        help="count with tiktoken alone, without toktok-rs",
    )


def add_workers(parser: argparse._ActionsContainer) -> None:
    """How many processes work."""
    parser.add_argument(
        "--workers", type=_workers, metavar="N", help="worker processes, or `inline` (default: one a core)"
    )


def add_screen(parser: argparse.ArgumentParser) -> None:
    """How the terminal program looks and listens."""
    group = parser.add_argument_group("screen")
    group.add_argument("--theme", metavar="NAME", help="colours: any theme of Textual, such as nord or textual-light")
    group.add_argument("--mouse", action="store_true", default=None, help="listen to the mouse, which costs traffic")


def add_version(parser: argparse.ArgumentParser) -> None:
    """What this is."""
    parser.add_argument("--version", action="version", version=f"curator {__version__}")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings of this call: only what was typed overrides the files and the environment."""
    typed = {key: value for key, value in vars(arguments).items() if key in SETTING_NAMES and value is not None}
    if "schema" in typed:
        typed |= _schemas_by_kind(typed.pop("schema"))
    if "prices" in typed:
        typed["prices"] = tuple(typed["prices"])
    lint = _choices(arguments, "selected_rules", "only") + _choices(arguments, "ignored_rules", "off")
    if lint:
        typed["lint"] = LintSettings(lint)
    return load_settings(typed)


def _choices(arguments: argparse.Namespace, name: str, what: str) -> tuple[Choice, ...]:
    codes = ",".join(getattr(arguments, name, None) or ()).split(",")
    return tuple(Choice(code.strip(), what, "the command line") for code in codes if code.strip())


def positive(text: str) -> int:
    """A whole number from 1 on, as typed: `65536`, `65,536` or `65_536`. Raises argparse's errors for anything else."""
    return _number(text, 1)


def whole(text: str) -> int:
    """A whole number from 0 on, as typed. Raises argparse's errors for anything else."""
    return _number(text, 0)


def _number(text: str, least: int) -> int:
    digits = text.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and int(digits[:18]) >= least):
        raise argparse.ArgumentTypeError(f"takes a whole number of at least {least}, not {text!r}")
    return int(digits[:18])


def likeness(text: str) -> float:
    """A share above 0, up to 1. Raises argparse's errors for anything else."""
    number = _decimal(text)
    if number is None or not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"takes a number above 0, up to 1, not {text!r}")
    return float(number)


def weight(text: str) -> Decimal:
    """A number from 0 on, as typed: `90` or `0.7`. Raises argparse's errors for anything else."""
    number = _decimal(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"takes a number from 0 on, not {text!r}")
    return number


def amount(text: str) -> Decimal:
    """A number above 0, as typed: `40` or `0.5`. Raises argparse's errors for anything else."""
    number = _decimal(text)
    if number is None or not 0 < number <= LARGEST_PRICE:
        raise argparse.ArgumentTypeError(f"takes a number above 0, not {text!r}")
    return number


def _share(text: str) -> Decimal:
    number = _decimal(text)
    if number is None or not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"takes a number from 0 to 1, not {text!r}")
    return number


def _discount(text: str) -> Decimal:
    number = _share(text)
    if number == 1:
        raise argparse.ArgumentTypeError("takes a number below 1: with 1, all calls would be free")
    return number


def _decimal(text: str) -> Decimal | None:
    """Digits with at most one point between them; None for anything else."""
    return Decimal(text) if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", text) else None


def _own_price(text: str) -> OwnPrice:
    name, equals, value = text.rpartition("=")
    model, dot, field = name.rpartition(".")
    if not (equals and dot):
        raise argparse.ArgumentTypeError(f"takes MODEL.FIELD=N, such as gpt-4o-mini.input=0.12, not {text!r}")
    return own_price(model, field, value, ORIGIN)


def _own_schema(text: str) -> OwnSchema:
    dialect, equals, path = text.partition("=")
    if equals and dialect not in NAMES and not Path(text).exists():
        raise argparse.ArgumentTypeError(f"names no dialect {dialect!r}; known are {', '.join(NAMES)}")
    return OwnSchema(dialect, path, ORIGIN) if equals and dialect in NAMES else OwnSchema("", text, ORIGIN)


def _schemas_by_kind(typed: list[OwnSchema]) -> dict[str, Any]:
    """The settings that were typed with `--schema`: at most one for all dialects, and those for single ones."""
    for_all = [one.path for one in typed if not one.dialect]
    if len(for_all) > 1:
        raise UsageError("--schema names one file for all dialects; for several, write DIALECT=FILE.")
    for_one = tuple(one for one in typed if one.dialect)
    return {"schemas": for_one} | ({"schema": for_all[0]} if for_all else {})


def _workers(text: str) -> int:
    return INLINE if text == "inline" else positive(text)


def add_layout(parser: argparse.ArgumentParser) -> None:
    """`--layout`."""
    parser.add_argument(
        "--layout",
        choices=["datasets"],
        help="the folder as `datasets` lays it out, with Parquet files in data/ and a README.md; it loads by its name",
    )
