"""What a tag excuses is counted nowhere: totals, sums of chosen records, facets, filters and problems agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.session.facets import facet
from curator.session.filtering import matching
from curator.session.still_matching import no_longer
from curator.session.viewing import records_of
from curator.settings import Settings


def chat(*answer: str, **keys: object) -> str:
    messages = [{"role": "user", "content": "Hi"}, *({"role": "assistant", "content": one} for one in answer)]
    return json.dumps({"messages": messages, **keys})


LINES = [
    chat("Fine."),
    chat("Blanks behind. "),
    chat("Blanks again. "),
    json.dumps({"messages": [{"role": "user", "content": 5}, {"role": "assistant", "content": "Yes."}]}),
    json.dumps({"messages": [{"role": "user", "content": 6}, {"role": "assistant", "content": "No. "}]}),
    chat("word " * 60),
    chat("word " * 70),
    chat("Fine."),
    chat("Fine."),
]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"{line}\n" for line in LINES))
    session = Session([path], Settings(workers=-1, accelerate=False, context_length=50))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    session.file_findings.follow(InlineExecutor())
    yield session
    session.close()


def listed(session: Session, text: str) -> list[int]:
    *_, found = matching(session, parse(text))
    source = session.sources[0]
    return sorted(found[source] - source.edited.overlay.dropped)


def agrees(session: Session) -> dict[str, int]:
    """How many records each rule finds, once all ways to count them were compared."""
    source = session.sources[0]
    *_, (_, counted) = facet(session, "finding", records_of(session), InlineExecutor(), 1)
    by_facet = {one.expression.removeprefix("code:"): one.count for one in counted.values if "code:" in one.expression}
    totals = session.totals
    assert {code: count for code, count in totals.findings.items() if count} == by_facet
    session.chosen.choose("all", records_of(session))
    session.chosen.settle(1_000)
    chosen = session.chosen.totals
    assert (chosen.over_context, chosen.invalid) == (totals.over_context, totals.invalid)
    for code, count in by_facet.items():
        number = int(code.removeprefix("CUR"))
        assert len(listed(session, f"code:{code}")) == count == len(session.by_rule.of(source, number)), code
    assert len(listed(session, "invalid")) == totals.invalid
    assert len(listed(session, "over")) == totals.over_context
    wrong = listed(session, "severity:error or severity:warning")
    every = [session.listing.locate(position)[1] for position in range(len(session))]
    rows = {record: session.row(position) for position, record in enumerate(every)}
    assert wrong == [one for one, row in rows.items() if row and (row.findings or row.over_context)]
    for text in ("invalid", "over", *(f"code:{code}" for code in by_facet), "severity:error", "severity:warning"):
        assert listed(session, text) == [one for one in every if not no_longer(session, source, one, parse(text))], text
    return by_facet


@pytest.mark.parametrize(
    ("tag", "records"),
    [
        ("ignore:CUR024", (1, 3)),
        ("ignore:cur010", (5,)),
        ("ignore:CUR006", (3, 4)),
        ("ignore:CUR021", (7, 8)),
        ("ignore:CUR999", (1, 2, 3)),
    ],
)
def test_every_way_to_count_leaves_out_what_is_excused(session: Session, tag: str, records: tuple[int, ...]) -> None:
    source = session.sources[0]
    before = agrees(session)
    session.editor.tag({source: BitMap64(records)}, tag, "tag")
    after = agrees(session)
    code = tag.removeprefix("ignore:").upper()
    excused = [one for one in records if before.get(code) and one not in listed(session, f"code:{code}")]
    assert after.get(code, 0) <= before.get(code, 0)
    assert {one: count for one, count in after.items() if one != code} == {
        one: count for one, count in before.items() if one != code
    }
    if code in before:
        assert after.get(code, 0) < before[code]
        assert excused
    session.editor.undo()
    assert agrees(session) == before


def test_a_record_that_is_excused_from_why_it_is_invalid_is_not_counted_as_invalid(session: Session) -> None:
    source = session.sources[0]
    assert session.totals.invalid == 2
    assert session.totals.over_context == 2
    billed = session.totals.billed_tokens
    for code in ("CUR000", "CUR006", "CUR010"):
        for record in session.by_rule.of(source, int(code[3:])):
            session.editor.tag({source: BitMap64([record])}, f"ignore:{code}", "tag")
    assert (session.totals.invalid, session.totals.over_context) == (0, 0)
    assert session.totals.billed_tokens == billed
    agrees(session)


def test_a_dropped_record_is_not_taken_out_twice(session: Session) -> None:
    source = session.sources[0]
    session.editor.tag({source: BitMap64([1])}, "ignore:CUR024", "tag")
    session.editor.drop({source: BitMap64([1])}, "drop")
    while not session.recount.settle(10):
        pass
    session.file_findings.follow(InlineExecutor())
    agrees(session)
