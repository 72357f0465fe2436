"""Tokens by role add up to those of the audit, whatever the dialect."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes, cut_lines
from curator.analysis.counting import counting_of
from curator.analysis.prices import load_price_book
from curator.analysis.report import AuditSpec
from curator.analysis.role_tokens import RoleTokens, role_tokens_of
from curator.engine.executors import InlineExecutor
from curator.records.sniffing import detect
from curator.session import Session
from curator.session.role_sums import by_role
from curator.settings import Settings

COUNTING = counting_of(load_price_book().resolve("gpt-4o"))


def spec(dialect: str = "openai-chat") -> AuditSpec:
    return AuditSpec(COUNTING, dialect, accelerate=False)


def numbers(sums: RoleTokens) -> dict[str, int]:
    return {one.name: getattr(sums, one.name) for one in fields(sums) if one.name != "disagreement"}


def line(*messages: tuple[str, str], **more: object) -> bytes:
    return json.dumps({"messages": [{"role": role, "content": text} for role, text in messages], **more}).encode()


def test_each_message_counts_for_its_role() -> None:
    said = [("system", "Be brief."), ("developer", "Be."), ("user", "Why?"), ("assistant", "So."), ("tool", "{}")]
    tool = {"type": "function", "function": {"name": "why", "description": "Says why"}}
    sums = role_tokens_of([line(*said, ("critic", "No."), tools=[tool])], spec())
    assert all(numbers(sums).values())
    assert sums.trained == 2
    assert sums.untrained == 3 + 1
    assert sums.user == 3 + 1 + 2
    unweighted = json.loads(line(*said))
    unweighted["messages"][3]["weight"] = 0
    again = role_tokens_of([json.dumps(unweighted).encode(), b"", b"{", b"[]"], spec())
    assert (again.trained, again.untrained, again.declared) == (0, 2 + 3 + 1, 0)


@pytest.mark.parametrize("name", ["alpaca", "examiner", "preference", "prompt_completion", "sharegpt", "tools", "trl"])
def test_every_dialect_has_the_tokens_of_the_audit(project: Path, name: str) -> None:
    content = (project / "samples" / f"{name}.jsonl").read_bytes()
    asked = spec(detect(content.split(b"\n")).dialect.name)
    columns = analyse_bytes(content, asked).columns
    sums = role_tokens_of(cut_lines(content), asked)
    assert sum(numbers(sums).values()) == sum(columns.tokens)
    assert sums.trained == sum(columns.trained)


messages = st.tuples(st.sampled_from(["system", "user", "assistant", "tool"]), st.text(max_size=9))


@given(st.lists(st.lists(messages, max_size=4).map(lambda some: line(*some)), max_size=6), st.integers(0, 6))
def test_sums_are_additive_over_records(lines: list[bytes], at: int) -> None:
    whole, parts = role_tokens_of(lines, spec()), role_tokens_of(lines[:at], spec())
    parts.merge(role_tokens_of(lines[at:], spec()))
    assert numbers(parts) == numbers(whole)


def test_records_are_counted_as_they_are_now(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(line(("user", "word " * n), ("assistant", "So.")) for n in range(9)))
    session = Session([path], Settings(workers=-1, accelerate=False))
    try:
        source = session.sources[0]
        session.editor.open_journals()
        source.opened.index.finish()
        session.editor.drop({source: BitMap64([8])}, "drop")
        session.editor.rewrite(session.record(0), line(("system", "New."), ("assistant", "So.")), "edit")
        *_, (share, sums) = by_role(session, InlineExecutor(), 1)
        assert share == 1.0
        assert (sums.system, sums.trained) == (3 + 1 + 2, 8 * 2)
        *_, (_, some) = by_role(session, InlineExecutor(), 1, {source: BitMap64([0, 8])})
        assert (some.system, some.user, some.trained) == (6, 0, 2)
    finally:
        session.close()
