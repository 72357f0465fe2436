"""Totals: additive over any split of the lines, and right again after another limit."""

from __future__ import annotations

from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.lint.rules import OVER_CONTEXT, RULES
from curator.analysis.report import Columns, Flag
from curator.analysis.totals import Totals
from curator.records.dialects import DIALECTS

COLUMN_TYPES = "IIIIQQBB"

line = st.tuples(
    st.integers(0, 50),
    st.integers(0, 25),
    st.integers(0, 200_000),
    st.integers(0, 100_000),
    st.sets(st.sampled_from([rule.bit for rule in RULES if rule is not OVER_CONTEXT])).map(sum),
    st.integers(0, 2**64 - 1),
    st.sampled_from([0, Flag.BLANK, Flag.MALFORMED, Flag.INVALID, Flag.ESTIMATED, Flag.ESTIMATED | Flag.HAS_IMAGES]),
    st.integers(0, len(DIALECTS) - 1),
)
lines = st.lists(line, max_size=40)
limit = st.sampled_from([0, 1, 4096, 65_536])


def columns_of(rows: list[tuple[int, ...]]) -> Columns:
    by_column = list(zip(*rows, strict=True)) or [()] * len(COLUMN_TYPES)
    return Columns(*(array(kind, values) for kind, values in zip(COLUMN_TYPES, by_column, strict=True)))


def totals_of(rows: list[tuple[int, ...]], most: int) -> Totals:
    totals = Totals()
    totals.add(columns_of(rows), most)
    return totals


@given(lines, st.lists(st.integers(0, 40)), limit)
def test_totals_of_the_parts_make_those_of_the_whole(rows: list[tuple[int, ...]], cuts: list[int], most: int) -> None:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    merged, added = Totals(), Totals()
    for start, end in pairwise(edges):
        merged.merge(totals_of(rows[start:end], most))
        added.add(columns_of(rows[start:end]), most)
    assert merged == added == totals_of(rows, most)


@given(lines, limit, limit)
def test_another_limit_gives_what_a_fresh_sum_gives(rows: list[tuple[int, ...]], before: int, after: int) -> None:
    totals, limited = totals_of(rows, before), Totals()
    limited.add_limited(columns_of(rows), after)
    totals.take_limited(limited)
    assert totals == totals_of(rows, after)


@given(lines, limit)
def test_every_sum_is_the_plain_one(rows: list[tuple[int, ...]], most: int) -> None:
    totals = totals_of(rows, most)
    tokens = [row[2] for row in rows]
    flags = [row[6] for row in rows]
    over = [one for one in tokens if most and one > most]
    assert totals.lines == len(rows)
    assert totals.records == sum(flag != Flag.BLANK for flag in flags)
    assert totals.examples == sum(flag not in (Flag.BLANK, Flag.MALFORMED) for flag in flags)
    assert totals.tokens == sum(tokens)
    assert totals.billed_tokens == sum(min(one, most or one) for one in tokens)
    assert totals.over_context == totals.findings[OVER_CONTEXT.code] == len(over)
    assert totals.with_images == sum(bool(flag & Flag.HAS_IMAGES) for flag in flags)
    assert totals.dialects.total() == totals.examples
    for rule in RULES:
        if rule is not OVER_CONTEXT:
            assert totals.findings[rule.code] == sum(bool(row[4] & rule.bit) for row in rows)
