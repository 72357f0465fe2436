"""Find and replace over many records: which ones it changes, and their figures, chunk by chunk in workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyroaring import BitMap64

from curator.analysis.report import AuditSpec, Columns
from curator.edits.content import Layers, swept
from curator.edits.edited_source import EditedSource
from curator.edits.operations import Sweeping
from curator.edits.rule import Rule
from curator.edits.segments import LinesOf
from curator.edits.versions import Sweep
from curator.engine.audit import ChunkTask, plan
from curator.engine.scan import in_order
from curator.errors import UnwritableError
from curator.session.facade import Session
from curator.session.recount import NotInForceError
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from curator.records.find_replace import Replacement

CHUNKS_A_WORKER = 3
BYTES_AT_ONCE = 1 << 19
LAST_TEXT = 1 << 62
"""A number above those of all texts that a journal holds."""

Text = tuple[int, Layers]
"""A record, and what its text is made of."""


@dataclass(frozen=True, slots=True)
class SweepTask:
    """A run of lines of a source, with the rules that apply to some of them."""

    chunk: ChunkTask
    rules: tuple[tuple[bytes, Rule], ...]
    """Packed sets of lines, counted from the source's first, and what is done to them, in order."""
    wanted: bytes = b""
    """The packed set of lines whose figures are asked for."""


@dataclass(frozen=True, slots=True)
class TextsTask:
    """Some records of a sweep, with what they have by it."""

    texts: list[Text]
    spec: AuditSpec


def figures_of_texts(task: TextsTask) -> Columns:
    """The figures of texts. Runs in a worker."""
    from curator.analysis.chunk import analyse_bytes

    lines = swept_texts(task.texts)
    return analyse_bytes(b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines), task.spec).columns


def swept_lines(edited: EditedSource, executor: Executor, workers: int) -> LinesOf:
    """The lines of records for a save or an export, where rules apply made by workers.

    Raises UnwritableError when a worker ends before its time, and what `Rule.changed` raises.
    """

    def lines(records: Iterable[int]) -> Iterator[bytes]:
        tasks = _in_batches((record, edited.content.layers(record)) for record in records)
        try:
            for _, done in in_order(executor, swept_texts, tasks, window=CHUNKS_A_WORKER * workers):
                yield from done
        except BrokenExecutor as error:
            raise UnwritableError(
                f"{edited.path}: nothing was written, for a worker process ended unexpectedly ({error}); try again."
            ) from error

    return lines if edited.overlay.versions.sweeps else lambda records: map(edited.content.line, records)


def swept_texts(texts: list[Text]) -> list[bytes]:
    """Lines after their rules. Runs in a worker."""
    return [swept(*layers) for _, layers in texts]


def changed_lines(task: SweepTask) -> bytes:
    """The packed set of lines that the last rule changes, after those before it. Runs in a worker."""
    *earlier, (_, last) = task.rules
    sweeper = _Sweeper()
    found = BitMap64()
    for number, line in _numbered(task.chunk):
        swept = sweeper.swept(number, line, earlier)
        if last.changes(swept):
            found.add(number)
    return bytes(found.serialize())


def swept_figures(task: SweepTask) -> Columns:
    """The figures of the wanted lines after all rules. Runs in a worker, where the vocabulary is."""
    from curator.analysis.chunk import analyse_bytes

    sweeper = _Sweeper()
    wanted = BitMap64.deserialize(task.wanted)
    lines = [sweeper.swept(number, line, task.rules) for number, line in _numbered(task.chunk) if number in wanted]
    return analyse_bytes(b"".join(lines), task.chunk.spec).columns


def _numbered(chunk: ChunkTask) -> Iterator[tuple[int, bytes]]:
    """The lines of a chunk with their numbers; each ends in a line end."""
    from curator.analysis.chunk import cut_lines, read_chunk

    data = read_chunk(chunk.path, chunk.start, chunk.end, chunk.identity)
    for number, line in enumerate(cut_lines(data, at_start=not chunk.start), chunk.first_line):
        yield number, line + b"\n"


class _Sweeper:
    """Applies rules to lines."""

    def __init__(self) -> None:
        self._sets: dict[bytes, BitMap64] = {}

    def swept(self, number: int, line: bytes, rules: Sequence[tuple[bytes, Rule]]) -> bytes:
        """A line after the rules that apply to it."""
        for packed, rule in rules:
            if packed not in self._sets:
                self._sets[packed] = BitMap64.deserialize(packed)
            if number in self._sets[packed]:
                line = rule.changed(line) or line
        return line


def find_changes(
    session: Session, replacement: Replacement, executor: Executor, workers: int
) -> Iterator[tuple[WorkingSource, BitMap64]]:
    """The records that a replacement would change, as they are found; at last those that were edited one by one.

    Raises SlowPatternError for a pattern that takes too long on some record.
    """
    for source in session.sources:
        edited, rule = source.edited, session.rule(source, replacement)
        sweeps = edited.overlay.versions.sweeps if edited.pristine else []
        lines = BitMap64(range(len(source.opened.index)))
        tasks = _tasks(session, source, (*sweeps, Sweep(0, lines, rule)))
        for _, packed in in_order(executor, changed_lines, tasks, window=CHUNKS_A_WORKER * workers):
            found = _records_on(source, BitMap64.deserialize(packed))
            if found:
                yield source, found
        texts = ((one, edited.content.line(one)) for one in _read_by_hand(source))
        yield source, BitMap64([one for one, text in texts if rule.changes(text)])


def replace_in_force(session: Session, source: WorkingSource, records: BitMap64, replacement: Replacement) -> None:
    """Replace without a journal, for records that are written elsewhere: the file and its journal stay."""
    source.edited.overlay.apply([Sweeping(records, LAST_TEXT, session.rule(source, replacement))])


def _records_on(source: WorkingSource, lines: BitMap64) -> BitMap64:
    """The records that lines of the file are read for, but for those that have another text now."""
    edited = source.edited
    if edited.pristine:
        return lines - edited.own_texts - edited.hidden
    places = edited.content.saved.lines
    ids = ((places.at(line), line) for line in lines)
    return BitMap64([one for one, line in ids if edited.content.line_number(one) == line]) - edited.hidden


def _read_by_hand(source: WorkingSource) -> BitMap64:
    """The records that are there and do not stand in the file as they are, sweeps apart where workers follow them."""
    edited = source.edited
    if edited.pristine:
        return (edited.own_texts | edited.overlay.derived) - edited.hidden
    seen = (edited.not_original | edited.overlay.derived) - edited.hidden
    return BitMap64([one for one in seen if edited.content.line_number(one) is None])


def figure_out(
    session: Session, source: WorkingSource, sweep: Sweep, executor: Executor, workers: int
) -> Iterator[None]:
    """Have the figures of a sweep's records follow, chunk by chunk."""
    audit = session.audits
    session.recount.begin_layer(source, sweep, audit)
    parts = _figures_of_lines if source.edited.pristine else _figures_of_texts
    try:
        for records, columns in parts(session, source, sweep, executor, workers):
            if not session.recount.take_layer(source, sweep, records, columns, audit):
                return
            yield
    except NotInForceError:
        return
    session.recount.end_layer(source, sweep, audit)


Figures = Iterator[tuple[BitMap64, Columns]]
"""More and more records of a sweep with their figures."""


def _figures_of_lines(
    session: Session, source: WorkingSource, sweep: Sweep, executor: Executor, workers: int
) -> Figures:
    """Of records that workers can find in the file themselves."""
    overlay = source.edited.overlay
    wanted = sweep.records - overlay.versions.own_before(sweep.number) - overlay.derived
    sweeps = [one for one in overlay.versions.sweeps if one.number <= sweep.number]
    tasks = _tasks(session, source, sweeps, wanted)
    for task, columns in in_order(executor, swept_figures, tasks, window=CHUNKS_A_WORKER * workers):
        yield wanted & BitMap64(range(task.chunk.first_line, task.chunk.end_line)), columns


def _figures_of_texts(
    session: Session, source: WorkingSource, sweep: Sweep, executor: Executor, workers: int
) -> Figures:
    """Of records whose texts workers have to be given."""
    edited, spec = source.edited, session.spec(source.opened)
    wanted = sweep.records - edited.content.saved.standing(sweep.records, edited.overlay.versions)
    texts = ((record, session.recount.layers_of(source, sweep, record)) for record in wanted)
    tasks = (TextsTask(some, spec) for some in _in_batches(texts))
    for task, columns in in_order(executor, figures_of_texts, tasks, window=CHUNKS_A_WORKER * workers):
        yield BitMap64([record for record, _ in task.texts]), columns


def _in_batches(texts: Iterable[Text]) -> Iterator[list[Text]]:
    """Texts, so many at a time as are worth a call to a worker."""
    some: list[Text] = []
    length = 0
    for text in texts:
        some.append(text)
        length += len(text[1][0])
        if length >= BYTES_AT_ONCE:
            yield some
            some, length = [], 0
    if some:
        yield some


def _tasks(
    session: Session, source: WorkingSource, sweeps: Sequence[Sweep], wanted: BitMap64 | None = None
) -> Iterator[SweepTask]:
    """The source's chunks that hold a wanted line, each with the rules for its lines."""
    for chunk in plan(source.opened.source.place, source.opened.index, session.spec(source.opened)):
        lines = BitMap64(range(chunk.first_line, chunk.end_line))
        asked = lines if wanted is None else wanted & lines
        if asked:
            rules = tuple((bytes((one.records & lines).serialize()), one.rule) for one in sweeps)
            yield SweepTask(chunk, rules, bytes(asked.serialize()))
