"""curator split: one file of conversations into another of smaller examples."""

from __future__ import annotations

import argparse
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator.analysis.analyst import analyst_for
from curator.analysis.chunk import analyse_bytes
from curator.analysis.report import Columns
from curator.analysis.totals import Totals
from curator.cli import options, output
from curator.cli.destination import NEW_FILE, target_of
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.cli.shapes import tell_shapes
from curator.cli.where import records_where
from curator.engine.audit import ChunkTask, plan
from curator.engine.data_set import OpenSource
from curator.errors import UsageError
from curator.records.codec import BYTE_ORDER_MARK, decode_exactly, line_body
from curator.records.transforms import NOT_DONE, WAYS, Way, piece_lines
from curator.session import Session, dollars
from curator.session.editor import Selection
from curator.storage.delivering import deliver
from curator.storage.proving import Part

HELP = "split conversations into smaller examples"
OWN_OPTIONS = {"turns": "window", "budget": "fit", "overlap": "fit", "no_system": "pair"}
"""Options that go with one way of splitting only."""
SHOWN_LINES = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator split`."""
    number = options.positive
    parser.add_argument("file", type=Path, metavar="FILE", help=options.FILES_HELP)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--by", choices=WAYS, required=True, help="how a conversation is split")
    parser.add_argument("--turns", type=number, metavar="W", help="window: turns in a piece, the trained one included")
    parser.add_argument("--budget", type=number, metavar="N", help="fit: most tokens (default: the longest example)")
    parser.add_argument("--overlap", type=options.whole, metavar="N", help="fit: turns that a piece repeats, untrained")
    parser.add_argument("--no-system", action="store_true", help="pair: leave the system prompt out")
    parser.add_argument(
        "--mark",
        default="",
        metavar="KEY",
        help="put under that key of each piece which line of FILE it comes from, for `divide --together KEY`",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there")
    options.add_where(parser, "split")
    options.add_reading(parser)
    options.add_model(parser)


@dataclass(slots=True)
class Tally:
    """What went in, what came out, and what there is to say of it."""

    before: Totals = field(default_factory=Totals)
    after: Totals = field(default_factory=Totals)
    split: int = 0
    lines: defaultdict[str, array[int]] = field(default_factory=lambda: defaultdict(lambda: array("Q")))
    """By cause of a note, the lines that it is on, counted from 1."""
    doubt: str = ""
    """Why token figures may be wrong; empty when they are not."""

    def note(self, cause: str, line: int) -> None:
        """Count a cause once for a line."""
        if line not in self.lines[cause][-1:]:
            self.lines[cause].append(line)


def run(arguments: argparse.Namespace) -> Exit:
    """Write the file anew with its records split, and sum up on stderr. 1 if something could not be done."""
    with opened_session(arguments) as session:
        tell_shapes(session)
        way = _way(arguments, session)
        target = target_of(arguments.output, [arguments.file], force=arguments.force)
        meant = records_where(arguments, session)
        splitter = _Splitter(session, session.data.sources[0], way, meant, arguments.mark)
        written = deliver([splitter.part], target, like=splitter.source, size=splitter.source.size)
        for note in written.notes:
            output.talk(note)
        tally = splitter.tally
        _summarise(session, tally)
        tell_unsaved(session, arguments.command)
    return Exit.FINDINGS if tally.lines.keys() & NOT_DONE else Exit.CLEAN


def _way(arguments: argparse.Namespace, session: Session) -> Way:
    for name, by in OWN_OPTIONS.items():
        if getattr(arguments, name) and arguments.by != by:
            raise UsageError(f"--{name.replace('_', '-')} goes with `--by {by}`, not with `--by {arguments.by}`.")
    if arguments.by == "window" and not arguments.turns:
        raise UsageError("`--by window` needs `--turns W`, the number of turns in a piece.")
    budget = arguments.budget or session.limit
    if arguments.by == "fit" and not budget:
        raise UsageError(f"The longest example of {session.model.id} is not known; say it with `--budget N`.")
    return Way(arguments.by, arguments.turns or 0, budget, arguments.overlap or 0, not arguments.no_system)


class _Splitter:
    """Splits the lines of a file chunk by chunk, and keeps the tally."""

    def __init__(self, session: Session, opened: OpenSource, way: Way, meant: Selection | None, mark: str = "") -> None:
        self.tally = Tally()
        self.source = opened.source
        self._meant = None if meant is None else meant[session.sources[0]]
        self._session = session
        self._opened = opened
        self._way = way
        self._mark = mark
        self._spec = session.spec(opened)

    @property
    def part(self) -> Part:
        """All that is to be written; it can be gone through once."""
        return self.source, self._lines()

    def _lines(self) -> Iterator[bytes]:
        with output.progress(self.source.size) as bar:
            for task in plan(self.source.place, self._opened.index, self._spec):
                yield from self._chunk(task)
                bar.update(task.end - task.start)

    def _chunk(self, task: ChunkTask) -> Iterator[bytes]:
        """What is to be written for a run of lines."""
        data = self.source.read(task.start, task.end - task.start)
        columns = self._analyse(data)
        self.tally.before.add(columns, self._session.limit)
        kept = []
        for row in range(len(columns)):
            start, end = self._opened.index.span(task.first_line + row)
            line = data[start - task.start : end - task.start]
            pieces = self._pieces(line, task.first_line + row, columns.tokens[row])
            if pieces:
                self.tally.split += 1
                self.tally.after.add(self._analyse(pieces), self._session.limit)
                yield line[: _mark_length(line, start)] + pieces
            else:
                kept.append(row)
                yield line
        self.tally.after.add(columns.take(kept), self._session.limit)

    def _analyse(self, data: bytes) -> Columns:
        report = analyse_bytes(data, self._spec)
        self.tally.doubt = self.tally.doubt or report.disagreement or ""
        return report.columns

    def _pieces(self, line: bytes, number: int, tokens: int) -> bytes:
        """The lines of a record's pieces; empty where it stays as it is. `number` counts from 0."""
        body = line_body(line)[_mark_length(line, number) :]
        passed_over = self._meant is not None and number not in self._meant
        if passed_over or not body.strip() or self._way.leaves(tokens):
            return b""
        if not isinstance(value := decode_exactly(body), dict):
            return b""
        dialect = self._session.dialect_of(self._opened, value)
        conversation = dialect.read(value)
        by_message = analyst_for(self._spec).by_message
        split = self._way.split(conversation, tokens, lambda: [one for one, _ in by_message(value).each])
        bodies, notes = piece_lines(split, conversation, body, value, dialect, self._marked(value, number))
        for note in notes:
            self.tally.note(note.cause, number + 1)
        end = line[len(line_body(line)) :] or b"\n"
        return b"".join(one + end for one in bodies)

    def _marked(self, record: dict[str, Any], number: int) -> dict[str, str]:
        """What each piece of a record has beside what the record has. Raises UsageError where that has it already."""
        if not self._mark:
            return {}
        name = f"{self._opened.path.name}:{number + 1}"
        if self._mark in record:
            raise UsageError(f"{name}: has a key `{self._mark}` already; mark the pieces by another one.")
        return {self._mark: name}


def _mark_length(line: bytes, place: int) -> int:
    """Bytes of the byte order mark of a line that begins the file, where `place` is 0."""
    return len(BYTE_ORDER_MARK) if not place and line.startswith(BYTE_ORDER_MARK) else 0


def _summarise(session: Session, tally: Tally) -> None:
    before, after = tally.before, tally.after
    estimate = f" ({after.estimated:,} records estimated)" if after.estimated else ""
    paid = [f"{dollars(cost.training)} for {cost.epochs} epochs" for cost in map(session.cost, (before, after))]
    malformed = f"; {before.malformed:,} malformed, copied as they are" if before.malformed else ""
    output.talk(f"records: {before.records:,} in, {after.records:,} out; {tally.split:,} split{malformed}.")
    output.talk(f"tokens: {before.tokens:,} before, {after.tokens:,} after{estimate}.")
    output.talk(f"trained tokens: {before.trained_tokens:,} before, {after.trained_tokens:,} after.")
    output.talk(f"training cost: {paid[0]} before, {paid[1]} after ({session.model.id}, {session.model.edition}).")
    for cause, lines in sorted(tally.lines.items(), key=lambda item: -len(item[1])):
        shown = ", ".join(f"{line:,}" for line in lines[:SHOWN_LINES]) + ", ..." * (len(lines) > SHOWN_LINES)
        output.talk(f"{len(lines):,} record{'s' * (len(lines) > 1)}: {cause} (line{'s' * (len(lines) > 1)} {shown}).")
    if tally.doubt:
        output.talk(f"{tally.doubt} For sure figures, run it again with CURATOR_ACCELERATE=no.")
