"""curator export: a file with what was done to it, or some of its records, as another file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.cli import options, output
from curator.cli.destination import NEW_FILE, STDOUT, refuse, target_of
from curator.cli.edited_file import add_file, edited_file
from curator.cli.exit_codes import Exit
from curator.cli.where import records_where
from curator.edits.segments import LinesOf
from curator.errors import UsageError
from curator.session import Session
from curator.session.exporting import KINDS, ExportReport, TagsTo, choose, export
from curator.session.working_source import WorkingSource

HELP = "write the file with its changes, or some of its records, to another file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator export`."""
    add_file(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=f"{NEW_FILE}; - for stdout")
    parser.add_argument("--only", choices=KINDS, default="", help="only records that are marked, or of that review")
    parser.add_argument(
        "--tag", action="append", default=[], metavar="NAME", help="only records with this tag, or with one of several"
    )
    parser.add_argument(
        "--drop-tag", action="append", default=[], metavar="NAME", help="leave out records with this tag"
    )
    options.add_where(parser, "write")
    parser.add_argument(
        "--tags",
        dest="tags_to",
        type=_tags_to,
        default=TagsTo(),
        metavar="none|key:NAME|file:PATH",
        help="where tags go: nowhere, into a key of the record, or with all labels into a file (default: none)",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT, and the file of the tags, if they are there")
    options.add_reading(parser)
    options.add_model(parser)
    options.add_work(parser)


def _tags_to(text: str) -> TagsTo:
    kind, _, name = text.partition(":")
    if text == "none":
        return TagsTo()
    if kind == "key" and name:
        return TagsTo(key=name)
    if kind == "file" and name:
        return TagsTo(file=Path(name))
    raise argparse.ArgumentTypeError(f"takes none, key:NAME or file:PATH, not {text!r}")


def run(arguments: argparse.Namespace) -> Exit:
    """Write the records that are asked for; what was not touched is copied byte for byte."""
    with edited_file(arguments) as (session, source):
        _tell_unknown(source, [*arguments.tag, *arguments.drop_tag])
        records = choose(source, arguments.only, arguments.tag, arguments.drop_tag)
        tags: TagsTo = arguments.tags_to
        if tags.file is not None:
            if tags.file == STDOUT:
                raise UsageError("Tags go to a file of their own: --tags file:PATH, with a name for PATH.")
            refuse(tags.file, [arguments.file], force=arguments.force)
        target = target_of(arguments.output, [arguments.file], force=arguments.force)
        if (meant := records_where(arguments, session)) is not None:
            records = meant[source] if records is None else records & meant[source]
        with _lines(session, source) as lines:
            report = export(session, source, records, target, tags, lines)
    _tell(arguments, report)
    return Exit.CLEAN


@contextmanager
def _lines(session: Session, source: WorkingSource) -> Iterator[LinesOf | None]:
    """The lines that are new, made by workers where replacements over many records are in force."""
    if not source.edited.overlay.versions.sweeps:
        yield None
        return
    from curator.cli.audit_run import workers_for
    from curator.session.sweeping import swept_lines

    with workers_for(session) as (executor, workers):
        yield swept_lines(source.edited, executor, workers)


def _tell_unknown(source: WorkingSource, tags: list[str]) -> None:
    held = source.edited.overlay.labels.tags
    for tag in tags:
        if tag not in held:
            there = f"; there are {', '.join(sorted(held))}" if held else ""
            output.talk(f"{source.opened.path}: no record has the tag {tag!r}{there}.")


def _tell(arguments: argparse.Namespace, report: ExportReport) -> None:
    plan = report.plan
    for note in report.notes:
        output.talk(note)
    if report.untaggable:
        output.talk(f"{report.untaggable:,} tagged lines are no records and went without their tags.")
    if report.labelled:
        where = f"{arguments.tags_to.file}" if arguments.tags_to.file else f"the key `{arguments.tags_to.key}`"
        output.talk(f"{report.labelled:,} records have what was said of them in {where}.")
    proof = f"; xxh3_128 {report.proof.digest}" if report.proof else ""
    output.talk(
        f"{arguments.output}: {plan.changed:,} changed, {plan.added:,} new, {plan.identical:,} identical,"
        f" {plan.left_out:,} lines of {arguments.file} left out; {plan.bytes:,} bytes{proof}."
    )
