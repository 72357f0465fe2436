"""Whether a record still is what the filter in force asked for; asked of the few records that are on the screen."""

from __future__ import annotations

from fnmatch import fnmatchcase

from curator.analysis.predicates import COMPARISONS, And, Everything, Figure, Kind, Not, Or, Predicate, State
from curator.analysis.predicates.nodes import Leaf
from curator.analysis.report import Flag
from curator.errors import CuratorError
from curator.records.dialects import DIALECTS
from curator.session.facade import Session
from curator.session.filtering import FLAGS, VERDICTS
from curator.session.ignoring import judged_row
from curator.session.working_source import WorkingSource

LONGEST_LINE = 1 << 20
"""Bytes of an edited record up to which it is read to be asked; a longer one is taken to match."""


def no_longer(session: Session, source: WorkingSource, record: int, predicate: Predicate) -> bool:
    """Whether a filter that a record was listed by is certainly not true of it any more."""
    return not isinstance(predicate, Everything) and _true(_One(session, source, record), predicate) is False


def _true(one: _One, predicate: Predicate) -> bool | None:
    """Whether a predicate is true of a record; None where that is not known."""
    match predicate:
        case Everything():
            return True
        case And(parts):
            return _all([_true(one, part) for part in parts])
        case Or(parts):
            found = _all([_opposite(_true(one, part)) for part in parts])
            return _opposite(found)
        case Not(part):
            return _opposite(_true(one, part))
        case _:
            return one.satisfies(predicate)


def _all(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def _opposite(true: bool | None) -> bool | None:
    return None if true is None else not true


class _One:
    """A record, with what is known of it."""

    def __init__(self, session: Session, source: WorkingSource, record: int) -> None:
        self._session = session
        self._source = source
        self._record = record
        self._found = source.find(record)

    def satisfies(self, leaf: Leaf) -> bool | None:
        """Whether a leaf is true of it."""
        match leaf:
            case Figure(column, comparison, value):
                figure = self._figure(column)
                return None if figure is None else COMPARISONS[comparison](figure, value)
            case State(name):
                return self._state(name)
            case Kind(kind, value) if kind in ("tag", "code", "severity", "dialect", "source"):
                return self._kind(kind, value)
        return self._said(leaf)

    def _figure(self, column: str) -> int | None:
        if self._found is None:
            return None
        number: int = getattr(self._found.columns, column)[self._found.row]
        return number

    def _state(self, name: str) -> bool | None:
        source, record, overlay = self._source, self._record, self._source.edited.overlay
        labels = overlay.labels
        if name in FLAGS or name == "over":
            row = judged_row(source, record, self._session.limit)
            return None if row is None else row.over_context if name == "over" else bool(row.flags & FLAGS[name])
        if name in VERDICTS:
            return labels.verdict_of(record) == VERDICTS[name]
        match name:
            case "edited":
                return record in source.edited.unsaved and record not in overlay.derived
            case "new":
                return record in overlay.derived
            case "dropped":
                return record in overlay.dropped
            case "marked":
                return record in source.marked
            case "reviewed":
                return record in labels.reviewed
            case "tagged":
                return bool(labels.tags_of(record))
            case "alike":
                return None
        return record in labels.notes

    def _kind(self, kind: str, value: str) -> bool | None:
        labels, path = self._source.edited.overlay.labels, self._source.opened.path
        if kind == "tag":
            on_messages = labels.message_tags.get(self._record, {}).values()
            return value in labels.tags_of(self._record) or any(value in tags for tags in on_messages)
        if kind == "source":
            return fnmatchcase(path.name, value) or fnmatchcase(str(path), value)
        if kind == "dialect":
            number, flags = self._figure("dialect"), self._figure("flags")
            if number is None or flags is None:
                return None
            return DIALECTS[number].name == value and not flags & (Flag.MALFORMED | Flag.BLANK)
        return self._findings(kind, value)

    def _findings(self, kind: str, value: str) -> bool | None:
        from curator.analysis.lint.rules import BY_CODE, OVER_CONTEXT

        row = judged_row(self._source, self._record, self._session.limit)
        if row is None:
            return None
        bits, over = row.findings, row.over_context
        rules = self._session.spec(self._source.opened).rules
        if kind == "code":
            return over if value == OVER_CONTEXT.code else value in BY_CODE and bool(bits & BY_CODE[value].bit)
        meant = bits & rules.errors if value == "error" else bits & ~rules.errors
        return bool(meant) or (over and rules.severity(OVER_CONTEXT.number).value == value)

    def _said(self, leaf: Leaf) -> bool | None:
        """What its text tells, if it was edited; that of others is as it was when it was listed."""
        from curator.analysis.predicates.texts import true_of

        edited = self._source.edited
        if self._record not in edited.unsaved or edited.content.length(self._record) > LONGEST_LINE:
            return None
        line = edited.content.line(self._record)
        try:
            return true_of((leaf,), line, lambda value: self._session.dialect_of(self._source.opened, value))[0]
        except CuratorError:
            return None
