"""What matches in the lines of a file, with some words around it. For workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curator.engine.audit import ChunkTask
from curator.records.dialects import Dialect, dialect_named
from curator.records.said import places, said
from curator.records.searching import Search, compiled, matches
from curator.session.match_counts import possible_lines, read

BEFORE, AFTER = 40, 80
"""Characters that are shown before a match and behind its start."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A chunk of a file, and what is looked for in it."""

    chunk: ChunkTask
    search: Search
    invert: bool = False
    """Whether the lines are wanted in which nothing is found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message, or another place of a record, in which something is found; else the line."""

    row: int
    """The line in its chunk, counted from 0."""
    message: int | None
    """Counted from 1; None for declared tools, other keys, and a line that is no conversation or has no match."""
    role: str
    """The message's role, `tools` or `keys`; empty for a line."""
    matches: int
    snippet: str
    """A piece of the text on one line."""
    spans: tuple[tuple[int, int], ...]
    """Where in the snippet the matches stand."""


def find_texts(asked: Asked) -> list[Hit]:
    """The hits in a chunk, in order. Runs in a worker. Raises SlowPatternError, and what `read_chunk` raises."""
    from curator.analysis.chunk import cut_lines, read_chunk

    chunk = asked.chunk
    own, only = dialect_named(chunk.spec.dialect), chunk.spec.only_dialect
    data = read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity)
    if asked.invert:
        return list(_others(enumerate(cut_lines(data, at_start=not chunk.start)), asked.search, own, only=only))
    return [
        hit
        for row, line in possible_lines(data, asked.search)
        for hit in _hits(row, line, asked.search, own, only=only)
    ]


def _others(lines: Iterable[tuple[int, bytes]], search: Search, own: Dialect, *, only: bool) -> Iterator[Hit]:
    for row, line in lines:
        if not line.strip() or next(_hits(row, line, search, own, only=only), None) is not None:
            continue
        body, conversation = read(line, own, only=only)
        text = next(said(body, conversation), "")
        yield Hit(row, None, "", 0, *_snippet(text, [(0, 0)]))


def _hits(row: int, line: bytes, search: Search, own: Dialect, *, only: bool) -> Iterator[Hit]:
    body, conversation = read(line, own, only=only)
    pattern = compiled(search)
    if not conversation.messages:
        for text in said(body, conversation, search.roles):
            if spans := [match.span() for match in matches(pattern, text)]:
                yield Hit(row, None, "", len(spans), *_snippet(text, spans))
        return
    for place in places(conversation, search.roles):
        found = [(text, spans) for text in place.texts if (spans := [one.span() for one in matches(pattern, text)])]
        if found:
            number = place.message + 1 or None
            yield Hit(row, number, place.role, sum(len(spans) for _, spans in found), *_snippet(*found[0]))


def _snippet(text: str, spans: list[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Some words around the first match, on one line, and where matches stand in them."""
    start = max(0, spans[0][0] - BEFORE)
    end = min(len(text), spans[0][0] + AFTER)
    words = "".join(" " if one.isspace() else one for one in text[start:end])
    before, behind = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    inside = tuple((first + shift, min(last, end) + shift) for first, last in spans if first < end and last > first)
    return f"{before}{words}{behind}", inside
