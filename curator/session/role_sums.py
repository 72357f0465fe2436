"""Tokens by role of the records as they are now, counted in workers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from curator.analysis.role_tokens import RoleTokens
from curator.session.costing import over_portions
from curator.session.current_records import Portion, lines_of
from curator.session.editor import Selection
from curator.session.facade import Session


@dataclass(frozen=True, slots=True)
class RolesTask:
    """Some records whose tokens are counted by role; small enough to be sent to a worker."""

    portion: Portion


def by_role(
    session: Session, executor: Executor, workers: int, selection: Selection | None = None
) -> Iterator[tuple[float, RoleTokens]]:
    """How far it is, from 0 to 1, with the sums so far; of all records as they are now, or of some.

    A wrong count of the accelerator switches it off and begins anew without it.
    """
    sums = RoleTokens()
    for share, found in over_portions(
        session, session.counting, executor, workers, roles_of_portion, RolesTask, selection
    ):
        sums.merge(found)
        if found.disagreement and session.accelerate:
            session.accelerate = False
            session.notice = f"{found.disagreement} Counting anew without it."
            yield from by_role(session, executor, workers, selection)
            return
        yield share, sums
    yield 1.0, sums


def roles_of_portion(task: RolesTask) -> RoleTokens:
    """The sums over a portion. Runs in a worker, which is where the vocabulary is loaded."""
    from curator.analysis.role_tokens import role_tokens_of

    return role_tokens_of(lines_of(task.portion), task.portion.spec)
