"""Facets and filters on public data sets, counted once more by hand."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.predicates.parsing import parse
from curator.engine.executors import InlineExecutor
from curator.session import Session
from curator.session.facets import Value, facet
from curator.session.filtering import matching
from curator.session.sorting import sort_keys
from curator.session.view import View
from curator.session.viewing import records_of, views
from curator.settings import Settings

MOST = 400
"""Records of each file that are looked at."""


def first_lines(shared: Path, name: str, folder: Path) -> Path:
    """A file of the first records of a data set."""
    path = shared / name
    target = folder / path.name.removesuffix(".gz")
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    target.write_bytes(b"".join(content.splitlines(keepends=True)[:MOST]))
    return target


def audited(path: Path) -> Session:
    session = Session([path], Settings(workers=-1))
    session.editor.open_journals()
    for _ in session.audit(InlineExecutor(), 1):
        pass
    return session


def messages(record: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record["messages"]
    return found


def tools(record: dict[str, Any]) -> set[str]:
    calls = (call for message in messages(record) for call in message.get("tool_calls") or ())
    return {call["function"]["name"] for call in calls}


def models(record: dict[str, Any]) -> set[str]:
    found = [record.get("model"), record.get("model_id"), (record.get("message") or {}).get("model")]
    return {one for one in found if one}


CASES: list[tuple[str, str, Callable[[dict[str, Any]], Iterable[str]]]] = [
    ("chat/sgd_dev_tools.jsonl.gz", "tool", tools),
    ("chat/datagen_tooluse_valid.jsonl.gz", "tool", tools),
    ("chat/stock_toolcall_training.jsonl", "tool", tools),
    ("chat/sgd_dev_tools.jsonl.gz", ".messages.role", lambda one: {message["role"] for message in messages(one)}),
    ("chat/sgd_dev_tools.jsonl.gz", ".id", lambda one: {one["id"]} if "id" in one else ()),
    ("formats/claude_code_representative.jsonl", "model", models),
    ("formats/mt_bench_reference_gpt4.jsonl", "model", models),
    ("formats/mt_bench_question.jsonl", ".category", lambda one: {one["category"]}),
    ("formats/mt_bench_question.jsonl", ".turns", lambda one: set(one["turns"])),
    ("formats/claude_code_representative.jsonl", ".message.role", lambda one: {one.get("message", {}).get("role")}),
]


def _plain(value: Value) -> str:
    """A value without quotes."""
    quoted = value.expression and value.words.startswith('"')
    return re.sub(r"\\(.)", r"\1", value.words[1:-1], flags=re.DOTALL) if quoted else value.words


@pytest.mark.parametrize(("name", "by", "values"), CASES)
def test_a_facet_counts_what_a_plain_count_finds(
    shared_data: Path, tmp_path: Path, name: str, by: str, values: Callable[[dict[str, Any]], Iterable[str]]
) -> None:
    path = first_lines(shared_data, name, tmp_path)
    session = audited(path)
    records = [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    expected = Counter(one for record in records for one in set(values(record)) if one is not None)
    *_, (_, found) = facet(session, by, records_of(session), InlineExecutor(), 1)
    counted = {_plain(one): one.count for one in found.values}
    named = {one: count for one, count in expected.items() if one in counted}
    assert named == {one: counted[one] for one in named}
    short = [one for one in expected if len(one) < 200 and '"' not in one and "\\" not in one and one.isprintable()]
    assert set(short) <= set(counted) or found.others
    for value in found.values[:20]:
        if value.expression:
            *_, some = matching(session, parse(value.expression), InlineExecutor(), 1)
            assert sum(map(len, some.values())) == value.count, value
    session.close()


@pytest.fixture
def tool_talk(shared_data: Path, tmp_path: Path) -> Iterator[Session]:
    session = audited(first_lines(shared_data, "chat/sgd_dev_tools.jsonl.gz", tmp_path))
    yield session
    session.close()


def test_filter_and_order_are_the_same_whichever_comes_first(tool_talk: Session) -> None:
    text, keys = "tokens > 700 and turns < 9 and role:tool", sort_keys("-turns tokens .id")

    def taken(title: str, order: str, start: View | None = None) -> View:
        *_, (_, view) = views(tool_talk, title, parse(title), sort_keys(order), InlineExecutor(), 1, start)
        return view

    def ids(view: View) -> list[int]:
        tool_talk.listing.view = view
        return [tool_talk.listing.locate(position)[1] for position in range(len(tool_talk))]

    order = " ".join(key.title for key in keys)
    at_once = ids(taken(text, order))
    filtered = taken(text, "")
    tool_talk.listing.view = filtered
    assert at_once == ids(taken(text, order, filtered))
    everything = ids(taken("", order))
    assert at_once == [one for one in everything if one in set(ids(filtered))]
    assert len(at_once) > 10
    columns = tool_talk.sources[0].opened.columns
    assert all(
        (columns.turns[one], -columns.tokens[one]) >= (columns.turns[other], -columns.tokens[other])
        for one, other in pairwise(at_once)
    )
    tool_talk.listing.view = filtered
    *_, (_, counted) = facet(tool_talk, "length", records_of(tool_talk), InlineExecutor(), 1)
    assert sum(one.count for one in counted.values) == len(at_once)
