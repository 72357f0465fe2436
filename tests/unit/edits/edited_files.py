"""Files to be edited, and sessions on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.session import Session
from curator.session.working_source import WorkingSource
from curator.settings import Settings
from curator.storage.live import GrowthWatch

MARK = b"\xef\xbb\xbf"
SETTINGS = Settings(workers=-1, accelerate=False)


def chat(*contents: str) -> bytes:
    """A record whose messages say these things in turn, without a line end."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": content} for place, content in enumerate(contents)]
    return json.dumps({"messages": messages}).encode()


def lines_of(count: int) -> bytes:
    """Records that all say something else, each with its line end."""
    return b"".join(chat(f"Question {number}?", f"Answer {number}.") + b"\n" for number in range(count))


@contextmanager
def session_on(*paths: Path, settings: Settings = SETTINGS) -> Iterator[Session]:
    """A session with its journals opened and all lines found."""
    session = Session(paths, settings)
    try:
        session.editor.open_journals()
        for source in session.sources:
            source.opened.index.finish()
        yield session
    finally:
        session.close()


def visible(session: Session) -> list[bytes]:
    """The lines that are to be seen, in order."""
    return [session.line(position) for position in range(len(session))]


def physical_lines(content: bytes) -> list[bytes]:
    """The lines of a file, with their ends and without its byte order mark."""
    if not content:
        return []
    lines = content.removeprefix(MARK).split(b"\n")
    ended = [line + b"\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] or not ended else ended


def written(lines: list[bytes], *, mark: bool) -> bytes:
    """The file that lines make: all but the last end in a line end, and that does too where there would be no line."""
    whole = [line if line.endswith(b"\n") else line + b"\n" for line in lines[:-1]]
    whole += [line or (b"" if mark and len(lines) == 1 else b"\n") for line in lines[-1:]]
    return (MARK if mark and lines else b"") + b"".join(whole)


def wait_for_no_growth(source: WorkingSource) -> None:
    """Let a minute go by in which the file does not grow."""
    source.growth = GrowthWatch(source.opened.path)
