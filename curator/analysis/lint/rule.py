"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from curator.analysis.findings import Finding, Severity
from curator.analysis.lint.signs import Sign
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
    """How bad it is where neither the target nor the user says otherwise."""
    check: Check | None = None
    bad: str = ""
    """A line that breaks the rule; of a rule that looks at the whole file, several."""
    good: str = ""
    """What is right instead."""
    also: tuple[int, ...] = ()
    """Rules that `bad` cannot but break as well."""
    on_by_default: bool = True
    on_extra_keys: bool = False
    """Whether just the records with top-level keys that their dialect forbids break it."""
    in_schema: bool = False
    """Whether a record that its dialect's shipped schema accepts cannot break the rule, so that it need not run."""
    beyond_text: bool = False
    """Whether a record whose messages are nothing but plain roles and texts cannot break it."""
    sign: Sign | None = None
    """What stands in the texts of each record that breaks the rule, so that most need not be looked at."""
    by_order: bool = False
    """Whether a conversation whose roles follow one another as they should cannot break it."""

    @property
    def code(self) -> str:
        """How reports name the rule."""
        return f"CUR{self.number:03d}"

    @property
    def bit(self) -> int:
        """The rule's mask in a record's finding bits."""
        return 1 << self.number

    def finding(self, complaint: Complaint, severity: Severity) -> Finding:
        """The complaint as a finding of this rule."""
        return Finding(self.code, severity, complaint.pointer, complaint.message)


HELLO = '{"role": "user", "content": "Hello"}'
HI = '{"role": "assistant", "content": "Hi."}'


def example(*messages: str, more: str = "") -> str:
    """A record in OpenAI's chat form, of the JSON texts of its messages and of what stands behind them."""
    return f'{{"messages": [{", ".join(messages)}]{more}}}'


GOOD = example(HELLO, HI)
