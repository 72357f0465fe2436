"""Several new files that appear in a folder together or not at all; in the place of others only where that is asked."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from curator.errors import UnwritableError, UsageError
from curator.storage.delivering import Delivered
from curator.storage.hidden_folder import hidden_folder
from curator.storage.packing import Table, packing_of_name
from curator.storage.proving import Part, write_lines
from curator.storage.replacing import Replacement, check_room, sync_folder
from curator.storage.source import Source
from curator.storage.writer import WriteFaultError

NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


class NewFiles:
    """New files on their way into a folder."""

    def __init__(self, folder: Path, hidden: Path, like: Source, *, replace: bool) -> None:
        self._folder = folder
        self._hidden = hidden
        self._like = like
        self._replace = replace
        self._made: list[Replacement] = []
        self._columns: Path | None = None

    def share_columns(self, names: Iterable[str], parts: Iterable[Part]) -> list[str]:
        """If some names ask for tables, let all have the columns that the records of some parts need.

        Returns what is to be told of that. Raises UsageError for lines that no table can hold.
        """
        if not any(isinstance(packing_of_name(Path(name)), Table) for name in names):
            return []
        from curator.storage.tables import survey

        columns = self._hidden / ".columns"
        with columns.open("wb") as file:
            report = survey(parts, file.fileno(), self._folder.name)
        self._columns = columns
        return list(report.sentences(self._folder.name))

    def write(self, name: str, parts: Iterable[Part]) -> Delivered:
        """Make a file, packed as its name asks for, and read it back. Raises what `deliver` raises."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            target = self._folder / name
            like = target if target.is_file() else self._like.owner
            descriptor = os.open(self._hidden / name, flags, 0o600 if like else 0o666)
            new = Replacement(target, self._hidden / name, descriptor, like)
            packing = packing_of_name(target)
            with new.file:
                proof = write_lines(
                    parts, new, packing.of(self._columns) if packing and self._columns else packing
                ).proof
        except OSError as error:
            raise _fault(self._folder, error) from error
        self._made.append(new)
        return Delivered(proof.bytes, proof, tuple(new.notes))

    def commit(self) -> None:
        """Let all files appear under their names; where one cannot, those that were replaced before it come back.

        Where they may not replace others, raises UsageError for a name that is taken, and none appears then.
        """
        done: list[tuple[Path, Path | None]] = []
        try:
            for new in self._made:
                if not self._replace:
                    _place(new.temporary, new.target)
                    done.append((new.target, None))
                    continue
                there, kept = new.target.exists(), self._keep(new.target)
                new.temporary.replace(new.target)
                if kept or not there:
                    done.append((new.target, kept))
            sync_folder(self._folder)
        except BaseException as error:
            for path, kept in done:
                _put_back(path, kept)
            if isinstance(error, FileExistsError):
                raise UsageError(f"{error.filename2}: is there already; nothing was written.") from error
            if isinstance(error, OSError):
                raise _fault(self._folder, error) from error
            raise

    def _keep(self, target: Path) -> Path | None:
        """Another name of a file that is to be replaced; None where there is none, or the file system has no links."""
        kept = self._hidden / f".{target.name}.old"
        try:
            os.link(target, kept)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            return None
        return kept


@contextmanager
def new_files(folder: Path, like: Source, *, size: int, replace: bool = False) -> Iterator[NewFiles]:
    """Files that appear in the folder on `commit`, and vanish if that is not reached. A missing folder is made.

    They have the owner and mode of those that they replace, else of the given source; `size` is about the bytes of all
    their lines. What writers that were killed left in the folder is removed. Raises UsageError where nothing can be
    written.
    """
    check_room(folder if folder.exists() else folder.absolute().parent, size)
    made = not folder.exists()
    with ExitStack() as entered:
        try:
            folder.mkdir(exist_ok=True)
            if made:
                entered.callback(_remove_empty, folder)
            hidden = entered.enter_context(hidden_folder(folder))
        except OSError as error:
            raise UsageError(f"{folder}: nothing can be written there: {error.strerror}.") from error
        yield NewFiles(folder, hidden, like, replace=replace)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _place(hidden: Path, path: Path) -> None:
    """Give a file its name, never another file's. Raises FileExistsError."""
    try:
        os.link(hidden, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if path.exists() or path.is_symlink():
            raise FileExistsError(errno.EEXIST, "exists", str(hidden), None, str(path)) from error
        hidden.rename(path)


def _put_back(path: Path, kept: Path | None) -> None:
    """Take a new file away again, and let the one that it replaced have its name."""
    with suppress(OSError):
        if kept is None:
            path.unlink(missing_ok=True)
        else:
            kept.replace(path)


def _fault(folder: Path, error: OSError) -> UnwritableError:
    return WriteFaultError(
        f"{folder}: cannot be written to: {error.strerror}. No new file is there; make room, or write to another place."
    )
