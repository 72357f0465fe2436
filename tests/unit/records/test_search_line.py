"""What is typed into the search line, and the filter that is true of the same records."""

from __future__ import annotations

import pytest

from curator.analysis.predicates import leaves
from curator.analysis.predicates.nodes import Text
from curator.analysis.predicates.parsing import parse
from curator.errors import UsageError
from curator.records.search_line import as_filter, in_words, read_search
from curator.records.searching import Search, compiled

USER = frozenset(("user",))


@pytest.mark.parametrize(
    ("typed", "search"),
    [
        ("lamp", Search("lamp")),
        ("Lamp", Search("Lamp")),
        ('"lamp"', Search("lamp", ignore_case=False)),
        ("/lam+p/", Search("lam+p", regex=True)),
        ("/lam+p/c", Search("lam+p", regex=True, ignore_case=False)),
        ("user:lamp", Search("lamp", roles=USER)),
        ("user: /a b/", Search("a b", regex=True, roles=USER)),
        ("User,tool:x", Search("x", roles=USER | {"tool"})),
        ("/usr/bin", Search("/usr/bin")),
        ('"user:x"', Search("user:x", ignore_case=False)),
        ("time: 12", Search("time: 12")),
        (" lamp ", Search(" lamp ")),
        ('"', Search('"')),
    ],
)
def test_what_is_typed(typed: str, search: Search) -> None:
    assert read_search(typed) == search


@pytest.mark.parametrize("typed", ["", "user:", "/(/"])
def test_what_is_not_understood(typed: str) -> None:
    with pytest.raises(UsageError):
        read_search(typed)


@pytest.mark.parametrize(
    "typed", ["lamp", "Lamp", '"lamp"', '"a/b"', "/lam+p/", "/lam+p/c", "user:lamp", "user,tool:a\\b", "/a\\/b/", 'a"b']
)
def test_the_filter_finds_the_same(typed: str) -> None:
    search = read_search(typed)
    found = [leaf.search for leaf in leaves(parse(as_filter(search))) if isinstance(leaf, Text)]
    assert frozenset().union(*(one.roles for one in found)) == search.roles
    for text in ("a lamp", "a Lamp", "LAMP", "lammp", "Lammp", "a/b", "A/b", "a\\b", 'a"b', "x"):
        for one in found:
            assert bool(compiled(one).search(text)) == bool(compiled(search).search(text)), (text, one)


def test_what_it_is_taken_for() -> None:
    assert in_words(read_search("lamp")) == "text, any case"
    assert in_words(read_search("Lamp")) == "text, this case"
    assert in_words(read_search('"lamp"')) == "as it stands"
    assert in_words(read_search("user:/x/")) == "regular expression, any case in user"
