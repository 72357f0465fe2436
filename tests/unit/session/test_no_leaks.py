"""No two records that belong together fall on different sides, by a definition that is spelt out here anew.

Records belong together that say the same, or nearly; that answer the same prompt; that begin with the same question;
that share a long exchange; and pieces that were cut out of one conversation.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.analysis.division import Division
from curator.engine.executors import InlineExecutor
from curator.records.dialects import dialect_named
from curator.records.transforms import Way, write_pieces
from curator.session import Session
from curator.session.dividing import Divided, Request, divided
from curator.settings import Settings

WAYS = {
    "turn": Way("turn"),
    "window": Way("window", turns=2),
    "overlap": Way("fit", budget=60, overlap=1),
    "pair": Way("pair"),
    "fit": Way("fit", budget=40),
}
SHARING_NOTHING = ("pair", "fit")
"""Pieces made so have no words in common: only a key, or the journal, tells that they belong together."""
TOKENS = 10
"""What a message counts for."""
KINDS = ("new", "again", "nearly", "answered anew", "begun alike", *WAYS)
TOLD_BY_WORDS = tuple(kind for kind in KINDS if kind not in SHARING_NOTHING)
RATIO = (Fraction(2), Fraction(1), Fraction(1))


class Example(NamedTuple):
    record: dict[str, Any]
    talk: int


def sentence(draw: random.Random, words: int) -> str:
    return " ".join(f"{draw.choice('bdfgklmnpr')}{draw.choice('aeiou')}{draw.randrange(900)}" for _ in range(words))


def conversation(draw: random.Random, turns: int) -> list[dict[str, str]]:
    said = [("system", "You answer."), ("user", "Hi!" if draw.random() < 0.3 else sentence(draw, 20))]
    for turn in range(turns):
        said += [("user", sentence(draw, 20))] * bool(turn) + [("assistant", sentence(draw, 20))]
    return [{"role": role, "content": text} for role, text in said]


def examples(kinds: list[str], seed: int) -> list[Example]:
    """One or several records for each kind, of conversations that are all different."""
    draw, found = random.Random(seed), []
    for talk, kind in enumerate(kinds):
        said = conversation(draw, 1 + draw.randrange(4))
        record = {"messages": said, "talk": talk, "lang": draw.choice("abc")}
        if kind in WAYS:
            found += [Example(one, talk) for one in pieces(record, WAYS[kind])]
            continue
        found.append(Example(record, talk))
        other = [*said]
        if kind == "nearly":
            words = other[-1]["content"].split()
            other[-1] = {"role": "assistant", "content": " ".join([*words[:-1], "else"])}
        elif kind == "answered anew":
            other[-1] = {"role": "assistant", "content": sentence(draw, 30)}
        elif kind == "begun alike":
            other[1:] = [{"role": "user", "content": sentence(draw, 20)}, *conversation(draw, 2)[1:]]
            said[1] = other[1]
        if kind != "new":
            found.append(Example({**record, "messages": other, "note": draw.randrange(99)}, talk))
    draw.shuffle(found)
    return found


def pieces(record: dict[str, Any], way: Way) -> Iterator[dict[str, Any]]:
    dialect = dialect_named("openai-chat")
    whole = dialect.read(record)
    lengths = [TOKENS] * len(whole.messages)
    written = write_pieces(way.split(whole, sum(lengths), lambda: lengths), record, dialect)
    yield from (dict(one) for one in written.records)


def belong_together(one: Example, other: Example) -> bool:
    """The definition."""
    said, more = (
        [(message["role"], message["content"]) for message in each.record["messages"] if message["role"] != "system"]
        for each in (one, other)
    )
    if said == more or said[:-1] == more[:-1] or one.talk == other.talk:
        return True
    if said[0] == more[0] and len(re.sub(r"\W", "", said[0][1])) >= 8:
        return True
    if any(turn[0][0] == "user" for turn in set(pairwise(said)) & set(pairwise(more))):
        return True
    mine, theirs = (set(zip(words, words[1:], words[2:], strict=False)) for words in map(words_of, (said, more)))
    return len(mine & theirs) >= 0.9 * len(mine | theirs)


def words_of(said: list[tuple[str, str]]) -> list[str]:
    return re.findall(r"\w+", " ".join(text for _, text in said).lower())


def sides_of(path: Path, request: Request) -> dict[int, int]:
    """The side of each line."""
    session = Session([path], Settings(workers=-1, accelerate=False))
    found: Divided | None = None
    for _, found in divided(session, request, InlineExecutor(), 1):  # noqa: B007 - the last counts
        pass
    assert found is not None
    sides = range(len(request.division.sides))
    lines = {
        line: side for side in sides for _, first, count in found.runs(side) for line in range(first, first + count)
    }
    session.close()
    return lines


@given(
    st.sampled_from((TOLD_BY_WORDS, KINDS)).flatmap(lambda some: st.lists(st.sampled_from(some), max_size=14)),
    st.integers(0, 1 << 30),
    st.sampled_from((Division(RATIO), Division(counts=(3,)), Division(counts=(4, 2)))),
    st.sampled_from(("", "lang")),
)
@settings(max_examples=60, deadline=None)
def test_nothing_that_belongs_together_is_parted(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], seed: int, division: Division, key: str
) -> None:
    made = examples(kinds, seed)
    path = tmp_path_factory.mktemp("leaks") / "a.jsonl"
    path.write_text("".join(json.dumps(one.record) + "\n" for one in made))
    named = any(kind in SHARING_NOTHING for kind in kinds)
    request = Request(
        Division(division.ratio, division.counts, seed), 0.8, by_key=key, together="talk" if named else ""
    )
    sides = sides_of(path, request)
    assert sorted(sides) == list(range(len(made)))
    for (row, one), (place, other) in combinations(enumerate(made), 2):
        assert sides[row] == sides[place] or not belong_together(one, other), (one, other)
