"""The library that kills a program at one of its calls: how it is made, loaded, and what it logs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

PLACES = {
    ".curator-wal": "log",
    ".curator-journal": "first log",
    ".curator-shm": "shared memory",
    ".curator": "journal",
}
"""What files are called in the report, by how their names end."""

MOMENTS = ("before", "after", "half")
"""When at a call the program is killed; half of what a call writes is written in the last case."""


def why_not() -> str:
    """Why programs cannot be killed so here; empty if they can."""
    if sys.platform != "linux":
        return "programs are killed at their calls on Linux only"
    return "" if COMPILER else "there is no C compiler"


class Killing(NamedTuple):
    """When a program is killed."""

    at: int
    """The number of the call, from 1; 0 for never."""
    moment: str = "after"


class Call(NamedTuple):
    """A call that changes a file, as it was logged."""

    name: str
    """write, copy, truncate, sync, rename or unlink."""
    place: str
    """What it was about."""

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return "commit" if self == ("sync", "log") else f"{self.name} {self.place}"


def compiled(folder: Path) -> Path:
    """The library, made in a folder."""
    library = folder / "killer.so"
    assert COMPILER
    command = [
        COMPILER,
        "-Wall",
        "-Wextra",
        "-O1",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(HERE / "killer.c"),
        "-ldl",
    ]
    subprocess.run(command, check=True)
    return library


def environment(library: Path, folder: Path, log: Path, killing: Killing) -> dict[str, str]:
    """The environment of a program that is watched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CURATOR_")}
    return {
        **kept,
        "PYTHONPATH": str(PROJECT),
        "XDG_CONFIG_HOME": str(log.parent / "no-settings"),
        "XDG_CACHE_HOME": str(log.parent / "cache"),
        "TMPDIR": str(log.parent),
        "LD_PRELOAD": str(library),
        "CURATOR_FAULT_FOLDER": str(folder),
        "CURATOR_FAULT_LOG": str(log),
        "CURATOR_FAULT_AT": str(killing.at),
        "CURATOR_FAULT_MOMENT": killing.moment,
    }


def logged(log: Path) -> tuple[list[Call], bool]:
    """The calls so far, and whether the last one was killed."""
    try:
        lines = log.read_text().splitlines()
    except FileNotFoundError:
        return [], False
    calls = []
    for line in lines:
        if line != "killed":
            _, name, path = line.split("\t")
            calls.append(Call(name, _place(path)))
    return calls, "killed" in lines


def _place(path: str) -> str:
    if path.endswith(".tmp"):
        return "new file"
    for end, place in PLACES.items():
        if path.endswith(end):
            return place
    return "file" if path else "folder"
