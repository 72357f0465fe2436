"""What is known of the shown record, above it: its figures, and what is wrong with it."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from curator.analysis.findings import Finding, Severity
from curator.tui.visible import one_line
from curator.tui.widgets.strips import strip_of

MOST_FINDINGS = 3
LONGEST_FINDING = 400


class RecordHeader(Widget):
    """A summary line and the first findings, one a line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"record-header--error", "record-header--warning", "record-header--quiet"}

    summary: reactive[str] = reactive("")
    findings: reactive[tuple[Finding, ...]] = reactive((), layout=True)

    def watch_findings(self, findings: tuple[Finding, ...]) -> None:
        """As high as what there is to say."""
        self.styles.height = 1 + min(len(findings), MOST_FINDINGS)

    def render_line(self, y: int) -> Strip:
        """The summary, then the findings."""
        width = self.size.width
        if y == 0:
            return strip_of([(self.summary, Style(bold=True))], width, self.rich_style)
        place = y - 1
        if place >= len(self.findings):
            return Strip.blank(width, self.rich_style)
        finding = self.findings[place]
        error = finding.severity is Severity.ERROR
        style = self.get_component_rich_style(f"record-header--{finding.severity.value}", partial=True)
        hidden = len(self.findings) - MOST_FINDINGS
        more = f" and {hidden:,} more " if hidden > 0 and y == MOST_FINDINGS else " "
        text = f" {'✗' if error else '!'} {one_line(sentence(finding), LONGEST_FINDING)}"
        quiet = self.get_component_rich_style("record-header--quiet", partial=True)
        return strip_of([(text, style)], width, self.rich_style, [(f"{more}{finding.code} ", quiet)])


def sentence(finding: Finding) -> str:
    """The finding with its place in words: `message 4: the tool arguments ...`."""
    tokens = finding.pointer.split("/")[1:]
    for place, token in enumerate(tokens):
        if token.isdecimal() and place and tokens[place - 1] in ("messages", "conversations"):
            rest = "/".join(tokens[place + 1 :])
            return f"message {int(token) + 1}{f', {rest}' if rest else ''}: {finding.message}"
    return f"{'/'.join(tokens)}: {finding.message}" if tokens else finding.message
