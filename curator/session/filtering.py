"""Which records a filter is true of: columns and labels answer at once, texts are read by workers."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial, reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap64

from curator.analysis.lint.rules import BY_CODE, BY_NUMBER, OVER_CONTEXT
from curator.analysis.predicates import (
    COMPARISONS,
    And,
    Everything,
    Figure,
    Kind,
    Not,
    Or,
    Predicate,
    State,
    leaves,
    read_from_texts,
)
from curator.analysis.predicates.nodes import Leaf
from curator.analysis.report import Flag
from curator.engine.scan import in_order
from curator.records.dialects import DIALECTS, dialect_named
from curator.records.sniffing import dialect_of
from curator.session.current_records import Portion, lines_of, portions_with_ids
from curator.session.facade import Session
from curator.session.figures_now import FiguresNow, as_numbers
from curator.session.groups import known_groups
from curator.session.ignoring import excused_from, excused_rules
from curator.session.working_source import WorkingSource

if TYPE_CHECKING:
    from numpy import bool_
    from numpy.typing import NDArray

PORTIONS_A_WORKER = 3
ALL_BITS = (1 << 64) - 1
VERDICTS = {"accepted": "accepted", "rejected": "rejected", "needs-work": "needs work"}
FLAGS = {"malformed": Flag.MALFORMED, "invalid": Flag.INVALID, "blank": Flag.BLANK, "estimated": Flag.ESTIMATED}


@dataclass(frozen=True, slots=True)
class Question:
    """Some records of a source, and what is asked of each."""

    portion: Portion
    leaves: tuple[Leaf, ...]


def matching(
    session: Session,
    predicate: Predicate,
    executor: Executor | None = None,
    workers: int = 1,
    looked: Callable[[float], object] = float,
) -> Iterator[dict[WorkingSource, BitMap64]]:
    """The records that a predicate is true of, by source, as they are found; at last all of them.

    Without texts to be read there is one answer, at once, and `executor` is not asked. Columns tell of what the audit
    has reached. `looked` hears which share of the files has been looked at. Raises UsageError for what cannot be asked
    and SlowPatternError for a pattern that takes too long.
    """
    found: dict[WorkingSource, BitMap64] = {}
    all_bytes, before = max(1, session.data.bytes), 0
    for source in session.sources:
        asked = _Asked(session, source, predicate)
        sure, possible = asked.bounds()
        found[source] = sure
        open_leaves = tuple(dict.fromkeys(leaf for leaf in leaves(predicate) if read_from_texts(leaf)))
        size = source.opened.source.size
        before += size
        if executor is None or possible == sure:
            continue
        asked.sets.update((leaf, BitMap64()) for leaf in open_leaves)
        rest = possible - sure
        seen = 0
        for records, answers in _answers(session, source, rest, open_leaves, executor, workers):
            for leaf, some in zip(open_leaves, answers, strict=True):
                asked.sets[leaf] |= some
            found[source] = found[source] | (asked.bounds(records)[0] & records)
            seen += len(records)
            looked((before - size * (1 - seen / len(rest))) / all_bytes)
            yield found
    yield found


def needs_texts(predicate: Predicate) -> bool:
    """Whether records have to be read to answer."""
    return any(read_from_texts(leaf) for leaf in leaves(predicate))


def asks_figures(predicate: Predicate) -> bool:
    """Whether the answer depends on what the audit has reached."""
    return any(
        isinstance(leaf, Figure)
        or (isinstance(leaf, State) and (leaf.name in FLAGS or leaf.name == "over"))
        or (isinstance(leaf, Kind) and leaf.kind in ("code", "severity", "dialect"))
        for leaf in leaves(predicate)
    )


def _answers(
    session: Session,
    source: WorkingSource,
    records: BitMap64,
    asked: tuple[Leaf, ...],
    executor: Executor,
    workers: int,
) -> Iterator[tuple[BitMap64, list[BitMap64]]]:
    """Portions of some records with, for each leaf, those of them that it is true of."""
    spec = session.spec(source.opened)
    waiting: deque[Sequence[int]] = deque()

    def questions() -> Iterator[Question]:
        for portion, ids in portions_with_ids(source, spec, records):
            waiting.append(ids)
            yield Question(portion, asked)

    for _, rows in in_order(executor, answer, questions(), window=PORTIONS_A_WORKER * workers):
        ids = waiting.popleft()
        yield BitMap64(ids), [BitMap64([ids[row] for row in some]) for some in rows]


def answer(question: Question) -> list[array[int]]:
    """For each leaf the rows of the portion that it is true of, counted from 0. Runs in a worker."""
    from curator.analysis.predicates.texts import may_be, true_of

    spec = question.portion.spec
    own = dialect_named(spec.dialect)
    read_in: Callable[[Any], Any] = partial(_dialect, own=own, only=spec.only_dialect)
    found = [array("I") for _ in question.leaves]
    lines = lines_of(question.portion, lambda data: any(may_be(leaf, data) for leaf in question.leaves))
    for row, line in enumerate(lines):
        for some, true in zip(found, true_of(question.leaves, line, read_in), strict=True):
            if true:
                some.append(row)
    return found


def _dialect(value: Any, *, own: Any, only: bool) -> Any:
    return dialect_of(value, own, only=only)


class _Asked:
    """One source, and the sets of its records that leaves are true of."""

    def __init__(self, session: Session, source: WorkingSource, predicate: Predicate) -> None:
        self._session = session
        self._source = source
        self._predicate = predicate
        self._everything = there(source)
        self._figures = FiguresNow(source)
        self.sets: dict[Leaf, BitMap64] = {}
        for leaf in leaves(predicate):
            if not read_from_texts(leaf) and leaf not in self.sets:
                self.sets[leaf] = self._set(leaf)

    def bounds(self, among: BitMap64 | None = None) -> tuple[BitMap64, BitMap64]:
        """The records that the predicate is certainly true of, and those that it may be true of."""
        everything = self._everything if among is None else among
        sure, possible = _bounds(self._predicate, self.sets, everything)
        return sure & everything, possible & everything

    def _set(self, leaf: Leaf) -> BitMap64:
        match leaf:
            case Figure():
                return self._figures.where(
                    lambda columns: _compared(getattr(columns, leaf.column), leaf.comparison, leaf.value)
                )
            case State():
                return self._state(leaf.name)
            case Kind():
                return self._kind(leaf.kind, leaf.value)
        raise TypeError(f"{leaf!r} is asked of texts")

    def _state(self, name: str) -> BitMap64:
        source, overlay = self._source, self._source.edited.overlay
        labels = overlay.labels
        if name in FLAGS:
            flagged = self._figures.where(lambda columns: _with_bits(columns.flags, FLAGS[name]))
            return flagged - self._session.by_rule.excused_invalid(source) if name == "invalid" else flagged
        if name == "over":
            return self._findings("code", OVER_CONTEXT.code)
        if name in VERDICTS:
            return BitMap64().union(*(held for verdict, held in labels.verdicts.items() if verdict == VERDICTS[name]))
        sets: Mapping[str, Callable[[], BitMap64]] = {
            "edited": lambda: source.edited.unsaved - overlay.derived,
            "new": lambda: overlay.derived,
            "dropped": lambda: overlay.dropped,
            "marked": lambda: source.marked,
            "reviewed": lambda: labels.reviewed,
            "tagged": lambda: BitMap64().union(*labels.tags.values()),
            "noted": lambda: BitMap64(labels.notes),
            "alike": lambda: known_groups(self._session.groups).records(source) & self._everything,
        }
        return sets[name]()

    def _kind(self, kind: str, value: str) -> BitMap64:
        match kind:
            case "tag":
                labels = self._source.edited.overlay.labels
                on_messages = BitMap64(
                    [one for one, tags in labels.message_tags.items() if any(value in some for some in tags.values())]
                )
                return labels.tags.get(value, BitMap64()) | on_messages
            case "dialect":
                number = [one.name for one in DIALECTS].index(dialect_named(value).name)
                unread = self._state("malformed") | self._state("blank")
                return self._figures.where(lambda columns: _compared(columns.dialect, "=", number)) - unread
            case "source":
                path = self._source.opened.path
                named = fnmatchcase(path.name, value) or fnmatchcase(str(path), value)
                return self._everything if named else BitMap64()
        return self._findings(kind, value)

    def _findings(self, kind: str, value: str) -> BitMap64:
        rules = self._session.spec(self._source.opened).rules
        if kind == "code":
            bits = BY_CODE[value].bit if value in BY_CODE else 0
        else:
            over = OVER_CONTEXT.bit if rules.severity(OVER_CONTEXT.number).value == value else 0
            bits = (rules.errors if value == "error" else ~rules.errors & ALL_BITS) & ~OVER_CONTEXT.bit | over
        labels = self._source.edited.overlay.labels
        excusable = BitMap64(excused_rules(labels))
        found = self._found(bits & ~sum(1 << number for number in excusable))
        for rule in (BY_NUMBER[number] for number in excusable if bits >> number & 1):
            found |= self._found(rule.bit) - excused_from(labels, rule)
        return found

    def _found(self, bits: int) -> BitMap64:
        """The records that one of some rules finds, excused or not."""
        found = self._figures.where(lambda columns: _with_bits(columns.findings, bits)) if bits else BitMap64()
        found |= self._source.file_wide.with_bits(bits)
        limit = self._session.limit
        if bits & OVER_CONTEXT.bit and limit:
            found |= self._figures.where(lambda columns: _compared(columns.tokens, ">", limit))
        return found


def _compared(column: array[int], comparison: str, value: int) -> NDArray[bool_]:
    import numpy

    found: NDArray[bool_] = numpy.asarray(COMPARISONS[comparison](as_numbers(column), numpy.uint64(value)))
    return found


def _with_bits(column: array[int], bits: int) -> NDArray[bool_]:
    import numpy

    found: NDArray[bool_] = numpy.not_equal(as_numbers(column) & numpy.uint64(bits), 0)
    return found


def there(source: WorkingSource) -> BitMap64:
    """The records of a source, dropped ones included."""
    edited = source.edited
    lines = BitMap64()
    lines.add_range(0, edited.known_lines)
    gone = edited.hidden - edited.overlay.dropped
    return (lines | edited.overlay.derived) - gone


def _bounds(predicate: Predicate, sets: Mapping[Leaf, BitMap64], everything: BitMap64) -> tuple[BitMap64, BitMap64]:
    match predicate:
        case Everything():
            return everything, everything
        case And(parts):
            bounds = [_bounds(part, sets, everything) for part in parts]
            return _intersection([low for low, _ in bounds]), _intersection([high for _, high in bounds])
        case Or(parts):
            bounds = [_bounds(part, sets, everything) for part in parts]
            return BitMap64().union(*(low for low, _ in bounds)), BitMap64().union(*(high for _, high in bounds))
        case Not(part):
            low, high = _bounds(part, sets, everything)
            return everything - high, everything - low
        case _:
            known = sets.get(predicate)
            return (BitMap64(), everything) if known is None else (known, known)


def _intersection(sets: Sequence[BitMap64]) -> BitMap64:
    return reduce(and_, sets)
