"""A Parquet file is opened, edited, saved in its own columns and undone like any other file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyroaring import BitMap64

from curator.edits.operations import Drop
from curator.edits.saving import plan_save, write_copy
from curator.errors import UnreadableError, UsageError
from curator.session import Session
from curator.session.access import access_for
from curator.session.saving import save
from curator.settings import Settings
from curator.storage import packing
from curator.storage.opening_sources import open_source
from curator.storage.source import Source

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS: list[dict[str, Any]] = [
    {"day": f"2024-05-{n % 28 + 1:02}", "messages": [{"role": "user", "content": f"question {n}"}]} for n in range(300)
]
ROLE = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        (
            "messages",
            pa.large_list(pa.struct([("role", pa.dictionary(pa.int32(), pa.string())), ("content", pa.string())])),
        ),
        ("note", pa.string()),
    ],
    metadata={"made by": "somebody"},
)


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    from datetime import date

    path = tmp_path / "x.parquet"
    rows = [{**row, "day": date.fromisoformat(row["day"])} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, compression="gzip", row_group_size=100)
    path.chmod(0o640)
    return path


def opened(path: Path) -> Session:
    session = Session([path], Settings(cache_dir=str(path.parent / "cache")))
    session.editor.open_journals()
    return session


def read(path: Path) -> bytes:
    source = open_source(path, access_for(Settings(cache_dir=str(path.parent / "cache")), None))
    try:
        return source.read(0, 1 << 30)
    finally:
        source.close()


def change(session: Session, record: int, value: dict[str, Any] | None) -> None:
    edit = session.sources[0].edited.begin()
    if value is None:
        edit.add(Drop(BitMap64([record])))
    else:
        edit.rewrite(record, json.dumps(value).encode() + b"\n")
    session.sources[0].edited.commit("Edit", edit)


def test_it_is_saved_in_its_own_columns_and_undone(file: Path) -> None:
    session = opened(file)
    source = session.sources[0]
    assert source.edited.source.read(0, 1 << 30) == lines(ROWS)
    change(session, 3, None)
    change(session, 5, {"note": "n", "messages": ROWS[5]["messages"], "day": None})
    report = save(session, source, plan_save(source.edited), file.with_name("before"))
    changed = {"messages": ROWS[5]["messages"], "note": "n"}
    assert report.respelt and any("1 keys with null" in one for one in report.notes)
    assert any("the keys come in another order in 1 record." in one for one in report.notes)
    assert read(file) == lines([*ROWS[:3], ROWS[4], changed, *ROWS[6:]])
    about = pq.ParquetFile(file)
    assert about.schema_arrow == SCHEMA and about.schema_arrow.metadata[b"made by"] == b"somebody"
    assert about.metadata.row_group(0).column(0).compression == "GZIP"
    assert file.stat().st_mode & 0o777 == 0o640 and read(file.with_name("before")) == lines(ROWS)
    session.editor.undo()
    session.editor.undo()
    save(session, source, plan_save(source.edited))
    assert read(file) == lines(ROWS)
    session.close()
    session = opened(file)
    assert plan_save(session.sources[0].edited).same, "the journal knows the file that was written"
    session.editor.redo()
    assert plan_save(session.sources[0].edited).left_out == 1, "and what can be done again"
    session.close()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"day": "2024-05-01", "messages": [], "extra": 1}, "`extra` cannot be kept in its column"),
        ({"day": "one day"}, "has under `day` what its column cannot hold"),
        ({"messages": "a text"}, "has under `messages` what its column cannot hold"),
        ({"day": "2024-05-01", "note": 7}, "has under `note` what its column cannot hold"),
    ],
)
def test_records_that_do_not_fit_its_columns_are_named_and_can_be_saved_elsewhere(
    file: Path, value: dict[str, Any], why: str
) -> None:
    before = file.read_bytes()
    session = opened(file)
    source = session.sources[0]
    change(session, 7, value)
    with pytest.raises(UsageError, match=r"Line 8.*" + why + ".*another name"):
        save(session, source, plan_save(source.edited))
    assert file.read_bytes() == before
    other = file.with_name("y.jsonl")
    write_copy(source.edited, plan_save(source.edited), other)
    assert json.loads(other.read_bytes().splitlines()[7]) == value
    session.close()


def test_blank_lines_are_refused_in_place(file: Path) -> None:
    session = opened(file)
    source = session.sources[0]
    edit = source.edited.begin()
    edit.rewrite(2, b"\n")
    source.edited.commit("Edit", edit)
    with pytest.raises(UsageError, match="1 lines are blank"):
        save(session, source, plan_save(source.edited))
    session.close()


def test_arrow_is_read_and_saved_under_another_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "data-00000-of-00001.arrow"
    table = pa.Table.from_pylist(ROWS)
    with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    session = opened(path)
    source = session.sources[0]
    change(session, 0, None)
    with pytest.raises(UsageError, match="read, not written"):
        save(session, source, plan_save(source.edited))
    with pytest.raises(UsageError, match="read, not written"):
        write_copy(source.edited, plan_save(source.edited), tmp_path / "y.arrow")
    report = write_copy(source.edited, plan_save(source.edited), tmp_path / "y.parquet")
    assert report.proof.bytes == len(lines(ROWS[1:])) and read(tmp_path / "y.parquet") == lines(ROWS[1:])
    session.close()


def test_a_damaged_file_is_told_and_not_saved_in_place(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    session = opened(file)
    source = session.sources[0]
    assert "is damaged behind record 0" in source.edited.source.fault
    session.close()


def test_without_the_extra_one_sentence_names_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UnreadableError, match=r"pip install 'curator-tui\[parquet\]'"):
        opened(file)
    plain = file.with_name("x.jsonl")
    plain.write_bytes(lines(ROWS))
    session = opened(plain)
    with pytest.raises(UnreadableError, match=r"pip install 'curator-tui\[parquet\]'"):
        write_copy(session.sources[0].edited, plan_save(session.sources[0].edited), file.with_name("y.parquet"))
    assert not file.with_name("y.parquet").exists()
    session.close()


def test_the_file_itself_is_no_lines(file: Path) -> None:
    with pytest.raises(UnreadableError, match="is a Parquet file; make lines of it first: curator export"):
        Source(file)
    assert packing.packing_of_name(file) is packing.TABLES[0]
