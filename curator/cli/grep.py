"""curator grep: where something is said, message by message, or the lines in which it is."""

from __future__ import annotations

import argparse
import json
from collections.abc import Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from itertools import groupby, islice

from curator.cli import options, output
from curator.cli.audit_run import workers_for
from curator.cli.difference_text import wants_colour
from curator.cli.edited_file import tell_unsaved
from curator.cli.exit_codes import Exit
from curator.cli.opening import opened_session
from curator.engine.audit import plan
from curator.engine.data_set import OpenSource
from curator.engine.scan import in_order
from curator.records.search_line import PLACES
from curator.records.searching import Search, compiled
from curator.session import Session
from curator.session.match_texts import Asked, Hit, find_texts

HELP = "find text in what records say; exit 0 if there is any, 1 if there is none"
CHUNKS_A_WORKER = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of `curator grep`."""
    parser.add_argument("pattern", metavar="PATTERN", help="the text, or with -E the regular expression, to look for")
    options.add_files(parser)
    parser.add_argument("-E", "--regex", action="store_true", help="PATTERN is a regular expression")
    case = parser.add_mutually_exclusive_group()
    case.add_argument("-i", "--ignore-case", action="store_true", help="upper and lower case are the same")
    case.add_argument(
        "-s", "--case-sensitive", action="store_true", help="they are not (default: not if PATTERN has upper case)"
    )
    parser.add_argument(
        "--role",
        action="append",
        default=[],
        choices=tuple(PLACES),
        help="only in messages of this role, or in all messages (text), declared tools, or other keys",
    )
    parser.add_argument(
        "-m", "--max-count", metavar="N", type=options.positive, help="no more than N records of each file"
    )
    parser.add_argument("-v", "--invert", action="store_true", help="records in which nothing is found")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("-c", "--count", action="store_true", help="only how many records of each file")
    shown.add_argument("-l", "--files", dest="names", action="store_true", help="only the names of files with any")
    shown.add_argument("--lines", action="store_true", help="the lines of the records, byte for byte")
    shown.add_argument("--json", action="store_true", help="a JSON object for each message")
    parser.add_argument("-n", "--line-number", action="store_true", help="with --lines: file and number before each")
    options.add_reading(parser)
    options.add_work(parser)


def run(arguments: argparse.Namespace) -> Exit:
    """Write what is found. As grep(1) has it: 0 if there is any, 1 if there is none, more for faults."""
    ignore = True if arguments.ignore_case else False if arguments.case_sensitive else None
    search = Search(arguments.pattern, arguments.regex, ignore, frozenset(arguments.role))
    compiled(search)
    with opened_session(arguments) as session:
        with workers_for(session) as (executor, workers):
            found = [_in_file(arguments, session, one, search, executor, workers) for one in session.data.sources]
        tell_unsaved(session, arguments.command)
    return Exit.CLEAN if any(found) else Exit.FINDINGS


def _in_file(
    arguments: argparse.Namespace,
    session: Session,
    opened: OpenSource,
    search: Search,
    executor: Executor,
    workers: int,
) -> bool:
    path = output.printable(str(opened.path))
    records = 0
    with closing(_found(arguments, session, opened, search, executor, workers)) as found:
        for line, hits in islice(found, arguments.max_count):
            records += 1
            if arguments.names:
                output.data(path)
                return True
            if not arguments.count:
                _write(arguments, opened, path, line, hits)
    if arguments.count:
        output.data(f"{path}:{records}")
    return records > 0


def _found(
    arguments: argparse.Namespace,
    session: Session,
    opened: OpenSource,
    search: Search,
    executor: Executor,
    workers: int,
) -> Generator[tuple[int, Iterator[Hit]]]:
    """The records with hits, each by its line, counted from 0."""
    chunks = plan(opened.source.place, opened.index, session.spec(opened))
    tasks = (Asked(chunk, search, arguments.invert) for chunk in chunks)
    with closing(in_order(executor, find_texts, tasks, window=CHUNKS_A_WORKER * workers)) as answers:
        for asked, hits in answers:
            for row, some in groupby(hits, lambda hit: hit.row):
                yield asked.chunk.first_line + row, some


def _write(arguments: argparse.Namespace, opened: OpenSource, path: str, line: int, hits: Iterator[Hit]) -> None:
    """One record: its line, or what is found in each of its messages; `line` is counted from 0."""
    if arguments.lines:
        start, end = opened.index.span(line)
        prefix = f"{path}:{line + 1}:".encode() if arguments.line_number else b""
        body = opened.source.read(start, end - start)
        output.octets(prefix + body + (b"" if body.endswith(b"\n") else b"\n"))
        return
    written = as_json if arguments.json else partial(as_text, coloured=wants_colour("auto"))
    for hit in hits:
        output.data(written(path, line + 1, hit))


def as_text(path: str, line: int, hit: Hit, *, coloured: bool) -> str:
    """`file:line: message N role: …snippet…`, the matches marked on a terminal."""
    pieces: list[str] = []
    end = 0
    for first, last in hit.spans:
        match = output.printable(hit.snippet[first:last])
        pieces += output.printable(hit.snippet[end:first]), f"\x1b[1;31m{match}\x1b[0m" if coloured else match
        end = last
    text = "".join((*pieces, output.printable(hit.snippet[end:])))
    number = f" message {hit.message}" if hit.message else ""
    who = f"{number} {output.printable(hit.role)}:" if hit.role else ""
    return f"{path}:{line}:{who} {text}"


def as_json(path: str, line: int, hit: Hit) -> str:
    """One JSON object; `message` is counted from 1, and null for what no message says."""
    return json.dumps(
        {
            "path": path,
            "line": line,
            "message": hit.message,
            "role": hit.role or None,
            "matches": hit.matches,
            "text": hit.snippet,
            "spans": hit.spans,
        }
    )
