"""The rows of the problems screen: groups of findings with their numbers, and what there is to say of each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap64

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.rules import BY_CODE, RULES
from curator.records.fixing import fixes_of
from curator.session import Session
from curator.session.causes import Group
from curator.session.problem_group import ProblemGroup
from curator.tui.conversation_layout import GLYPHS
from curator.tui.visible import one_line
from curator.tui.wrapping import clip

Among = Mapping[int, BitMap64]
"""Records by the number of their source."""

MEND_EACH = "No fix is known; each is to be mended by hand."
BY_HAND = dict.fromkeys((33, 34, 37), "`curator repair` reads what is almost JSON Lines, and writes a new file.")
"""What helps where no fix does, by the number of the rule."""
METER = "━"
METER_CELLS = 10
MOST_CAUSES = 8
"""Causes of a rule that are told one by one."""
OTHER_CELLS = 2 + 9 + 2 + 11 + 2 + METER_CELLS + 2
"""Cells of a line beside what is found: marker, code, number, bar and the gaps between them."""
NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A group of problems."""

    key: str
    """By what it is found again when the rows are made anew."""
    rule: Rule | None
    words: str
    count: int
    severity: Severity
    group: ProblemGroup | None = field(default=None, compare=False)
    """None for what is said of a file as a whole, and for a rule that is off."""
    off: bool = False
    example: str = field(default="", compare=False)
    """Of a cause: what is found in one of its records."""
    of_rule: bool = True
    """Whether it is all that its rule finds; else it is a cause, below its rule."""


def problem_rows(session: Session, causes: Sequence[Group] = (), among: Among | None = None) -> list[Row]:
    """The groups: errors first, that with most records first, each with its causes where they are known and several.

    With `among` only these records, by number of the source, are in them; what is said of files as such is left out.
    At last stand the rules that were turned off here.
    """
    rows, off = list[Row](), list[Row]()
    for rule in RULES:
        severity = session.rules.severity(rule.number)
        if session.turned_off >> rule.number & 1:
            off.append(Row(rule.code, rule, rule.title, 0, severity, off=True))
            continue
        group = ProblemGroup(rule, among=among)
        if count := group.left(session):
            rows.append(Row(rule.code, rule, rule.title, count, severity, group))
    for source in session.sources if among is None else ():
        name = f"{source.opened.path.name}: " if len(session.sources) > 1 else ""
        for finding in source.file_wide.on_file:
            rule = BY_CODE[finding.code]
            rows.append(Row(f"{source.number} {rule.code}", rule, name + finding.message, 0, finding.severity))
    rows.sort(key=lambda one: (one.severity is not Severity.ERROR, -one.count, one.key))
    known: dict[str, list[Group]] = {}
    for cause in causes:
        known.setdefault(cause.cause.code, []).append(cause)
    return [*(one for row in rows for one in (row, *_causes_of(session, row, known.get(row.key, []), among))), *off]


def _causes_of(session: Session, row: Row, groups: Sequence[Group], among: Among | None) -> Iterator[Row]:
    """The causes of what a rule finds, as far as records have them still."""
    if row.rule is None or len(groups) < 2:
        return
    for one in groups[:MOST_CAUSES]:
        shape = f" (at {one.cause.shape})" if one.cause.shape else ""
        words, found = f"{one.cause.sentence}{shape}", one.finding
        group = ProblemGroup(row.rule, one.cause.sentence, _both(one.records, among))
        example = f"{_name(session, one)}: {found.sentence}" if found else ""
        count = group.left(session)
        if count:
            yield Row(f"{row.key} {words}", row.rule, words, count, row.severity, group, False, example, of_rule=False)
    rest = sum(len(one.records) for one in groups[MOST_CAUSES:])
    if rest:
        others = {number: BitMap64() for one in groups for number in one.records}
        for one in groups[MOST_CAUSES:]:
            for number, records in one.records.items():
                others[number] |= records
        group = ProblemGroup(row.rule, "other causes", _both(others, among))
        words = f"{len(groups) - MOST_CAUSES:,} other causes"
        if count := group.left(session):
            yield Row(f"{row.key} …", row.rule, words, count, row.severity, group, of_rule=False)


def _both(records: Among, among: Among | None) -> Among:
    if among is None:
        return dict(records)
    return {number: some & among.get(number, BitMap64()) for number, some in records.items()}


def _name(session: Session, group: Group) -> str:
    number = session.listing.number_of(session.sources[group.source], group.record)
    return f"#{number:,}"


def cells(row: Row, most: int, width: int) -> tuple[str, str, str, str]:
    """A row of the table in `width` cells; its bar is a share of the largest number."""
    room = max(NARROWEST, width - OTHER_CELLS)
    words = clip(one_line(row.words, 400), room)
    if not row.of_rule:
        return "", clip(f"  {words}", room), f"{row.count:,}", _bar(row, most)
    glyph = "-" if row.off else GLYPHS[row.severity]
    code = row.rule.code if row.rule else ""
    number = "off" if row.off else f"{row.count:,}" if row.count else ""
    return f"{glyph} {code}", words, number, _bar(row, most)


def _bar(row: Row, most: int) -> str:
    return METER * max(1, round(METER_CELLS * row.count / most)) if row.count and most else ""


def notes_of(session: Session, row: Row) -> list[str]:
    """What there is to say of a group: the rule's reason and source, and the fixes that it offers."""
    rule = row.rule
    if rule is None:
        return [row.words]
    notes = [f"{row.severity.value}: {rule.reason}", f"Source: {rule.source}."]
    if not row.of_rule:
        notes = [row.words, f"For example {row.example}" if row.example else "", f"{rule.code}: {rule.reason}"]
    if not row.count and not row.off:
        return [f"{row.words}.", *notes, "It is said of the file as a whole."]
    if row.off:
        return [*notes, "It is not asked as long as the program runs; x asks it again."]
    fixes = [
        f"{fix.title} (look at the outcome: {fix.risk})" if fix.risk else f"{fix.title} (safe)"
        for fix in fixes_of([rule.number])
    ]
    over = session.limit and rule.code == "CUR010"
    fixes += ["split so that each piece fits (look at the outcome)"] if over else []
    notes.append(f"! fixes: {'; '.join(fixes)}." if fixes else BY_HAND.get(rule.number, MEND_EACH))
    return [note for note in notes if note]
