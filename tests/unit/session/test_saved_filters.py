"""Filters are saved into a settings file of which nothing else changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UnreadableError, UsageError
from curator.session.earlier_lines import EarlierLines
from curator.session.saved_filters import save_filter, with_filter
from curator.settings import load_settings

FILES = (
    "",
    "# mine\nmodel = 'gpt-4.1-mini'\n",
    "[filters]\nold = 'tokens > 1'  # kept\n\n# lint\n[lint]\n",
    "\r\n[ filters ] # here\r\nlong = 'x'\r\n\r\n",
    "[filters]",
    "[filters]\n\"long\" = 'tokens'\nother = 'edited'",
    "epochs = 3",
)


@pytest.mark.parametrize("before", FILES)
@given(expression=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_the_filter_is_there_and_all_other_lines_stay(before: str, expression: str) -> None:
    after = with_filter(before, "long", expression)
    known = tomllib.loads(before)
    assert tomllib.loads(after) == {**known, "filters": {**known.get("filters", {}), "long": expression}}
    kept = [line for line in before.splitlines() if not line.replace('"', "").startswith("long")]
    assert [line for line in after.splitlines() if line in kept][: len(kept)] == kept


def test_it_is_written_read_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "curator" / "curator.toml"
    save_filter(path, "long", "tokens > 1")
    save_filter(path, "long", "tokens > 4000")
    save_filter(path, "short", 'not @long and tag:"two words"')
    assert load_settings({}).named_filters == {"long": "tokens > 4000", "short": 'not @long and tag:"two words"'}
    assert [one.name for one in path.parent.iterdir()] == ["curator.toml"]


def test_what_cannot_be_saved_is_told(tmp_path: Path) -> None:
    path = tmp_path / "curator.toml"
    with pytest.raises(UsageError, match="cannot be called 'two words'"):
        save_filter(path, "two words", "edited")
    path.write_text("filters = {long = 'edited'}\n")
    with pytest.raises(UsageError, match="by hand"):
        save_filter(path, "long", "new")
    assert path.read_text() == "filters = {long = 'edited'}\n"
    path.write_bytes(b"\xff")
    with pytest.raises(UnreadableError):
        save_filter(path, "long", "new")


def test_earlier_filters_are_kept_and_lost_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "state" / "filters.json"
    earlier = EarlierLines("filters", path)
    for one in ("a", "b", "a", " "):
        earlier.add(one)
    assert EarlierLines("filters", path).lines == ["b", "a"]
    path.write_text("{broken")
    assert EarlierLines("filters", path).lines == []
    assert EarlierLines("filters", tmp_path / "filters" / "none").lines == []


def test_what_another_program_adds_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "searches.json"
    one, other = EarlierLines("searches", path), EarlierLines("searches", path)
    one.add("lamp")
    other.add("chair")
    assert EarlierLines("searches", path).lines == ["lamp", "chair"]
