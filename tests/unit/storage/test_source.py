"""Files as immutable bytes: what is refused and how, and what is read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UnreadableError
from curator.storage.source import Source, opened

ZSTANDARD = b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00"


def written(folder: Path, content: bytes, name: str = "data.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_missing_file_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"nowhere\.jsonl: cannot be opened: No such file or directory\."):
        Source(tmp_path / "nowhere.jsonl")


def test_a_folder_is_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"is a folder; name the files in it, such as .*/\*\.jsonl"):
        Source(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableError, match="is not a regular file; write the records to a file"):
        Source(tmp_path / "pipe")


def test_a_device_is_refused() -> None:
    with pytest.raises(UnreadableError, match="is not a regular file"):
        Source(Path(os.devnull))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"{}\n")
    path.chmod(0)
    with pytest.raises(UnreadableError, match="cannot be opened: Permission denied"):
        Source(path)


@pytest.mark.parametrize(
    ("content", "name", "command"),
    [
        (gzip.compress(b"{}\n", mtime=0), "gzip", "gzip -dk"),
        (bz2.compress(b"{}\n"), "bzip2", "bzip2 -dk"),
        (lzma.compress(b"{}\n"), "xz", "xz -dk"),
        (ZSTANDARD, "Zstandard", "zstd -dk"),
    ],
)
def test_a_compressed_file_is_refused_with_the_command_that_unpacks_it(
    tmp_path: Path, content: bytes, name: str, command: str
) -> None:
    path = written(tmp_path, content, "my data.jsonl")
    with pytest.raises(UnreadableError) as told:
        Source(path)
    assert str(told.value) == f"{path}: is compressed with {name}; unpack it first: {command} '{path}'"


def test_a_refused_file_is_not_left_open(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"{}\n", mtime=0))
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.is_dir() else 0
    for _ in range(3):
        with pytest.raises(UnreadableError):
            Source(path)
    assert not before or len(list(descriptors.iterdir())) == before


def test_an_empty_file_is_a_source_without_bytes(tmp_path: Path) -> None:
    with opened(written(tmp_path, b"")) as source:
        assert source.size == 0
        assert source.read(0, 100) == b""


def test_reads_are_cut_at_the_end(tmp_path: Path) -> None:
    with opened(written(tmp_path, b"0123456789")) as source:
        assert source.read(7, 100) == b"789"
        assert source.read(10, 1) == b""
        assert source.read(50, 1) == b""
        assert source.read(3, 0) == b""
        assert source.read(3, -1) == b""


def test_what_is_appended_later_is_not_part_of_it(tmp_path: Path) -> None:
    path = written(tmp_path, b"one\n")
    with opened(path) as source:
        with path.open("ab") as file:
            file.write(b"two\n")
        assert source.size == 4
        assert source.read(0, 100) == b"one\n"


def test_a_file_that_became_shorter_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, b"one\ntwo\n")
    with opened(path) as source:
        os.truncate(path, 4)
        assert source.read(0, 4) == b"one\n"
        with pytest.raises(UnreadableError, match="became shorter while it was open; open it again"):
            source.read(0, 8)


def test_a_replaced_file_is_still_read_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, b"old\n")
    with opened(path) as source:
        written(tmp_path, b"newer\n", "other").replace(path)
        assert source.read(0, 100) == b"old\n"


def test_reading_a_closed_source_is_an_error_and_closing_it_twice_is_not(tmp_path: Path) -> None:
    source = Source(written(tmp_path, b"one\n"))
    source.close()
    source.close()
    with pytest.raises(UnreadableError, match="byte 0 cannot be read"):
        source.read(0, 1)


@given(content=st.binary(max_size=200), offset=st.integers(0, 250), length=st.integers(-5, 250))
def test_a_read_is_a_slice(tmp_path: Path, content: bytes, offset: int, length: int) -> None:
    content = b"{" + content
    with opened(written(tmp_path, content)) as source:
        assert source.read(offset, length) == content[offset : offset + max(0, length)]
