"""curator stats: the totals of some files."""

from __future__ import annotations

import argparse
import json
from typing import Any

from curator.analysis.lint.rules import BY_CODE
from curator.analysis.model_choice import notes_on
from curator.analysis.totals import tokens_per_record
from curator.cli import options, output
from curator.cli.audit_run import audited
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.session import Session, dollars
from curator.session.working_source import WorkingSource

HELP = "sum up records, tokens and the cost of training"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator stats`."""
    options.add_files(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Audit the files and write the totals."""
    with opened_session(arguments) as session:
        for _ in audited(session, whole=True):
            pass
        answer = summary(session)
        tell_unsaved(session, arguments.command)
        if arguments.json:
            output.data(json.dumps(answer, indent=2))
        else:
            write_text(session, answer)
        for note in notes_on(session.model, own_tokenizer=bool(session.aim.tokenizer)):
            output.talk(note)
    return Exit.CLEAN


def summary(session: Session) -> dict[str, Any]:
    """All figures, under the keys of the JSON form."""
    totals = session.totals
    cost = session.cost(totals)
    return {
        "files": [_file(one) for one in session.sources],
        "records": totals.records,
        "malformed": totals.malformed,
        "messages": totals.messages,
        "tokens": totals.tokens,
        "trained_tokens": totals.trained_tokens,
        "billed_tokens": totals.billed_tokens,
        "estimated_records": totals.estimated,
        "over_context": totals.over_context,
        "invalid": totals.invalid,
        "findings": {code: count for code, count in sorted(totals.findings.items()) if count},
        "tokens_per_record": tokens_per_record(one.columns for one in session.data.sources),
        "over_limits": [{"path": str(path), "message": sentence} for path, sentence in session.over_limits()],
        "target": session.settings.target or None,
        "tokenizer": session.settings.tokenizer or None,
        "estimated": session.estimated or bool(totals.estimated),
        "model": session.model.id,
        "encoding": session.model.encoding,
        "counter": session.counter,
        "edition": session.model.edition,
        "longest_example": session.limit or None,
        "epochs": cost.epochs,
        "cost": {
            "training": None if cost.training is None else format(cost.training, "f"),
            "currency": session.currency,
        },
    }


def _file(source: WorkingSource) -> dict[str, Any]:
    opened = source.opened
    return {
        "path": str(opened.path),
        "bytes": opened.source.size,
        "lines": opened.totals.lines,
        "records": opened.totals.records,
        "malformed": opened.totals.malformed,
        "blank": opened.totals.blank,
        "dialects": dict(opened.totals.dialects),
        "findings": [
            {"code": one.code, "severity": one.severity.value, "message": one.message}
            for one in source.file_wide.on_file
        ],
    }


def write_text(session: Session, answer: dict[str, Any]) -> None:
    """The figures for people, one a line."""
    for opened in session.data.sources:
        output.data(output.printable(f"{opened.path}: {session.file_dialect(opened).name}, {session.reason(opened)}"))
    about = "≈" if session.estimated else ""
    estimate = f" ({answer['estimated_records']:,} records estimated)" if answer["estimated_records"] else ""
    spread = answer["tokens_per_record"]
    rows = [
        ("records", f"{answer['records']:,}"),
        ("malformed", f"{answer['malformed']:,}"),
        ("invalid", f"{answer['invalid']:,}"),
        ("dialects", ", ".join(f"{count:,} {name}" for name, count in session.totals.dialects.most_common()) or "none"),
        ("messages", f"{answer['messages']:,}"),
        ("tokens", f"{about}{answer['tokens']:,}{estimate}"),
        ("trained tokens", f"{about}{answer['trained_tokens']:,}"),
        ("billed tokens", f"{about}{answer['billed_tokens']:,} an epoch"),
        ("over context", f"{answer['over_context']:,} (longest example {session.limit:,} tokens)"),
        ("tokens a record", ", ".join(f"{name} {value:,.10g}" for name, value in spread.items())),
        ("training cost", f"{dollars(session.cost(session.totals).training)} for {answer['epochs']} epochs"),
        ("model", f"{answer['model']} (prices of {answer['edition']})"),
        ("counted by", f"{answer['counter']}, {answer['tokenizer'] or answer['encoding']}"),
    ]
    if session.aim.target:
        rows.append(("target", f"{session.aim.target.title}, which learns from {session.aim.target.learns}"))
    rows += [("over limits", f"{one['path']}: {one['message']}") for one in answer["over_limits"]]
    rows += [(one["code"], one["message"]) for file in answer["files"] for one in file["findings"]]
    rows += [(code, f"{count:,} records: {BY_CODE[code].title}") for code, count in answer["findings"].items()]
    output.pairs(rows)
