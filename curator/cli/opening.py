"""Opens what a command is to read: files, folders, patterns, compressed files, and standard input."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from curator.cli import options, output
from curator.errors import CuratorError, UnreadableError, UsageError
from curator.session import Session
from curator.session.access import access_for
from curator.session.naming import one_path, paths_of
from curator.settings import Settings, load_settings
from curator.storage.opening_sources import open_source
from curator.storage.source import STDIN, Source

if TYPE_CHECKING:
    from curator.storage.unpacked import Making

SECONDS = 0.1


@contextmanager
def opened_session(
    arguments: argparse.Namespace, settings: Settings | None = None, paths: Sequence[Path] | None = None
) -> Iterator[Session]:
    """A session on the files that the command line names, which `arguments` hold from then on; closed at the end.

    Raises UnreadableError at the end where a packed file could not be unpacked wholly: what was read of it is done, or
    could not be done for want of the rest.
    """
    if paths is None and hasattr(arguments, "files"):
        paths = arguments.files = paths_of(arguments.files)
    elif paths is None:
        arguments.file = one_path(arguments.file)
        paths = [arguments.file]
    session = Session(paths, settings or options.settings_of(arguments), wait_for_all)
    try:
        with _faults_told(one.source for one in session.data.sources):
            yield session
    finally:
        session.close()


@contextmanager
def opened_lines(path: Path) -> Iterator[Path]:
    """Where the bytes of one file can be read: the file itself, or its unpacked copy. Raises as `opened_session`."""
    source = open_source(one_path(path), access_for(load_settings({}), wait_for_all))
    try:
        with _faults_told([source]):
            yield source.place
    finally:
        source.close()


@contextmanager
def _faults_told(sources: Iterable[Source]) -> Iterator[None]:
    """Say at the end what of the sources could not be unpacked, also behind what stopped the work on the rest."""
    stopped: CuratorError | None = None
    try:
        yield
    except CuratorError as error:
        stopped = error
    said = "" if stopped is None else str(stopped)
    faults = [one.fault for one in sources if one.fault and one.fault not in said]
    if faults:
        raise UnreadableError(" ".join([said, *faults]).strip()) from stopped
    if stopped is not None:
        raise stopped


def wait_for_all(making: Making) -> None:
    """Wait until a file is unpacked, or standard input has come to its end, with a progress bar."""
    if making.done:
        return
    if making.path == STDIN:
        _refuse_terminal()
    with output.progress(making.packed_size or None) as bar:
        shown = 0
        while not making.wait(seconds=SECONDS):
            now = making.read if making.packed_size else making.ready
            bar.update(now - shown)
            shown = now


def _refuse_terminal() -> None:
    import os

    if os.isatty(0):
        raise UsageError("`-` reads the records from a pipe, and there is none: cat FILE | curator COMMAND -")
