"""The records that `--where` means: those that a filter is true of."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor

from pyroaring import BitMap64

from curator.analysis.predicates import Predicate
from curator.analysis.predicates.parsing import parse
from curator.cli import output
from curator.cli.audit_run import know_all, over_records
from curator.edits.asked import Asked, Option
from curator.session import Session
from curator.session.asking import NONE, asked_of_all, asked_where
from curator.session.editor import Selection
from curator.session.filtering import asks_figures, matching

Shares = Iterator[tuple[float, Selection]]


def records_where(arguments: argparse.Namespace, session: Session, *, audited: bool = False) -> Selection | None:
    """The records as they are now, without dropped ones, that are meant, by source; None where all are.

    Every source has its set, which may be empty. The audit is run where the answer depends on it, unless it was
    `audited`. Raises FilterError.
    """
    expression: str | None = arguments.where
    if expression is None:
        return None
    predicate = parse(expression, session.settings.named_filters)
    know_all(session, figures=asks_figures(predicate) and not audited)
    found = over_records(session, lambda executor, workers: _shares(session, predicate, executor, workers))
    known = {source: found.get(source, BitMap64()) - source.edited.hidden for source in session.sources}
    number, of = sum(map(len, known.values())), sum(len(source.edited) for source in session.sources)
    output.talk(f"{number:,} of {of:,} records are meant: {expression.strip()}.")
    return known


def _shares(session: Session, predicate: Predicate, executor: Executor, workers: int) -> Shares:
    """What is found so far, with the share of the files that was looked at."""
    shares = deque([0.0], maxlen=1)
    for found in matching(session, predicate, executor, workers, shares.append):
        yield shares[-1], found


def asked_by(
    arguments: argparse.Namespace, session: Session, *, do: str = "", options: Mapping[str, Option] = NONE
) -> Asked | None:
    """What is kept in the journal of a step that a command does in place."""
    if arguments.where is None:
        return asked_of_all(session, do=do, options=options)
    predicate = parse(arguments.where, session.settings.named_filters)
    return asked_where(session, arguments.where, predicate, do=do, options=options)
