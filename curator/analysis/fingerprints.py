"""Turns lines into the hashes by which records are compared. For workers, which is where numpy is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from xxhash import xxh3_64_intdigest

from curator.analysis.hashes import put_hashes
from curator.analysis.lint.view import RecordView
from curator.analysis.prints import By, Likeness, Prints, Wanted
from curator.analysis.reading import Reading
from curator.analysis.record_counting import hash_of_tools
from curator.analysis.report import HASHES, AuditSpec, Columns
from curator.analysis.roles import SEPARATOR
from curator.analysis.shingles import HASHES as HASHES_OF_TEXT
from curator.analysis.shingles import band_keys, bands_for, jaccard, min_hash, runs_of, shingles_of, sketch
from curator.analysis.texts import Texts, TokenRule, add_messages, add_plain
from curator.analysis.wording import Wording, said_in
from curator.records.codec import Malformed, decode, line_body
from curator.records.prompt_template import value_at

LONGEST = (1 << 32) - 1
"""Characters from which on lengths are not told apart."""

if TYPE_CHECKING:
    from curator.analysis.shingles import Numbers


@lru_cache(maxsize=2)
def reader_for(spec: AuditSpec) -> RecordReader:
    """The reader of a spec, kept from call to call."""
    return RecordReader(spec)


class RecordReader:
    """Reads records for the sake of comparing them; tokens are not counted. Not for several threads at once."""

    def __init__(self, spec: AuditSpec) -> None:
        self._reading = Reading(spec)
        self._rule = TokenRule(spec.counting, lambda _: 0, spec.mask.key)
        self._columns = Columns.blank(1)

    def prints(self, lines: Iterable[bytes], wanted: Wanted) -> Prints:
        """The hashes of lines, a row each."""
        prints = Prints()
        bands = bands_for(wanted.likeness.threshold) if wanted.likeness.near else None
        keys: list[Numbers] = []
        sketches: list[bytes] = []
        for line in lines:
            runs = self._add(prints, line_body(line), wanted)
            if bands is not None:
                lowest = min_hash(runs) if len(runs) else None
                keys.append(np.zeros(bands.number, dtype=np.uint64) if lowest is None else band_keys(lowest, bands))
                sketches.append(bytes(HASHES_OF_TEXT) if lowest is None else sketch(lowest))
        if keys:
            prints.bands = np.ascontiguousarray(np.stack(keys).T).tobytes()
            prints.sketches = b"".join(sketches)
        return prints

    def compared(self, line: bytes, by: By) -> Numbers:
        """The shingles of what is compared of a line."""
        value = decode(line_body(line))
        if isinstance(value, Malformed) or not isinstance(value, dict):
            return shingles_of(())
        return shingles_of(Wording(said_in(self._view(value))).compared(by))

    def _view(self, value: dict[str, Any]) -> RecordView:
        return RecordView.of(value, self._reading.dialect_of(value), self._rule.patterns)

    def _add(self, prints: Prints, body: bytes, wanted: Wanted) -> Numbers:
        """Add a row; returns the shingles of what is compared, if near duplicates are looked for."""
        blank = not body or body.isspace()
        prints.lines.append(0 if blank else xxh3_64_intdigest(body) or 1)
        value = None if blank else decode(body)
        if not isinstance(value, dict):
            _add(prints, wanted)
            return runs_of(())
        view = self._view(value)
        texts, columns = self._texts(view), self._columns
        for name in HASHES:
            getattr(columns, name)[0] = 0
        said = view.heard = view.said or SEPARATOR.join(texts.said)
        view.octets = said.encode("utf-8", "surrogatepass")
        put_hashes(columns, 0, view, texts)
        same = getattr(columns, f"{_COLUMN[wanted.likeness.by]}_hash")[0]
        wording = Wording(said_in(view) if wanted.opening or wanted.likeness.near else ())
        opening, turns = (wording.opening(), wording.turns()) if wanted.opening else (0, [])
        group = (value_at(value, wanted.group) or "") if wanted.group else ""
        _add(
            prints,
            wanted,
            same,
            columns.answer_hash[0],
            len(said),
            columns.prompt_hash[0],
            opening,
            turns,
            _hash_at(value, wanted.together),
            group,
        )
        return runs_of(wording.compared(wanted.likeness.by) if same and wanted.likeness.near else ())

    def _texts(self, view: RecordView) -> Texts:
        """The same texts as the audit hashes, without what is only counted."""
        texts = Texts()
        if view.dialect.plain_tokens:
            add_plain(texts, view.messages)
            return texts
        add_messages(texts, view, self._rule)
        if tools := view.dialect.tools(view.value):
            texts.beside ^= hash_of_tools(tools)
        return texts


def _add(
    prints: Prints,
    wanted: Wanted,
    same: int = 0,
    answer: int = 0,
    length: int = 0,
    prompt: int = 0,
    opening: int = 0,
    turns: Sequence[int] = (),
    together: int = 0,
    group: str = "",
) -> None:
    """Add a row to the columns that are asked for."""
    prints.same.append(same)
    prints.lengths.append(min(length, LONGEST))
    if wanted.likeness.by == "prompt":
        prints.answers.append(answer)
    if wanted.opening:
        prints.prompts.append(prompt)
        prints.openings.append(opening)
        prints.turns.extend(turns)
        prints.turn_counts.append(len(turns))
    if wanted.together:
        prints.together.append(together)
    if wanted.group:
        prints.groups.append(group)


_COLUMN = {"record": "content", "prompt": "prompt", "answer": "answer"}


def alike(first: tuple[AuditSpec, bytes], second: tuple[AuditSpec, bytes], likeness: Likeness) -> float:
    """How alike two lines are, 0 to 1, each given with the spec that it is read by."""
    one, other = (reader_for(spec).compared(line, likeness.by) for spec, line in (first, second))
    return jaccard(one, other)


def _hash_at(value: dict[str, Any], path: str) -> int:
    found = value_at(value, path) if path else None
    return 0 if found is None else xxh3_64_intdigest(found.encode("utf-8", "surrogatepass"), len(path)) or 1
