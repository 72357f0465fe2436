"""The filters that were used before, newest last, kept over restarts; what is lost of them is no loss."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from curator.errors import CuratorError
from curator.storage.replacing import replacing

MOST = 200


def state_file() -> Path:
    """Where they are kept for this user."""
    import platformdirs

    return Path(platformdirs.user_state_dir("curator", appauthor=False)) / "filters.json"


class EarlierFilters:
    """Expressions in the order in which they were used last."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or state_file()
        self.expressions: list[str] = []
        with suppress(OSError, ValueError):
            kept = json.loads(self._path.read_text("utf-8"))
            if isinstance(kept, list):
                self.expressions = [one for one in kept if isinstance(one, str)][-MOST:]

    def add(self, expression: str) -> None:
        """Put an expression at the end, and keep all of them if that can be done."""
        if not expression.strip():
            return
        self.expressions = [*(one for one in self.expressions if one != expression), expression][-MOST:]
        with suppress(OSError, CuratorError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path, like=None) as replacement:
                replacement.file.write(json.dumps(self.expressions, indent=1).encode())
                replacement.commit()
