"""curator targets: the trainers that data can be for, with what each takes and learns from."""

from __future__ import annotations

import argparse
import json
from typing import Any

from curator.analysis.limits import Limits, size
from curator.analysis.targets import CHECKED_ON, TARGETS, Target, target_named, told
from curator.cli import output
from curator.cli.exit_codes import Exit
from curator.settings import load_settings

HELP = "list the trainers that data can be for (--target)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator targets`."""
    parser.add_argument("name", nargs="?", help="one of them, with all that is known of it")
    parser.add_argument("--json", action="store_true", help="a JSON list")


def run(arguments: argparse.Namespace) -> Exit:
    """List the targets, with the options of the user's settings in force."""
    options = load_settings({}).targets
    chosen = [target_named(arguments.name)] if arguments.name else TARGETS
    targets = [told(target, options) for target in chosen]
    if arguments.json:
        output.data(json.dumps([as_object(target) for target in targets], indent=2))
    elif arguments.name:
        output.pairs(as_pairs(targets[0]))
    else:
        header = ("name", "trainer", "formats", "longest example", "when longer", "file")
        output.table(header, [as_cells(target) for target in targets], right=frozenset((3, 5)))
        output.talk(f"checked in {CHECKED_ON}; `curator targets NAME` tells more of one.")
    return Exit.CLEAN


def as_cells(target: Target) -> tuple[str, ...]:
    """One line of the table."""
    limits = target.limits
    return (
        target.name,
        target.title,
        ", ".join(target.dialects),
        f"{limits.longest_example:,}" if limits.longest_example else "the model's",
        limits.over_long.value,
        size(limits.most_bytes) if limits.most_bytes else "any",
    )


def as_pairs(target: Target) -> list[tuple[str, str]]:
    """All that is known of a target, for people."""
    rows = [("name", target.name), ("trainer", target.title), ("formats", ", ".join(target.dialects))]
    rows += [("reads", f"{name} as {other}") for name, other in target.reads.items()]
    rows.append(("learns from", target.learns))
    rows += [(name.replace("_", " "), value) for name, value in _limits(target.limits)]
    rows += [
        (f"CUR{number:03d}", severity.value if severity else "not asked")
        for number, severity in sorted(target.severities.items())
    ]
    rows += [("option", f"{name}, unless told otherwise {_spelt(value)}") for name, value in target.options.items()]
    rows += [("source", source) for source in target.sources]
    return [*rows, ("checked", CHECKED_ON)]


def _limits(limits: Limits) -> list[tuple[str, str]]:
    named = [
        ("longest_example", f"{limits.longest_example:,} tokens" if limits.longest_example else "the model's"),
        ("when_longer", limits.over_long.value),
        ("fewest_records", f"{limits.fewest_records:,}" if limits.fewest_records else ""),
        ("most_records", f"{limits.most_records:,}" if limits.most_records else ""),
        ("largest_file", size(limits.most_bytes) if limits.most_bytes else ""),
        ("images_a_record", f"{limits.images_a_record:,}" if limits.images_a_record else ""),
        ("records_with_images", f"{limits.records_with_images:,}" if limits.records_with_images else ""),
        ("byte_order_mark", "wanted" if limits.byte_order_mark else ""),
    ]
    return [(name, value) for name, value in named if value]


def _spelt(value: Any) -> str:
    return json.dumps(value)


def as_object(target: Target) -> dict[str, Any]:
    """A target as JSON has it; null where nothing is limited or known."""
    limits = target.limits
    return {
        "name": target.name,
        "title": target.title,
        "dialects": list(target.dialects),
        "reads": dict(target.reads),
        "learns": target.learns,
        "longest_example": limits.longest_example or None,
        "over_long": limits.over_long.value,
        "fewest_records": limits.fewest_records or None,
        "most_records": limits.most_records or None,
        "most_bytes": limits.most_bytes or None,
        "images_a_record": limits.images_a_record or None,
        "records_with_images": limits.records_with_images or None,
        "byte_order_mark": limits.byte_order_mark,
        "severities": {
            f"CUR{number:03d}": severity.value if severity else None
            for number, severity in sorted(target.severities.items())
        },
        "options": {name: list(value) if isinstance(value, tuple) else value for name, value in target.options.items()},
        "sources": list(target.sources),
        "checked_on": CHECKED_ON,
    }
