"""The records of a source as they are now, in portions that workers read themselves: lines of its file, and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyroaring import BitMap64

from curator.analysis.report import AuditSpec, Columns
from curator.edits.content import Layers, swept
from curator.edits.saved import SavedState
from curator.engine.audit import ChunkTask, plan
from curator.session.working_source import WorkingSource
from curator.storage.ids import ids_from
from curator.storage.runs import FIRST_DERIVED

BYTES_AT_ONCE = 1 << 19
"""Bytes of texts that are worth a call to a worker."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some records of a source, in no order that matters: lines of a chunk of its file, or texts."""

    spec: AuditSpec
    chunk: ChunkTask | None = None
    wanted: bytes | None = None
    """The packed set of the chunk's lines that are meant, counted from the file's first; None for all."""
    texts: tuple[Layers, ...] = ()


def portions_with_ids(
    source: WorkingSource, spec: AuditSpec, records: BitMap64 | None = None
) -> Iterator[tuple[Portion, Sequence[int]]]:
    """All records of a source as they are now, or some of them; dropped ones are left out. The index is advanced.

    Each portion stands with the ids of its records, in the order in which `lines_of` gives their lines.
    """
    edited = source.edited
    gone = lines_held(edited.content.saved, edited.hidden | edited.unsaved)
    asked = None if records is None else lines_held(edited.content.saved, records) - gone
    for chunk in plan(source.opened.source.place, source.opened.index, spec):
        here = BitMap64(range(chunk.first_line, chunk.end_line))
        wanted = here - gone if asked is None else here & asked
        if wanted:
            part = chunk if len(wanted) == len(here) else _narrowed(source, chunk, wanted)
            whole = len(wanted) == part.end_line - part.first_line
            yield Portion(spec, part, None if whole else bytes(wanted.serialize())), _ids_on(source, wanted)
    yield from portions_of_texts(source, spec, edited.unsaved if records is None else edited.unsaved & records)


def _narrowed(source: WorkingSource, chunk: ChunkTask, lines: BitMap64) -> ChunkTask:
    """A chunk without what stands before the first of some of its lines, and behind the last."""
    index, first, last = source.opened.index, lines.min(), lines.max()
    return replace(chunk, first_line=first, end_line=last + 1, start=index.start(first), end=index.span(last)[1])


def portions_of_texts(
    source: WorkingSource, spec: AuditSpec, records: BitMap64
) -> Iterator[tuple[Portion, Sequence[int]]]:
    """Records whose texts are handed to the workers as they are held, with their ids."""
    some: list[tuple[int, Layers]] = []
    length = 0
    for record in records:
        some.append((record, source.edited.content.layers(record)))
        length += len(some[-1][1][0])
        if length >= BYTES_AT_ONCE:
            yield _of_texts(spec, some)
            some, length = [], 0
    if some:
        yield _of_texts(spec, some)


def _of_texts(spec: AuditSpec, texts: Sequence[tuple[int, Layers]]) -> tuple[Portion, Sequence[int]]:
    return Portion(spec, texts=tuple(layers for _, layers in texts)), [record for record, _ in texts]


def _ids_on(source: WorkingSource, lines: BitMap64) -> Sequence[int]:
    """The ids of the records on lines of the file, one for each in the order of the lines."""
    saved = source.edited.content.saved
    return lines.to_array() if saved.untouched else [saved.lines.at(line) for line in lines]


def ids_of_lines(source: WorkingSource, lines: BitMap64) -> BitMap64:
    """The records on lines of the file."""
    return lines if source.edited.content.saved.untouched else BitMap64(_ids_on(source, lines))


def columns_now(source: WorkingSource, records: BitMap64 | None = None) -> Columns:
    """The figures of all records of a source as they are now, or of some, as far as they are known.

    They are in no order where the source was edited or some are asked for.
    """
    edited, known = source.edited, source.opened.columns
    gone = lines_held(edited.content.saved, edited.hidden | edited.unsaved)
    if records is not None:
        found = known.take(line for line in lines_held(edited.content.saved, records) - gone if line < len(known))
    elif not gone:
        found = known.stretch(0, len(known))
    else:
        found = known.take(line for line in range(len(known)) if line not in gone)
    for record in edited.unsaved if records is None else edited.unsaved & records:
        place = source.find(record)
        if place is not None:
            found.extend(place.columns.stretch(place.row, place.row + 1))
    return found


def lines_of(portion: Portion, may_be: Callable[[bytes], bool] = lambda _: True) -> list[bytes]:
    """The lines of a portion without their line feeds; none where `may_be` is false of all of them together.

    Runs in a worker.
    """
    from curator.analysis.chunk import cut_lines, read_chunk

    chunk = portion.chunk
    if chunk is None:
        return [swept(*layers).removesuffix(b"\n") for layers in portion.texts]
    data = read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity)
    if not may_be(data):
        return []
    lines = cut_lines(data, at_start=not chunk.start)
    if portion.wanted is None:
        return list(lines)
    wanted = BitMap64.deserialize(portion.wanted)
    return [line for number, line in enumerate(lines, chunk.first_line) if number in wanted]


def lines_held(saved: SavedState, records: BitMap64) -> BitMap64:
    """The lines of the file on which records stood when it was last written, indexed yet or not."""
    if saved.untouched:
        return records - BitMap64(ids_from(records, FIRST_DERIVED))
    places = map(saved.lines.place_of, records)
    return BitMap64([line for line in places if line is not None])
