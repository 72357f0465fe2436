"""Recipes are read: steps in order, each known with all that is said of it before the first is done."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curator.cli.recipe_steps import STEPS, FaultyOptionError, Planned, unknown
from curator.cli.text_files import whole_text_of
from curator.errors import UsageError

NO_STEPS = 'has no steps; write [[step]] and below it, say, do = "check".'


def read_recipe(path: Path) -> list[Planned]:
    """The steps of a recipe. Raises UsageError, with the line, for what is not understood; UnreadableError."""
    text = whole_text_of(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is no sound TOML: {error}.") from None
    for name in content:
        if name != "step":
            raise UsageError(f"{path}: {unknown('there is no table', name, ['step'])}")
    steps = content.get("step")
    if not (isinstance(steps, list) and steps and all(isinstance(one, dict) for one in steps)):
        raise UsageError(f"{path}: {NO_STEPS}")
    places = _Places(path, text, len(steps))
    return [_planned(places, number, step) for number, step in enumerate(steps)]


def _planned(places: _Places, number: int, given: dict[str, Any]) -> Planned:
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
    return planned


class _Places:
    """On which lines the steps and their keys stand; the library that reads TOML does not tell."""

    def __init__(self, path: Path, text: str, steps: int) -> None:
        self._path = path
        self._lines = text.split("\n")
        heads = [at for at, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*step\s*\]\]", line)]
        self._heads = heads if len(heads) == steps else []

    def of(self, number: int, key: str = "") -> str:
        """The path, with the line of a step or of a key in it; steps count from 0."""
        if not self._heads:
            return f"{self._path}: step {number + 1:,}"
        return f"{self._path}:{next(self._lines_of(number, key), self._heads[number]) + 1}"

    def _lines_of(self, number: int, key: str) -> Iterator[int]:
        start, *later = self._heads[number:]
        spelt = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        yield from (at for at in range(start, later[0] if later else len(self._lines)) if spelt.match(self._lines[at]))
