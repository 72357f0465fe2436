"""A search as it is typed: `lamp`, `"Lamp"`, `/lam+p/`, and `user:` or `tools:` before any of them; there and back."""

from __future__ import annotations

import re
from dataclasses import replace

from curator.records.said import KEYS, TEXT, TOOLS
from curator.records.searching import Search, compiled, escaped

ANYWHERE = "any"
"""In filters, what stands for all that the reader shows."""
ROLES = ("system", "developer", "user", "assistant", "tool", "function")

PLACES = {
    TEXT: "what any message says, and the tools it calls",
    **{role: f"what messages by {role} say" for role in ROLES},
    TOOLS: "what the reader shows of declared tools",
    KEYS: "other keys of the record",
}
"""Where something can be looked for, with what that means."""

_PLACE = "|".join(PLACES)
_PLACES = re.compile(rf"\s*((?:{_PLACE})(?:,(?:{_PLACE}))*):\s*", re.IGNORECASE)
_REGEX = re.compile(r"/(.+)/(c?)", re.DOTALL)
_QUOTED = re.compile(r'"(.+)"', re.DOTALL)


def read_search(typed: str) -> Search:
    """What was typed, as what is looked for. Raises UsageError where that is nothing, or is not understood.

    Between slashes stands a regular expression, for which case matters with a `c` behind the second one; what stands
    between quotes is looked for as it is, in this case. Else case matters only if there is an upper-case letter.
    """
    given = _PLACES.match(typed)
    roles = frozenset(given[1].lower().split(",")) if given else frozenset[str]()
    text = typed[given.end() :] if given else typed
    if pattern := _REGEX.fullmatch(text):
        search = Search(pattern[1], regex=True, ignore_case=False if pattern[2] else None, roles=roles)
    elif quoted := _QUOTED.fullmatch(text):
        search = Search(quoted[1], ignore_case=False, roles=roles)
    else:
        search = Search(text, roles=roles)
    compiled(search)
    return search


def as_filter(search: Search) -> str:
    """The filter that is true of the records in which something is found."""
    exact = search.ignore_case is False and replace(search, ignore_case=None).ignores_case
    if search.regex or exact:
        pattern = search.pattern if search.regex else escaped(search.pattern)
        body = re.sub(
            r"\\.|/", lambda one: one[0].replace("/", "\\/") if one[0] == "/" else one[0], pattern, flags=re.DOTALL
        )
        written = f"/(?-i:{body})/" if exact else f"/{body}/"
    else:
        written = '"' + search.pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return " or ".join(f"{role}~{written}" for role in sorted(search.roles) or [ANYWHERE])


def in_words(search: Search) -> str:
    """What is looked for, in a few words behind the line that it is typed in."""
    what = "regular expression" if search.regex else "as it stands" if search.ignore_case is False else "text"
    case = (
        ""
        if search.ignore_case is False and not search.regex
        else ", any case"
        if search.ignores_case
        else ", this case"
    )
    where = f" in {', '.join(sorted(search.roles))}" if search.roles else ""
    return f"{what}{case}{where}"
