"""How often something is found in each of some records. For workers."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from curator.records.codec import BYTE_ORDER_MARK, decode, line_body
from curator.records.conversation import Conversation
from curator.records.dialects import Dialect, dialect_named
from curator.records.said import said
from curator.records.searching import Search, compiled, matches
from curator.records.sieve import sieve_of
from curator.records.sniffing import dialect_of
from curator.session.current_records import Portion, lines_of


@dataclass(frozen=True, slots=True)
class Looked:
    """Some records of a source, and what is looked for in them."""

    portion: Portion
    search: Search


class Counts(NamedTuple):
    """The rows of a portion, counted from 0, in which something is found, and how often in each."""

    rows: array[int]
    matches: array[int]


def count_matches(looked: Looked) -> Counts:
    """Look through a portion. Runs in a worker. Raises SlowPatternError, and what `read_chunk` raises."""
    portion, search = looked.portion, looked.search
    own, only = dialect_named(portion.spec.dialect), portion.spec.only_dialect
    pattern = compiled(search)
    counts = Counts(array("Q"), array("I"))
    for row, line in _lines(portion, search):
        body, conversation = read(line, own, only=only)
        found = sum(1 for text in said(body, conversation, search.roles) for _ in matches(pattern, text))
        if found:
            counts.rows.append(row)
            counts.matches.append(found)
    return counts


def read(line: bytes, own: Dialect, *, only: bool) -> tuple[bytes, Conversation]:
    """A line without its end, and what it says; one that is no record says nothing as a conversation."""
    body = line_body(line).removeprefix(BYTE_ORDER_MARK)
    value = decode(body)
    return body, dialect_of(value, own, only=only).read(value) if isinstance(value, dict) else Conversation()


def possible_lines(data: bytes, search: Search) -> Iterator[tuple[int, bytes]]:
    """The lines that may hold what is looked for, each with its number, counted from 0."""
    row = at = 0
    for start, end in sieve_of(search).spans(data):
        row += data.count(b"\n", at, start)
        at = start
        yield row, data[start:end]


def _lines(portion: Portion, search: Search) -> Iterator[tuple[int, bytes]]:
    from curator.analysis.chunk import read_chunk

    chunk = portion.chunk
    if chunk is None:
        return enumerate(lines_of(portion))
    return possible_lines(read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity), search)
