"""Lines that were typed before, newest last, kept over restarts; what is lost of them is no loss."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from curator.errors import CuratorError
from curator.storage.replacing import replacing

MOST = 200


def state_file(what: str) -> Path:
    """Where they are kept for this user."""
    import platformdirs

    return Path(platformdirs.user_state_dir("curator", appauthor=False)) / f"{what}.json"


class EarlierLines:
    """What was typed for one purpose, in the order in which it was used last; shared by all running programs."""

    def __init__(self, what: str, path: Path | None = None) -> None:
        """`what` names the purpose, and the file: `filters` or `searches`."""
        self._path = path or state_file(what)
        self.lines: list[str] = []
        self._read()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            kept = json.loads(self._path.read_text("utf-8"))
            if isinstance(kept, list):
                self.lines = [one for one in kept if isinstance(one, str)][-MOST:]

    def add(self, line: str) -> None:
        """Put a line at the end, and keep all of them, others' too, if that can be done."""
        if not line.strip():
            return
        self._read()
        self.lines = [*(one for one in self.lines if one != line), line][-MOST:]
        with suppress(OSError, CuratorError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path, like=None) as replacement:
                replacement.file.write(json.dumps(self.lines, indent=1).encode())
                replacement.commit()
