"""curator check: findings, one a line, and an exit code."""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from curator.analysis.findings import Finding, Severity
from curator.analysis.lint.rules import BLANK_LINE, BY_CODE
from curator.analysis.report import Flag
from curator.analysis.totals import Totals
from curator.cli import options, output
from curator.cli.audit_run import audited, beyond_limits
from curator.cli.check_fix import add_fixing, asks_for_fixes, fix_files
from curator.cli.check_groups import report_groups
from curator.cli.edited_file import Excused, excused, tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.session import Place as RecordPlace
from curator.session import Session

HELP = "report what is wrong, and exit 1 if there are errors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator check`."""
    options.add_files(parser)
    parser.add_argument(
        "--format", choices=sorted(FORMATS), default="text", help="how findings are written (default: text)"
    )
    parser.add_argument(
        "--fail-on", choices=[one.value for one in Severity], default="error", help="what makes the exit code 1"
    )
    parser.add_argument(
        "--group", action="store_true", help="one line for all findings of one cause, with their number and an example"
    )
    add_fixing(parser)
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is."""

    path: Path
    line: int
    """Counted from 1; 0 for the file as a whole."""
    record: int | None
    """Counted from 1 over lines that are not blank; None for a blank one, and for the file."""


def run(arguments: argparse.Namespace) -> Exit:
    """Audit the files and report each finding; with `--fix`, those that are left."""
    if asks_for_fixes(arguments):
        return fix_files(arguments, lambda path: _checked(arguments, [path]))
    return _checked(arguments)


def _checked(arguments: argparse.Namespace, paths: list[Path] | None = None) -> Exit:
    with opened_session(arguments, paths=paths) as session:
        if arguments.group:
            return report_groups(session, arguments.format, Severity(arguments.fail_on))
        return _report(session, FORMATS[arguments.format], Severity(arguments.fail_on))


def _report(session: Session, written: Callable[[Place, Finding], str], fail_on: Severity) -> Exit:
    seen: Counter[Severity] = Counter()
    blanks = 0
    passed_over = excused(session)
    for path, first_line, findings in audited(session, explain=True, whole=True):
        blanks = blanks if first_line else 0
        blank_lines = [line for line, finding in findings if finding.code == BLANK_LINE.code]
        for line, finding in findings:
            if passed_over[path].get(first_line + line, 0) & BY_CODE[finding.code].bit:
                continue
            before = bisect_left(blank_lines, line)
            blank = blank_lines[before : before + 1] == [line]
            number = first_line + line + 1
            seen[finding.severity] += 1
            output.data(written(Place(path, number, None if blank else number - blanks - before), finding))
        blanks += len(blank_lines)
    for path, finding in beyond_limits(session):
        seen[finding.severity] += 1
        output.data(written(Place(path, 0, None), finding))
    for place, finding in file_wide(session, passed_over):
        seen[finding.severity] += 1
        output.data(written(place, finding))
    output.talk(_summary(session.totals, seen))
    tell_unsaved(session, "check")
    failing = seen[Severity.ERROR] + (seen[Severity.WARNING] if fail_on is Severity.WARNING else 0)
    return Exit.FINDINGS if failing else Exit.CLEAN


def file_wide(session: Session, passed_over: Excused) -> Iterator[tuple[Place, Finding]]:
    """What was found by looking at whole files: of each file first what is to be said of its records."""
    for source in session.sources:
        flags, after, record = source.opened.columns.flags, 0, 0
        for line in source.file_wide.any:
            record += sum(not flag & Flag.BLANK for flag in flags[after : line + 1])
            after = line + 1
            for finding in session.file_findings.of_record(RecordPlace(source.number, line), _line):
                if not passed_over[source.opened.path].get(line, 0) & BY_CODE[finding.code].bit:
                    yield Place(source.opened.path, line + 1, record), finding
        for finding in source.file_wide.on_file:
            yield Place(source.opened.path, 0, None), finding


def _line(place: RecordPlace) -> str:
    return f"line {place.id + 1:,}"


def _number(seen: Counter[Severity], severity: Severity) -> str:
    return f"{seen[severity]:,} {severity.value}{'s' * (seen[severity] != 1)}"


def _summary(totals: Totals, seen: Counter[Severity]) -> str:
    of = output.counted(totals.records, "record")
    if not seen:
        return f"{of}, nothing found."
    return f"{of}, {_number(seen, Severity.ERROR)}, {_number(seen, Severity.WARNING)}."


def as_text(place: Place, finding: Finding) -> str:
    """`file:line: CODE place: message`, with the JSON pointer."""
    where = f" (at {finding.pointer})" if finding.pointer else f" (column {finding.column})" if finding.column else ""
    line = f":{place.line}" if place.line else ""
    return output.printable(f"{place.path}{line}: {finding.code} {finding.sentence}{where}")


def as_json(place: Place, finding: Finding) -> str:
    """One JSON object."""
    return json.dumps(
        {
            "path": str(place.path),
            "line": place.line or None,
            "record": place.record,
            "code": finding.code,
            "severity": finding.severity.value,
            "pointer": finding.pointer,
            "place": finding.place,
            "message": finding.message,
        }
    )


def as_github(place: Place, finding: Finding) -> str:
    """A workflow command that annotates the line on GitHub (its documentation, "Workflow commands")."""
    path = _escaped(output.printable(str(place.path))).replace(":", "%3A").replace(",", "%2C")
    where = f" (at {finding.pointer})" if finding.pointer else ""
    message = _escaped(output.printable(f"{finding.sentence}{where}"))
    line = f",line={place.line}" if place.line else ""
    return f"::{finding.severity.value} file={path}{line},title={finding.code}::{message}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


FORMATS: dict[str, Callable[[Place, Finding], str]] = {"text": as_text, "json": as_json, "github": as_github}
