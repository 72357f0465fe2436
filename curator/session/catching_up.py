"""Figures of what was edited, worked out to the end, for those who wait for them."""

from __future__ import annotations

from concurrent.futures import Executor

from curator.session.facade import Session
from curator.session.sweeping import figure_out

RECORDS_AT_ONCE = 500
BLOCKS_AT_ONCE = 1_000


def catch_up(session: Session, executor: Executor, workers: int) -> None:
    """Work out all figures that edits have changed."""
    from curator.analysis.chunk import analyse_bytes

    while waiting := session.recount.waiting(RECORDS_AT_ONCE):
        source, texts = waiting
        lines = b"".join(line if line.endswith(b"\n") else line + b"\n" for _, _, line in texts)
        columns = executor.submit(analyse_bytes, lines, session.spec(source.opened)).result().columns
        session.recount.take(source, texts, columns, session.audits)
    while missing := session.recount.missing_layer():
        for _ in figure_out(session, *missing, executor, workers):
            pass
    while not session.recount.settle(BLOCKS_AT_ONCE):
        pass
