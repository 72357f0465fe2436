"""Files that were edited, for the commands that are about changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyroaring import BitMap64

from curator.session import Record, Session
from curator.settings import Settings


def chat(*contents: str, **more: Any) -> bytes:
    """A record whose messages say these things in turn, without a line end."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": content} for place, content in enumerate(contents)]
    return json.dumps({"messages": messages, **more}).encode()


def lines_of(count: int) -> bytes:
    """Records that all say something else, each with its line end."""
    return b"".join(chat(f"Question {number}?", f"Answer {number}.") + b"\n" for number in range(count))


class Editing:
    """Changes one file by the editor of a session; positions count from 0."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.editor = session.editor
        self.source = session.sources[0]

    def record(self, position: int) -> Record:
        return self.session.record(position)

    def rewrite(self, position: int, body: bytes) -> None:
        self.editor.rewrite(self.record(position), body, f"edit #{position + 1}")

    def drop(self, *records: int) -> None:
        self.editor.drop({self.source: BitMap64(records)}, "drop")

    def tag(self, tag: str, *records: int) -> None:
        self.editor.tag({self.source: BitMap64(records)}, tag, f"tag {tag}")

    def split(self, positions: list[int], *pieces: bytes) -> None:
        records = [self.record(one) for one in positions]
        self.editor.replace_each([(records, [(piece, None) for piece in pieces])], "reshape")


@contextmanager
def editing(path: Path, **settings: Any) -> Iterator[Editing]:
    """A file opened for changes, with its journal."""
    session = Session([path], Settings(workers=-1, accelerate=False, **settings))
    try:
        session.editor.open_journals()
        session.sources[0].opened.index.finish()
        yield Editing(session)
    finally:
        session.close()
