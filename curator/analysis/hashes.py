"""Hashes of what a record says, by which records of a whole file are compared.

They are XXH3 of 64 bits, in which two different ones of ten million texts meet with a probability of 3 in a million;
0 stands for what a record has not.
"""

from __future__ import annotations

import re
import string

from xxhash import xxh3_64_intdigest

from curator.analysis.lint.view import RecordView
from curator.analysis.report import Columns
from curator.analysis.roles import SEPARATOR
from curator.analysis.texts import Texts

FEWEST_WORDS_BYTES = 32
"""Letters from which on two texts that differ in digits and marks alone are near to each other: not `3 + 4`, `7`."""

PAIRED_KEYS = frozenset(("chosen", "rejected", "preferred_output", "non_preferred_output", "label"))
"""Keys of records that judge answers, so that a prompt is meant to have several, and answers are not all learnt."""

_LEFT_OUT = (string.punctuation + string.digits + string.whitespace).encode()
_LOWER = bytes(range(256)).lower()
_OTHER_MARKS = tuple(
    (pattern[:1], re.compile(pattern))
    for pattern in (
        b"\xe2[\x80\x81][\x80-\xbf]",
        b"\xc2[\xa0-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf]",
        b"\xe3\x80[\x80-\x84\x87-\xbf]",
        b"\xef(?:\xbc[\x81-\xa0\xbb-\xbf]|\xbd[\x80\x9b-\xa5])",
    )
)
"""UTF-8 of U+2000 to U+206F and the marks of Latin-1, CJK and full width, each with its first byte."""


def put_hashes(columns: Columns, row: int, view: RecordView, texts: Texts) -> None:
    """Set a line's hashes."""
    if not texts.said:
        return
    pattern, seed = view.pattern, view.pattern.seed ^ texts.beside
    said, spelt = view.heard, view.octets
    plain = said.isascii()
    columns.content_hash[row] = xxh3_64_intdigest(spelt, seed)
    words = _words(spelt)
    if len(words) >= FEWEST_WORDS_BYTES:
        columns.words_hash[row] = xxh3_64_intdigest(words, seed)
    spoken, at = texts.said, pattern.answer_at
    if pattern.systems:
        system = spoken[: texts.first_of(pattern.systems)]
        columns.system_hash[row] = xxh3_64_intdigest(SEPARATOR.join(system).encode("utf-8", "surrogatepass"))
    if at < 0 or not PAIRED_KEYS.isdisjoint(view.value):
        return
    first, last = (texts.first_of(at), texts.first_of(at + 1)) if texts.starts else (at, at + 1)
    if first == last:
        return
    answer = spoken[first] if last == first + 1 else SEPARATOR.join(spoken[first:last])
    if answer:
        columns.answer_hash[row] = xxh3_64_intdigest(answer.encode("utf-8", "surrogatepass"))
    end = len(said) - len(answer) - 1
    if last < len(spoken):
        end -= sum(map(len, spoken[last:])) + len(spoken) - last
    if first and end >= first:
        prompt = spelt[:end] if plain else said[:end].encode("utf-8", "surrogatepass")
        columns.prompt_hash[row] = xxh3_64_intdigest(prompt, pattern.prompt_seed ^ texts.beside)


def _words(spelt: bytes) -> bytes:
    """A text in UTF-8 without case, punctuation, digits and spaces.

    Marks go before case does, so that what is left of most texts is ASCII: case is none of a mark's, nor makes one.
    """
    letters = spelt.translate(_LOWER, _LEFT_OUT)
    if letters.isascii():
        return letters
    for first, marks in _OTHER_MARKS:
        if first in letters:
            letters = marks.sub(b"", letters)
    if letters.isascii():
        return letters
    return letters.decode("utf-8", "surrogatepass").casefold().encode("utf-8", "surrogatepass")
