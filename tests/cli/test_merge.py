"""curator merge and curator shards: files put together and cut, byte for byte, all or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.errors import UsageError

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "samples"
MARK = b"\xef\xbb\xbf"


def record(number: int, text: str = "why") -> bytes:
    said = [{"role": "user", "content": text}, {"role": "assistant", "content": "because"}]
    return json.dumps({"messages": said, "id": number}).encode() + b"\n"


def merge(folder: Path, contents: list[bytes], *options: str) -> Exit:
    names = []
    for number, content in enumerate(contents):
        names.append(str(folder / f"{number}.jsonl"))
        Path(names[-1]).write_bytes(content)
    return commands.run("merge", [*names, "-o", str(folder / "out.jsonl"), *options])


def test_files_follow_one_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = record(1) + b"\n" + record(2).replace(b"\n", b"\r\n"), record(3)[:-1]
    assert merge(tmp_path, [first, b"", second]) is Exit.CLEAN
    assert (tmp_path / "out.jsonl").read_bytes() == first + second
    assert "out.jsonl: 3 files, 4 lines," in capsys.readouterr().err


def test_only_where_two_files_meet_is_anything_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert merge(tmp_path, [MARK + record(1)[:-1], MARK + record(2), MARK + record(3)]) is Exit.CLEAN
    assert (tmp_path / "out.jsonl").read_bytes() == MARK + record(1) + record(2) + record(3)
    talk = capsys.readouterr().err
    assert "2 byte order marks at the start of later files are left out." in talk
    assert "1 last lines without a line end got one." in talk


def test_files_of_two_dialects_are_refused_with_how_to_convert(tmp_path: Path) -> None:
    contents = [(SAMPLES / name).read_bytes() for name in ("tools.jsonl", "alpaca.jsonl")]
    with pytest.raises(UsageError, match=r"`curator convert .*1\.jsonl --to openai-chat -o 1\.openai-chat\.jsonl`"):
        merge(tmp_path, contents)
    assert not (tmp_path / "out.jsonl").exists()
    assert merge(tmp_path, contents, "--dialect", "openai-chat") is Exit.CLEAN


def test_a_file_that_is_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a file that is read"):
        merge(tmp_path, [record(1), record(2)], "-o", str(tmp_path / "1.jsonl"), "--force")
    assert (tmp_path / "1.jsonl").read_bytes() == record(2)


LINES = st.lists(st.sampled_from([record(1), record(2, "a longer question" * 9), b"\n", b"  \n", b"not JSON\n"]))


@given(lines=LINES, ended=st.booleans(), most=st.integers(1, 700), by=st.sampled_from(["records", "bytes"]))
@settings(max_examples=60)
def test_shards_together_are_the_file(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ended: bool, most: int, by: str
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    content = b"".join(lines) if ended else b"".join(lines)[:-1]
    (folder / "in.jsonl").write_bytes(content)
    arguments = [str(folder / "in.jsonl"), "-o", str(folder / "parts"), f"--{by}", str(most)]
    if not content:
        with pytest.raises(UsageError, match="is empty"):
            commands.run("shards", arguments)
        assert not (folder / "parts").exists()
        return
    assert commands.run("shards", arguments) is Exit.CLEAN
    shards = [path.read_bytes() for path in sorted((folder / "parts").iterdir())]
    assert b"".join(shards) == content
    for shard in shards:
        held = [line for line in shard.splitlines(keepends=True) if line.strip()]
        assert (len(held) if by == "records" else len(shard)) <= most or len(held) <= 1
        assert shard.endswith(b"\n") or shard is shards[-1]


def test_shards_by_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"".join(record(number) for number in range(10)))
    asked = [str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "t-#.jsonl"), "--tokens", "30"]
    assert commands.run("shards", [*asked, "--workers", "inline"]) is Exit.CLEAN
    assert [(tmp_path / f"t-{number}.jsonl").read_bytes().count(b"\n") for number in range(1, 6)] == [2] * 5
    assert "5 files, t-1.jsonl to t-5.jsonl" in capsys.readouterr().err


def test_no_shard_takes_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(record(1) + record(2) + record(3))
    (tmp_path / "s-3.jsonl").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"s-3\.jsonl: is there already; nothing was written"):
        commands.run("shards", [str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "s-#.jsonl"), "--records", "1"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "s-3.jsonl"]
    assert (tmp_path / "s-3.jsonl").read_bytes() == b"mine"


def test_a_line_that_is_too_long_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.jsonl").write_bytes(record(1) + record(2, "x" * 3000) + record(3))
    asked = [str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out"), "--bytes", "1kB"]
    assert commands.run("shards", asked) is Exit.CLEAN
    assert "1 line is alone more than a file is to hold (line 2)." in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 3


@pytest.mark.parametrize("size", [("--bytes", "12 parsec"), ("--bytes", "0"), ("--records", "0"), ()])
def test_sizes_that_are_none(tmp_path: Path, size: tuple[str, ...]) -> None:
    (tmp_path / "in.jsonl").write_bytes(record(1))
    with pytest.raises(UsageError):
        commands.run("shards", [str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out"), *size])
