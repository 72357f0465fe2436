"""Unpacked copies of packed files in the user's cache folder: found again by the packed file, cleared by age and size.

A copy counts as whole only when a note beside it says so, which is written last. Who reads or writes one holds a lock
on it, which the system lets go of when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xxhash import xxh3_128_hexdigest

from curator.errors import UnwritableError
from curator.storage.fingerprint import Fingerprint
from curator.storage.opening_sources import CacheRules
from curator.storage.replacing import remove_if_free

NOTE, LINES = ".json", ".lines"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Copy:
    """A whole copy."""

    packed: Path
    """The file that it was unpacked from."""
    lines: Path
    note: Path
    size: int
    """Bytes."""
    used: float
    """When it was opened last, in seconds since 1970."""


class Copies:
    """The copies in a folder."""

    def __init__(self, rules: CacheRules) -> None:
        self._rules = rules
        self.folder = rules.folder

    def make_folder(self, name: Path) -> None:
        """See that there is a folder for a copy of a file. Raises UnwritableError where there can be none."""
        with self._told(name):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def begin(self, name: Path) -> tuple[Path, int]:
        """A new, empty, locked copy, and its descriptor. Raises UnwritableError where the folder cannot have one."""
        self.make_folder(name)
        path = self.folder / f"{_key(name)}-{os.urandom(8).hex()}{LINES}"
        with self._told(name):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return path, descriptor

    @contextmanager
    def _told(self, name: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnwritableError(
                f"{self.folder}: no unpacked copy of {name} can be made there: {error.strerror};"
                " CURATOR_CACHE_DIR names another folder."
            ) from error

    def note_whole(self, packed: Path, fingerprint: Fingerprint, lines: Path, size: int) -> None:
        """Say that a copy is all of a packed file. One that cannot be noted is made anew the next time."""
        note = self.folder / f"{_key(packed)}{NOTE}"
        value = {"packed": str(_real(packed)), "is": fingerprint.to_json(), "lines": lines.name, "size": size}
        temporary = note.with_suffix(f".{os.urandom(8).hex()}.tmp")
        with suppress(OSError):
            temporary.write_text(json.dumps(value), "utf-8")
            temporary.replace(note)

    def find(self, packed: Path, fingerprint: Fingerprint) -> Path | None:
        """The whole copy of a packed file as it is now; None where there is none."""
        note = self.folder / f"{_key(packed)}{NOTE}"
        value = _read(note)
        if value is None or value["is"] != fingerprint.to_json():
            return None
        lines = self.folder / str(value["lines"])
        with suppress(OSError):
            if lines.stat().st_size == value["size"]:
                os.utime(note)
                return lines
        return None

    def all(self) -> Iterator[Copy]:
        """The whole copies, in no order."""
        for note in self._named(NOTE):
            value = _read(note)
            with suppress(OSError):
                if value is not None and (lines := self.folder / str(value["lines"])).exists():
                    yield Copy(Path(value["packed"]), lines, note, int(value["size"]), note.stat().st_mtime)

    def tidy(self) -> None:
        """Remove what nobody uses: half copies, those not used for long, and the oldest where there are too many."""
        kept = sorted(self.all(), key=lambda one: -one.used)
        total = 0
        known = set()
        for number, one in enumerate(kept):
            total += one.size
            old = time.time() - one.used > self._rules.most_days * DAY
            if number and (old or total > self._rules.most_bytes) and self.remove(one):
                total -= one.size
            known.add(one.lines)
        self._remove_strays(known)

    def clear(self) -> tuple[list[Copy], list[Copy]]:
        """Remove all that nobody uses. Returns the copies that went, and those that are in use."""
        gone: list[Copy] = []
        used: list[Copy] = []
        for one in list(self.all()):
            (gone if self.remove(one) else used).append(one)
        known = {one.lines for one in used}
        self._remove_strays(known)
        return gone, used

    def changed(self) -> list[Path]:
        """Copies of standard input that were changed; they are removed by nobody but the user."""
        return [path for path in self._named(LINES) if has_journal(path)]

    def _remove_strays(self, known: set[Path]) -> None:
        """Remove copies that are not whole, or whose program is gone."""
        for path in self._named(LINES):
            if path not in known and not has_journal(path):
                remove_if_free(path)

    def remove(self, one: Copy) -> bool:
        """Remove a copy, unless somebody uses it. Whether it is gone."""
        if not remove_if_free(one.lines):
            return False
        one.note.unlink(missing_ok=True)
        return True

    def _named(self, suffix: str) -> list[Path]:
        try:
            return [one for one in self.folder.iterdir() if one.suffix == suffix]
        except OSError:
            return []


def has_journal(lines: Path) -> bool:
    """Whether somebody changed a copy that has no other name, as that of standard input: it is no mere copy then."""
    return lines.with_name(f"{lines.name}.curator").exists()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _key(path: Path) -> str:
    return xxh3_128_hexdigest(os.fsencode(_real(path)))


def _read(note: Path) -> dict[str, Any] | None:
    """What a note says; None where it says nothing that can be used."""
    try:
        value = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(value, dict) and {"packed", "is", "lines", "size"} <= value.keys()
    return value if known and isinstance(value["size"], int) else None
