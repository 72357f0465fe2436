"""What the commands have in common that pick lines of several files and write them elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from curator.cli import output
from curator.cli.audit_run import know_all, over_records
from curator.cli.edited_file import tell_in_force, tell_unsaved
from curator.cli.opening import opened_session
from curator.edits.opening import Opened
from curator.errors import UsageError
from curator.session import Session
from curator.session.facets import FACETS, FROM_FIGURES
from curator.session.picking import RecordRun, write_records
from curator.session.strata import Strata, strata
from curator.session.working_source import WorkingSource
from curator.storage.delivering import Delivered

SAMPLE_CELLS = 60
SHOWN_LINES = 5


@contextmanager
def opened_files(
    arguments: argparse.Namespace, paths: Sequence[Path] | None = None, *, in_force: bool = False
) -> Iterator[Session]:
    """The files as they are on disk; what their journals hold is told and left alone, unless it is to be in force."""
    with opened_session(arguments, paths=paths) as session:
        if in_force:
            _put_in_force(session)
        else:
            tell_unsaved(session, arguments.command)
        yield session


def add_by(parser: argparse._ActionsContainer, what: str) -> None:
    """By what records are spread evenly."""
    parser.add_argument("--by", default="", metavar="NAME", help=f"{what}: {', '.join(FACETS)}, or a key: .meta.lang")


def strata_by(session: Session, facet: str) -> Strata | None:
    """The records by their values of a facet; None without one."""
    if not facet:
        return None
    know_all(session, figures=facet in FROM_FIGURES)
    return over_records(session, partial(strata, session, facet))


def _put_in_force(session: Session) -> None:
    for source, outcome in session.editor.open_journals(read_only=True):
        if outcome is Opened.CHANGED:
            raise UsageError(
                f"{source.edited.read_only} Open it with `curator` to carry over to it what was done to the old one."
            )
        tell_in_force(source)


def add_without(parser: argparse._ActionsContainer, what: str) -> None:
    """The option that keeps the records of another file out."""
    parser.add_argument("--without", action="append", type=Path, default=[], metavar="FILE", help=what)


def index_all(session: Session) -> None:
    """Find all lines of the files."""
    for opened in session.data.sources:
        opened.index.finish()


def write(session: Session, runs: Iterable[RecordRun], target: Path | int, size: int) -> Delivered:
    """Write records, and say what there is to say of the file that was replaced."""
    written = write_records(runs, session.sources[0], target, size)
    for note in written.notes:
        output.talk(note)
    return written


def proof_of(written: Delivered) -> str:
    """How much was written, and its hash."""
    proof = f"; xxh3_128 {written.proof.digest}" if written.proof else ""
    return f"{written.bytes:,} bytes{proof}"


def lines_told(records: Sequence[tuple[WorkingSource, int]], session: Session) -> str:
    """The lines of the first few records, counted from 1, each with its file where there are several."""
    several = len(session.sources) > 1
    lines = (
        f"{source.opened.path.name}:{record + 1:,}" if several else f"{record + 1:,}" for source, record in records
    )
    return output.printable(", ".join(islice(lines, SHOWN_LINES))) + ", ..." * (len(records) > SHOWN_LINES)


def sample_of(text: str) -> str:
    """A few words of a text, in one line."""
    words = " ".join(text[: 4 * SAMPLE_CELLS].split())
    return output.printable(words if len(words) <= SAMPLE_CELLS else words[: SAMPLE_CELLS - 1] + "…")
