"""The table of rules: every finding's code stands here, with its reason and source."""

from __future__ import annotations

from difflib import get_close_matches

from curator.analysis.lint import lines, pictures, private, shape, talk, texts, tools
from curator.analysis.lint.file_rules import FILE_RULES
from curator.analysis.lint.rule import GOOD, Rule, example
from curator.analysis.lint.target_rules import TARGET_RULES
from curator.errors import UsageError

OVER_CONTEXT = Rule(
    10,
    "over the longest example",
    "An over-long example is cut from its end, so what is lost is the answer that was to be learnt.",
    "OpenAI, fine-tuning best practices",
    bad=example(
        '{"role": "user", "content": "Count, and go on to a number of which nobody has ever heard before."}',
        '{"role": "assistant", "content": "One, two, three, four, five, six, seven, eight, nine, ten, eleven."}',
    ),
    good=GOOD,
)

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *shape.RULES,
            *talk.RULES,
            *tools.RULES,
            *texts.RULES,
            *private.RULES,
            *pictures.RULES,
            *lines.RULES,
            *FILE_RULES,
            *TARGET_RULES,
            OVER_CONTEXT,
        ),
        key=lambda rule: rule.number,
    )
)

BY_CODE = {rule.code: rule for rule in RULES}
BY_NUMBER = {rule.number: rule for rule in RULES}

SCHEMA = BY_NUMBER[0]
BLANK_LINE, CRLF, BYTE_ORDER_MARK_FOUND = BY_NUMBER[35], BY_NUMBER[36], BY_NUMBER[37]


def rule_named(code: str, origin: str = "") -> Rule:
    """The rule of a code, in capitals or not. Raises UsageError with the nearest; `origin` says who named it."""
    rule = BY_CODE.get(code.upper())
    if rule is None:
        near = get_close_matches(code.upper().replace("O", "0"), BY_CODE, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"{origin}there is no rule {code!r}; {hint}`curator rules` lists them.")
    return rule
