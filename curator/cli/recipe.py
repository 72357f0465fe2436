"""Recipes are read: steps in order, each known with all that is said of it before the first is done."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from curator.analysis.predicates.parsing import FilterError, parse
from curator.cli.recipe_steps import STEPS, FaultyOptionError, Planned, unknown
from curator.cli.text_files import whole_text_of
from curator.errors import UsageError

NO_STEPS = 'has no steps; write [[step]] and below it, say, do = "check".'


def read_recipe(path: Path, saved: Mapping[str, str]) -> list[Planned]:
    """The steps of a recipe; `saved` are the filters that have names.

    Raises UsageError, with line and column, for what is not understood; UnreadableError.
    """
    text = whole_text_of(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is no sound TOML: {error}.") from None
    for name in content:
        if name != "step":
            raise UsageError(f"{_top(path, text, name)}: {unknown('there is no table', name, ['step'])}")
    steps = content.get("step")
    if not (isinstance(steps, list) and steps and all(isinstance(one, dict) for one in steps)):
        raise UsageError(f"{path}: {NO_STEPS}")
    places = _Places(path, text, len(steps))
    planned = [_planned(places, number, step, saved) for number, step in enumerate(steps)]
    for one in planned[:-1]:
        if one.step.folder:
            raise UsageError(f"{one.where}: `{one.name}` writes a folder of files, so it can only be the last step.")
    return planned


def _planned(places: _Places, number: int, given: dict[str, Any], saved: Mapping[str, str]) -> Planned:
    name = given.get("do")
    if not isinstance(name, str):
        raise UsageError(f'{places.of(number)}: the step does not say what it does: do = "check", say.')
    if name not in STEPS:
        raise UsageError(f"{places.of(number, 'do')}: {unknown('there is no step', name, STEPS)}")
    options = {key: value for key, value in given.items() if key != "do"}
    planned = Planned(name, STEPS[name], options, places.of(number))
    try:
        planned.arguments(Path("FILE"), Path("OUT"))
    except FaultyOptionError as error:
        raise UsageError(f"{places.of(number, error.option)}: {error}") from None
    key = "where" if "where" in options else planned.step.where
    if key in options and not planned.filter.strip():
        raise UsageError(
            f"{places.of(number, key)}: `{key}` is empty, which is true of every record; say which are meant."
        )
    try:
        parse(planned.filter, saved)
    except FilterError as error:
        raise UsageError(f"{places.of(number, key)}: {error}") from None
    return planned


def _top(path: Path, text: str, name: str) -> str:
    """The path, with line and column of a table or key that stands by itself."""
    spelt = re.compile(rf"\s*(?P<name>\[*\s*[\"']?{re.escape(name)}\b)")
    for line, written in enumerate(text.split("\n"), 1):
        if found := spelt.match(written):
            return f"{path}:{line}:{found.start('name') + 1}"
    return f"{path}"


class _Places:
    """Where the steps and their keys stand; the library that reads TOML does not tell."""

    def __init__(self, path: Path, text: str, steps: int) -> None:
        self._path = path
        self._lines = text.split("\n")
        heads = [at for at, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*step\s*\]\]", line)]
        self._heads = heads if len(heads) == steps else []

    def of(self, number: int, key: str = "") -> str:
        """The path, with line and column of a step or of a key in it; steps count from 0."""
        if not self._heads:
            return f"{self._path}: step {number + 1:,}"
        line, column = next(self._keys_of(number, key), (self._heads[number], 0))
        return f"{self._path}:{line + 1}:{column + 1}"

    def _keys_of(self, number: int, key: str) -> Iterator[tuple[int, int]]:
        """Lines and columns, from 0, where a key of a step may stand."""
        start, *later = self._heads[number:]
        spelt = re.compile(rf"\s*(?P<key>[\"']?{re.escape(key)}[\"']?)\s*=")
        for at in range(start, later[0] if later else len(self._lines)):
            if found := spelt.match(self._lines[at]):
                yield at, found.start("key")
