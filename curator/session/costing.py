"""What records cost with each of several models: counted by the token rule of each, as they are now, in workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from curator.analysis.counting import Counting, counting_of
from curator.analysis.model_costs import ModelCost, MonthlyUse, as_csv, as_json, as_markdown, model_cost
from curator.analysis.prices import ModelPrice, PriceBook
from curator.analysis.totals import Totals
from curator.engine.scan import in_order
from curator.errors import UsageError
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.values import dollars
from curator.session.working_source import WorkingSource
from curator.storage.replacing import replacing

if TYPE_CHECKING:
    from curator.analysis.scenario import Scenario, Shortening

PORTIONS_A_WORKER = 3

FORMS: dict[str, Callable[[Sequence[ModelCost]], str]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".md": lambda table: as_markdown(table, dollars),
}
"""The endings of a file's name, and how a table is written there."""

Task = TypeVar("Task", bound="PortionTask")
Answer = TypeVar("Answer")


class PortionTask(Protocol):
    """Something to be done with a portion."""

    @property
    def portion(self) -> Portion:
        """The records."""


class Step(NamedTuple, Generic[Answer]):
    """What was done with a portion."""

    share: float
    """How far all of it is, from 0 to 1."""
    source: WorkingSource
    records: Sequence[int]
    """The ids of the records, in the order in which workers have their lines."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class CountTask:
    """Some records, and the longest examples by which they are summed up; small enough to be sent to a worker."""

    portion: Portion
    limits: tuple[int, ...]


@dataclass(slots=True)
class Counted:
    """Sums over the records counted so far by one token rule, cut at each of several longest examples."""

    by_limit: dict[int, Totals] = field(default_factory=dict)
    disagreement: str = ""
    """Not empty if the accelerator counted wrongly; the sums are then in doubt."""

    def merge(self, other: Counted) -> None:
        """Add the sums over other records."""
        for limit, totals in other.by_limit.items():
            self.by_limit.setdefault(limit, Totals()).merge(totals)
        self.disagreement = self.disagreement or other.disagreement


@dataclass(frozen=True, slots=True)
class CallsTask:
    """Some records, and what is asked of how they call a model."""

    portion: Portion
    shortening: Shortening | None
    limit: int


@dataclass(frozen=True, slots=True)
class Terms:
    """By what counts are turned into money."""

    epochs: int = 0
    """0 for the service's default rule."""
    hours: Decimal | None = None
    """Of training, for models that are trained by the hour."""
    use: MonthlyUse | None = None
    """None while no usage is asked for."""


def models_of(session: Session, edition: str) -> list[ModelPrice]:
    """The base models of an edition with their training prices, cut where the user's settings say so."""
    rows = [session.book.training_row(one) for one in session.book.edition(edition).models if one.base is None]
    return [session.with_limit(one) for one in rows]


def by_counting(models: Sequence[ModelPrice], first: Counting) -> list[tuple[Counting, list[ModelPrice]]]:
    """The models by their token rule; those that count by `first` come first, the others in their order."""
    groups: dict[Counting, list[ModelPrice]] = {}
    for one in models:
        groups.setdefault(counting_of(one), []).append(one)
    return sorted(groups.items(), key=lambda group: group[0] != first)


def counted(
    session: Session,
    counting: Counting,
    limits: Sequence[int],
    executor: Executor,
    workers: int,
    selection: Selection | None = None,
) -> Iterator[tuple[float, Counted]]:
    """How far the counting is, from 0 to 1, with the sums so far; of all records as they are now, or of some.

    A wrong count of the accelerator switches it off and begins anew without it.
    """
    sums = Counted()
    distinct = tuple(dict.fromkeys(limits))
    for share, found in over_portions(
        session, counting, executor, workers, count_portion, lambda one: CountTask(one, distinct), selection
    ):
        sums.merge(found)
        if found.disagreement and session.accelerate:
            session.accelerate = False
            session.notice = f"{found.disagreement} Counting anew without it."
            yield from counted(session, counting, limits, executor, workers, selection)
            return
        yield share, sums
    for limit in distinct:
        sums.by_limit.setdefault(limit, Totals())
    yield 1.0, sums


def known_already(session: Session, counting: Counting, limits: Sequence[int]) -> Counted | None:
    """The sums over all records from the audit's columns, if it is complete, counted so, and nothing was edited."""
    own = session.counting
    edited = any(source.edited.touched for source in session.sources)
    if edited or not session.complete:
        return None
    without_images = not session.file_totals.with_images
    if counting != own and not (without_images and _ignoring_images(counting) == _ignoring_images(own)):
        return None
    sums = Counted()
    for limit in dict.fromkeys(limits):
        sums.by_limit[limit] = Totals()
        for source in session.sources:
            sums.by_limit[limit].add(source.opened.columns, limit)
    return sums


def _ignoring_images(counting: Counting) -> Counting:
    return replace(counting, image_base=0, image_tile=0)


def called(
    session: Session,
    counting: Counting,
    executor: Executor,
    workers: int,
    selection: Selection | None = None,
    shortening: Shortening | None = None,
    limit: int = 0,
) -> Iterator[tuple[float, Scenario]]:
    """How the records say that a model will be called, in the same way; `limit` is the longest example, 0 for none."""
    from curator.analysis.scenario import Scenario

    sums = Scenario()
    for share, found in over_portions(
        session,
        counting,
        executor,
        workers,
        calls_of_portion,
        lambda one: CallsTask(one, shortening, limit),
        selection,
    ):
        sums.merge(found)
        if found.disagreement and session.accelerate:
            session.accelerate = False
            session.notice = f"{found.disagreement} Counting anew without it."
            yield from called(session, counting, executor, workers, selection, shortening, limit)
            return
        yield share, sums
    yield 1.0, sums


def over_portions(
    session: Session,
    counting: Counting,
    executor: Executor,
    workers: int,
    work: Callable[[Task], Answer],
    task_of: Callable[[Portion], Task],
    selection: Selection | None = None,
) -> Iterator[tuple[float, Answer]]:
    """Have workers do something with all records as they are now, or some; yields how far that is with each answer."""
    for step in each_portion(session, counting, executor, workers, work, task_of, selection):
        yield step.share, step.answer


def each_portion(
    session: Session,
    counting: Counting,
    executor: Executor,
    workers: int,
    work: Callable[[Task], Answer],
    task_of: Callable[[Portion], Task],
    selection: Selection | None = None,
) -> Iterator[Step[Answer]]:
    """The same, with the records of each portion and the source that it is of."""
    chosen = dict.fromkeys(session.sources) if selection is None else dict(selection)
    total = max(1, sum(source.opened.source.size for source in chosen))
    before = 0
    for source, records in chosen.items():
        spec = replace(session.spec(source.opened), counting=counting)
        size = source.opened.source.size
        waiting: deque[Sequence[int]] = deque()
        tasks = _noting(portions_with_ids(source, spec, records), task_of, waiting)
        for task, answer in in_order(executor, work, tasks, window=PORTIONS_A_WORKER * workers):
            chunk = task.portion.chunk
            share = (before + (size if chunk is None else chunk.end)) / total
            yield Step(share, source, waiting.popleft(), answer)
        before += size


def _noting(
    portions: Iterable[tuple[Portion, Sequence[int]]], task_of: Callable[[Portion], Task], ids: deque[Sequence[int]]
) -> Iterator[Task]:
    """A task for each portion; the ids of its records wait until it is done."""
    for portion, records in portions:
        ids.append(records)
        yield task_of(portion)


def count_portion(task: CountTask) -> Counted:
    """The sums over a portion. Runs in a worker, which is where the vocabulary is loaded."""
    from curator.analysis.analyst import analyst_for

    lines = lines_of(task.portion)
    report = analyst_for(task.portion.spec).report(lines, len(lines))
    sums = Counted(disagreement=report.disagreement)
    for limit in task.limits:
        sums.by_limit[limit] = Totals()
        sums.by_limit[limit].add(report.columns, limit)
    return sums


def calls_of_portion(task: CallsTask) -> Scenario:
    """How a portion says that the model is called. Runs in a worker."""
    from curator.analysis.scenario import scenario_of

    return scenario_of(lines_of(task.portion), task.portion.spec, task.shortening, task.limit)


def costs(
    models: Sequence[ModelPrice], book: PriceBook, sums: Counted, terms: Terms, calls: Scenario | None = None
) -> list[ModelCost]:
    """What models that count alike cost; a month of calls only where it is known how the records call them."""
    use = (calls.call(), terms.use) if terms.use and calls is not None and calls.calls else None
    return [model_cost(one, book, sums.by_limit[one.limit or 0], terms.epochs, terms.hours, use) for one in models]


def write_table(target: Path, table: Sequence[ModelCost]) -> list[str]:
    """Write costs to a file, in the form that its name ends in (`FORMS`). Returns what is to be told of it.

    Raises UsageError for another ending, or where nothing can be written; WriteFaultError when the disk fails.
    """
    form = FORMS.get(target.suffix.lower())
    if form is None:
        raise UsageError(f"{target}: end the name in {', '.join(FORMS)}, which is the form that is written.")
    with replacing(target, like=None) as written:
        written.file.write((form(table) + "\n").encode())
        written.commit()
    return written.notes
