"""The table of rules: every finding's code stands here, with its reason and source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from curator.analysis.findings import Finding, Severity
from curator.analysis.lint import conversation_rules, structure_rules
from curator.analysis.lint.view import Complaint, RecordView

Check = Callable[[RecordView], Iterable[Complaint]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `check` is None where the audit itself finds out: while reading the line, or from the token count."""

    number: int
    """The bit of a record's findings that stands for the rule; 0 to 63."""
    title: str
    reason: str
    source: str
    severity: Severity = Severity.ERROR
    check: Check | None = None
    on_extra_keys: bool = False
    """Whether just the records with top-level keys that their dialect forbids break it."""
    in_schema: bool = False
    """Whether a record that its dialect's shipped schema accepts cannot break the rule, so that it need not run."""

    @property
    def code(self) -> str:
        """How reports name the rule."""
        return f"CUR{self.number:03d}"

    @property
    def bit(self) -> int:
        """The rule's mask in a record's finding bits."""
        return 1 << self.number

    def finding(self, complaint: Complaint) -> Finding:
        """The complaint as a finding of this rule."""
        return Finding(self.code, self.severity, complaint.pointer, complaint.message)


RULES: tuple[Rule, ...] = (
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
)

BY_CODE = {rule.code: rule for rule in RULES}
BY_NUMBER = {rule.number: rule for rule in RULES}

SCHEMA, OVER_CONTEXT = BY_NUMBER[0], BY_NUMBER[10]
BLANK_LINE, CRLF = BY_NUMBER[35], BY_NUMBER[36]

ERROR_BITS = sum(rule.bit for rule in RULES if rule.severity is Severity.ERROR)
