"""The fixes that look at one record, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from curator.errors import UsageError
from curator.records.fixing import keys, talk
from curator.records.fixing.fix import Fix
from curator.records.fixing.lines import BLANK_LINES, CRLF, DUPLICATES

FIXES: tuple[Fix, ...] = (
    BLANK_LINES,
    DUPLICATES,
    CRLF,
    Fix("arguments", "turn the arguments of calls into JSON text", frozenset((15,)), apply=keys.arguments_to_text),
    Fix("weights", "write weights as 0 or 1, on assistant messages only", frozenset((13,)), apply=keys.tidy_weights),
    Fix(
        "unknown-keys",
        "remove keys that the format does not know",
        frozenset((4, 9)),
        "what stands under these keys is lost",
        keys.remove_unknown_keys,
    ),
    Fix(
        "mojibake",
        "decode garbled text by the right encoding",
        frozenset((28,)),
        "the encoding is guessed",
        talk.mend_mojibake,
    ),
    Fix("spaces", "trim blanks at the ends of texts", frozenset((24,)), apply=talk.trim_spaces),
    Fix("empty-messages", "drop messages that say nothing", frozenset((24,)), apply=talk.drop_empty_messages),
    Fix(
        "same-role",
        "make one message of those that follow each other in one role",
        frozenset((12,)),
        "two turns become one",
        talk.merge_same_role,
    ),
    Fix(
        "last-answer",
        "drop messages behind the last answer",
        frozenset((11,)),
        "these messages are lost",
        talk.drop_after_last_answer,
    ),
)

_BY_NAME = {fix.name: fix for fix in FIXES}


def fix_named(name: str) -> Fix:
    """The fix of that name. Raises UsageError with the nearest name."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = get_close_matches(name, _BY_NAME, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_BY_NAME)}."
    raise UsageError(f"There is no fix {name!r}; {hint}")


def fixes_of(rules: Collection[int]) -> tuple[Fix, ...]:
    """The fixes of what rules of these numbers find, in the order in which they are applied."""
    return tuple(fix for fix in FIXES if fix.rules & frozenset(rules))
