"""A recipe that is made of what was done in a session does the same to the file as it was, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.analysis.predicates.parsing import parse
from curator.analysis.prints import Likeness
from curator.cli.commands import run
from curator.edits.saving import plan_save
from curator.engine.executors import InlineExecutor
from curator.records.find_replace import Replacement, Search
from curator.records.fixing import fix_named
from curator.records.short_prompt import ShortPrompt
from curator.records.transforms import Way
from curator.session import Session
from curator.session.as_recipe import number_of_steps, recipe_of
from curator.session.as_steps import mending
from curator.session.asking import asked_for, asked_of_all, splitting
from curator.session.catching_up import catch_up
from curator.session.duplicates import clusters
from curator.session.editor import Selection
from curator.session.filtering import matching
from curator.session.fixing import commit
from curator.session.fixing import preview as preview_fixes
from curator.session.listing import ALL
from curator.session.reshaping import reshape
from curator.session.saving import save
from curator.session.shortening import preview as preview_short
from curator.session.sweeping import find_changes, swept_lines
from curator.session.viewing import filtered_view, records_of
from curator.settings import Settings

FILES = ("chat/sgd_small.jsonl", "chat/oasst_en_threads.jsonl", "formats/glaive_toolcall_en_demo.json")
LONGEST = 60
"""Lines of a file that are taken."""
EXECUTOR = InlineExecutor()


class Desk:
    """Does to a file what keys on the screen do."""

    def __init__(self, path: Path) -> None:
        self.session = Session([path], Settings(workers=-1, accelerate=False))
        self.editor = self.session.editor
        self.editor.open_journals()
        self.source = self.session.sources[0]
        self.look()

    def look(self) -> None:
        """Have all figures follow."""
        if not self.session.complete:
            for _ in self.session.audit(EXECUTOR, 1):
                pass
        catch_up(self.session, EXECUTOR, 1)
        self.session.file_findings.follow(EXECUTOR)

    def filter(self, expression: str) -> Selection:
        """List what a filter finds; the records of the list."""
        self.look()
        self.session.listing.view = ALL
        if expression:
            predicate = parse(expression)
            *_, found = matching(self.session, predicate, EXECUTOR, 1)
            self.session.listing.view = filtered_view(self.session, expression, predicate, found)
        return records_of(self.session)

    def drop(self, expression: str) -> None:
        """`f`, `x`."""
        if chosen := self.filter(expression):
            self.editor.drop(chosen, "drop", asked_for(self.session, chosen))

    def replace(self, expression: str, find: str, by: str) -> None:
        """`f`, `%`."""
        chosen, replacement = self.filter(expression), Replacement(Search(find), by)
        found = {}
        for source, records in find_changes(self.session, replacement, EXECUTOR, 1):
            if here := records & chosen.get(source, records - records):
                found[source] = found.get(source, here) | here
        if found:
            self.editor.sweep(found, replacement, "replace", asked_for(self.session, chosen))

    def shorten(self, expression: str, long: str) -> None:
        """`f`, `S`."""
        chosen, prompt = self.filter(expression), ShortPrompt(long, "Brief: {rest}", begins=True)
        if not chosen:
            return
        *_, (_, found) = preview_short(self.session, prompt, EXECUTOR, 1, chosen)
        if found.changed:
            self.editor.sweep(found.records, prompt, "shorten", asked_for(self.session, chosen))

    def fix(self, expression: str, names: str) -> None:
        """`f`, `!`."""
        chosen, fixes = self.filter(expression), [fix_named(one) for one in names.split(",")]
        of = self.session.by_rule.of
        every = BitMap64().union(*(of(self.source, number) for fix in fixes for number in fix.rules))
        among = {self.source: every}
        here = {source: some & every for source, some in chosen.items() if some & every}
        if not here:
            return
        *_, (_, found) = preview_fixes(self.session, fixes, EXECUTOR, 1, here)
        if found.changed:
            asked = asked_for(self.session, here, do="fix", options=mending(fixes), among=among)
            commit(self.session, found, asked)

    def split(self, expression: str, way: Way) -> None:
        """`f`, `s`."""
        chosen = self.filter(expression)
        asked = asked_for(self.session, chosen, do="split", options=splitting(way))
        if not chosen:
            return
        records = [
            self.session.record_of(self.source, one)
            for one in self.session.listing.in_file_order(self.source, chosen[self.source])
        ]
        shaped = reshape([one.line for one in records], way, self.session.spec(self.source.opened))
        splits = [([record], one.pieces) for record, one in zip(records, shaped, strict=True) if one.pieces]
        if splits:
            self.editor.replace_each(splits, "split", asked)

    def dedupe(self, near: float, by: str, keep: str) -> None:
        """`D`, `F`."""
        self.look()
        *_, (_, found) = clusters(self.session, Likeness(by, near), EXECUTOR, 1)
        assert found is not None
        if dropped := found.dropped(keep):
            options = {"by": by, **({"near": near} if near else {}), "keep": keep}
            self.editor.drop(dropped, "dedupe", asked_of_all(self.session, do="dedupe", options=options))

    def save(self) -> bytes:
        """`ctrl+s`."""
        save(
            self.session,
            self.source,
            plan_save(self.source.edited, lines=swept_lines(self.source.edited, EXECUTOR, 1)),
        )
        return self.source.opened.path.read_bytes()


FILTERS = (
    "tokens > 300", "tokens < 80", "messages > 6", "assistant ~ the", "not user ~ /[0-9]/", "turns = 1 or has:tools",
    "code:CUR018 or tokens > 500", "", "role:system",
)  # fmt: skip
WAYS = (Way("turn"), Way("pair"), Way("pair", with_system=False), Way("window", turns=2), Way("fit", budget=200))

filters = st.sampled_from(FILTERS)
steps = st.one_of(
    st.tuples(st.just("drop"), st.sampled_from([one for one in FILTERS if one])),
    st.tuples(st.just("replace"), filters, st.sampled_from(("the", "you", "I ")), st.sampled_from(("THE", "", "“q”"))),
    st.tuples(st.just("shorten"), filters, st.sampled_from(("You", "A "))),
    st.tuples(
        st.just("fix"),
        filters,
        st.sampled_from(("spaces", "spaces,weights", "duplicates", "spaces,same-role,last-answer")),
    ),
    st.tuples(st.just("split"), filters, st.sampled_from(WAYS)),
    st.tuples(
        st.just("dedupe"),
        st.sampled_from((0.0, 0.7)),
        st.sampled_from(("record", "prompt")),
        st.sampled_from(("first", "longest")),
    ),
)


SPELLINGS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    lambda content: content.replace(b"\n", b"\r\n"),
    lambda content: content.removesuffix(b"\n"),
    lambda content: b"\xef\xbb\xbf" + content,
    lambda content: b"\n" + content.replace(b"\n", b"\n \n", 3) + b"broken\n",
)
"""As it is, with other line ends, without the last, with a byte order mark, with blank and broken lines."""


def lines_of(path: Path) -> bytes:
    """Some lines of a file; the items of an array as lines."""
    content = path.read_bytes()
    if path.suffix == ".jsonl":
        return b"".join(content.splitlines(keepends=True)[:LONGEST])
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in json.loads(content)[:LONGEST])


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    done=[
        ("replace", "tokens > 300", "the", "THE"),
        ("shorten", "", "You"),
        ("fix", "turns > 2", "spaces"),
        ("drop", "tokens < 80"),
        ("split", "messages > 6", Way("window", turns=2)),
        ("drop", "not user ~ /[0-9]/"),
        ("dedupe", 0.7, "record", "longest"),
    ],
    spelling=bytes,
)
@given(done=st.lists(steps, min_size=1, max_size=5), spelling=st.sampled_from(SPELLINGS))
def test_a_recipe_replays_to_the_bytes_of_the_save(
    name: str,
    done: list[tuple[object, ...]],
    spelling: Callable[[bytes], bytes],
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    path, original = folder / "a.jsonl", folder / "original.jsonl"
    original.write_bytes(spelling(lines_of(shared_data / name) * 2))
    path.write_bytes(original.read_bytes())
    desk = Desk(path)
    for what, *options in done:
        getattr(desk, str(what))(*options)
    told, batches = number_of_steps(desk.source.edited)
    recipe = recipe_of(desk.source, datetime(2026, 11, 24, 12))
    assert told == batches, recipe
    assert "may find others" not in recipe and "that it fits" not in recipe
    if not batches:
        return
    expected = desk.save()
    desk.session.close()
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    run("run", [str(folder / "recipe.toml"), str(original), "-o", str(folder / "out.jsonl"), "--workers", "inline"])
    assert (folder / "out.jsonl").read_bytes() == expected, recipe
