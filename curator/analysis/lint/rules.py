"""The table of rules: every finding's code stands here, with its reason and source."""

from __future__ import annotations

from curator.analysis.findings import Severity
from curator.analysis.lint import conversation_rules, structure_rules
from curator.analysis.lint.file_rules import FILE_RULES
from curator.analysis.lint.rule import Rule
from curator.analysis.lint.target_rules import TARGET_RULES

RULES: tuple[Rule, ...] = (
    *FILE_RULES,
    Rule(
        0,
        "violates the JSON Schema",
        "The trainer's own schema, or yours, rejects the record.",
        "the schema in use",
    ),
    Rule(
        1,
        "record is not an object",
        "Each line has to be one JSON object; trainers stop at anything else.",
        "OpenAI cookbook, chat data preparation",
        check=structure_rules.not_an_object,
        in_schema=True,
    ),
    Rule(
        2,
        "no `messages` list",
        "A chat record without `messages` cannot be parsed as an example.",
        "OpenAI cookbook, chat data preparation",
        check=structure_rules.no_messages_list,
        in_schema=True,
    ),
    Rule(
        3,
        "message without role or content",
        "Every message needs a role, and content unless it makes a tool or function call.",
        "OpenAI cookbook, chat data preparation",
        check=structure_rules.message_without_role_or_content,
        in_schema=True,
    ),
    Rule(
        5,
        "unknown role",
        "The target knows a fixed set of roles; a misspelt one fails the whole file.",
        "OpenAI cookbook, chat data preparation",
        check=structure_rules.unknown_role,
        in_schema=True,
    ),
    Rule(
        7,
        "no assistant message",
        "Without an assistant message there is nothing to learn in the example.",
        "OpenAI cookbook, chat data preparation",
        check=conversation_rules.no_assistant_message,
    ),
    Rule(
        9,
        "extra top-level key",
        "Supervised fine-tuning rejects keys that it does not know.",
        "OpenAI's fine-tuning schema",
        check=structure_rules.extra_top_level_key,
        on_extra_keys=True,
    ),
    Rule(
        10,
        "over the longest example",
        "An over-long example is cut from its end, so what is lost is the answer that was to be learnt.",
        "OpenAI, fine-tuning best practices",
    ),
    Rule(
        13,
        "weight is not 0 or 1, or not on an assistant message",
        "`weight` masks an assistant message (0) or trains it (1); nothing else is accepted.",
        "OpenAI's fine-tuning schema",
        check=structure_rules.misplaced_weight,
        in_schema=True,
    ),
    Rule(33, "not JSON", "The line cannot be parsed, and services reject the whole file for it.", "RFC 8259"),
    Rule(34, "not UTF-8", "JSON Lines is UTF-8; the line's text cannot be known.", "RFC 8259, section 8.1"),
    Rule(
        35,
        "blank line",
        "Some readers stop at a blank line, others count it as a record.",
        "JSON Lines",
        Severity.WARNING,
    ),
    Rule(
        36,
        "line ends in CRLF",
        "Some readers keep the carriage return as part of the record.",
        "JSON Lines",
        Severity.WARNING,
    ),
    *TARGET_RULES,
)

BY_CODE = {rule.code: rule for rule in RULES}
BY_NUMBER = {rule.number: rule for rule in RULES}

SCHEMA, OVER_CONTEXT = BY_NUMBER[0], BY_NUMBER[10]
BLANK_LINE, CRLF = BY_NUMBER[35], BY_NUMBER[36]
