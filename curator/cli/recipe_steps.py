"""The steps of recipes: which command does each. The options of a step are those that its command itself reads."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from curator.cli import commands, options
from curator.errors import UsageError

OWN_OF_RUN = frozenset({"help", "file", "files", "output", "in_place", "dry_run", "force", "json", "journal"})
"""What `curator run` itself says to a command: from what it reads, and whereto it writes."""


@dataclass(frozen=True)
class Step:
    """One kind of step."""

    command: str
    writes: bool = True
    """Whether it writes records; a step that does not ends the recipe by an exit code other than 0."""
    folder: bool = False
    """Whether it writes several files into a folder; it can only be the last step then."""
    always: tuple[str, ...] = ()
    """What stands on its command line unasked."""
    where: str = ""
    """What its command calls the filter that recipes call `where`; empty where that has the same name."""
    unasked: frozenset[str] = frozenset()
    """Options of its command that a recipe does not say."""
    beside: tuple[str, ...] = ()
    """Options that tell of the files that its command reads."""

    @cached_property
    def parser(self) -> options.Parser:
        """What reads its command line."""
        return commands.parser_of(self.command)

    @cached_property
    def options(self) -> dict[str, argparse.Action]:
        """By name, without dashes, what a recipe may say of it."""
        known = {_name(one): one for one in self.parser.known() if one.dest not in OWN_OF_RUN | self.unasked}
        return {**known, "where": known[self.where]} if self.where else known


STEPS = {
    "check": Step("check", writes=False, unasked=frozenset({"fix", "unsafe", "diff", "where"})),
    "convert": Step("convert"),
    "dedupe": Step("dedupe"),
    "divide": Step("divide", folder=True),
    "drop": Step(
        "filter",
        always=("--invert",),
        where="expression",
        unasked=frozenset({"invert", "count", "sort", "head"}),
    ),
    "filter": Step("filter", where="expression"),
    "fix": Step("check", always=("--fix",)),
    "mix": Step("mix", beside=("weight", "with")),
    "repair": Step("repair"),
    "replace": Step("replace"),
    "sample": Step("sample"),
    "shards": Step("shards", folder=True),
    "shorten": Step("shorten"),
    "shuffle": Step("shuffle"),
    "split": Step("split"),
    "tag": Step("tag"),
}
"""By what follows `do =` in a recipe."""


class FaultyOptionError(UsageError):
    """An option of a step that is not there, or does not take its value."""

    def __init__(self, option: str, sentence: str) -> None:
        super().__init__(sentence)
        self.option = option
        """Its name in the recipe; empty where the fault is none of a single option."""


@dataclass(frozen=True)
class Planned:
    """A step with what the recipe says of it."""

    name: str
    step: Step
    given: dict[str, Any]
    where: str
    """Path and line of the recipe."""

    def arguments(self, source: Path, target: Path) -> argparse.Namespace:
        """What its command is run with. Raises FaultyOptionError."""
        typed = [*self.step.always]
        positional: dict[str, str] = {}
        for name, value in self.given.items():
            if name in self.step.beside:
                continue
            action = _option(self, name)
            if action.option_strings:
                typed += _typed(name, action, value)
            else:
                positional[action.dest] = _text(name, value)
        if self.step.writes:
            typed += ["-o", str(target)]
        typed.append("--")
        for action in self.step.parser.known():
            if not action.option_strings:
                own = action.dest in OWN_OF_RUN
                typed += self._sources(source) if own else [_required(self, action, positional)]
        try:
            return self.step.parser.parse_args(typed)
        except UsageError as error:
            sentence = str(error)
            found = re.match(r"argument (?:-\w/)?--([\w-]+)", sentence)
            raise FaultyOptionError(found[1] if found else "", sentence) from None

    def _sources(self, source: Path) -> list[str]:
        """What its command reads: what the step before left; of `mix` with its weight, and the others with theirs."""
        if not self.step.beside:
            return [str(source)]
        weight, others = self.given.get("weight"), self.given.get("with")
        if weight is None:
            raise FaultyOptionError("", f"`{self.name}` needs `weight`: the share of what comes to it, such as 0.7.")
        if not isinstance(others, list) or not others:
            example = 'with = ["other.jsonl:0.3"]'
            raise FaultyOptionError("with", f"`{self.name}` needs `with`: the other files and their shares, {example}.")
        return [f"{source}:{_text('weight', weight)}", *(_text("with", one) for one in others)]

    @property
    def filter(self) -> str:
        """The filter that it is given, as written; empty where there is none."""
        return str(self.given.get("where", self.given.get(self.step.where, "")))


def unknown(without: str, name: str, known: Iterable[str]) -> str:
    """A sentence on a name that is not known, with the nearest one, or with all."""
    near = get_close_matches(name, [*known], n=1, cutoff=0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(sorted(known))}."
    return f"{without} `{name}`; {hint}"


def _name(action: argparse.Action) -> str:
    long = [one for one in action.option_strings if one.startswith("--")]
    return long[0][2:] if long else action.dest


def _option(planned: Planned, name: str) -> argparse.Action:
    known = planned.step.options
    if name not in known:
        names = [*known, *planned.step.beside]
        raise FaultyOptionError(name, unknown(f"`{planned.name}` has no option", name, names))
    return known[name]


def _typed(name: str, action: argparse.Action, value: object) -> Iterator[str]:
    """An option as it is typed on a command line."""
    flag = action.option_strings[-1]
    if action.nargs == 0 or (action.nargs == "?" and isinstance(value, bool)):
        if not isinstance(value, bool):
            raise FaultyOptionError(name, f"`{name}` takes true or false, not {value!r}.")
        if value:
            yield flag
        return
    repeatable = isinstance(action, argparse._AppendAction)
    for one in value if isinstance(value, list) and repeatable else [value]:
        yield f"{flag}={_text(name, one)}"


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FaultyOptionError(name, f"`{name}` takes a text or a number, not {value!r}.")
    return str(value)


def _required(planned: Planned, action: argparse.Action, given: dict[str, str]) -> str:
    if action.dest not in given:
        name = "where" if action.dest == planned.step.where else action.dest
        raise FaultyOptionError("", f"`{planned.name}` needs `{name}`: {action.help}.")
    return given[action.dest]
