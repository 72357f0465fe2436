"""Parquet as the commands read and write it: the same conversations, tokens and findings as the lines."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("pyarrow.json")
pytest.importorskip("pyarrow.parquet")

from curator.tables.reading import lines_in  # noqa: E402 - it takes pyarrow
from tests.cli import test_ways_through as ways  # noqa: E402 - as above

pytestmark = pytest.mark.usefixtures("lines_alone")
forms = ways.bench

Run = Callable[..., "subprocess.CompletedProcess[str]"]

REAL = (
    "chat/sgd_dev_tools.jsonl.gz",
    "chat/tau_airline_gpt4o.jsonl.gz",
    "formats/orca_dpo_openai_preference.jsonl.gz",
    "formats/alpaca_en_demo.json",
    "formats/glaive_toolcall_en_demo.json",
)
MOST_LINES = 150


def lines_of(path: Path) -> bytes:
    """The first lines of a file; the items of an array as lines."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.suffix == ".json":
        return b"".join(
            json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in json.loads(content)[:MOST_LINES]
        )
    return b"".join(content.splitlines(keepends=True)[:MOST_LINES])


def without_nulls(value: Any) -> Any:
    """A value as a table gives it back: the keys that are null are gone, but for the content of messages."""
    if isinstance(value, dict):
        kept = {
            key: inner for key, inner in value.items() if inner is not None or (key == "content" and "role" in value)
        }
        return {key: without_nulls(inner) for key, inner in kept.items()}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def figures(curator: Run, path: str) -> dict[str, Any]:
    found = json.loads(curator("stats", path, "--json").stdout)
    for one in found["files"]:
        del one["path"], one["bytes"]
    return dict(found)


@pytest.mark.parametrize("name", REAL)
def test_real_data_come_back_the_same(curator: Run, shared_data: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.jsonl").write_bytes(lines_of(shared_data / name))
    done = curator("export", "x.jsonl", "-o", "x.parquet")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.parquet").read_bytes()[:4] == b"PAR1"
    assert curator("export", "x.parquet", "-o", "y.jsonl").returncode == 0
    before = [json.loads(line) for line in (tmp_path / "x.jsonl").read_bytes().splitlines()]
    after = [json.loads(line) for line in (tmp_path / "y.jsonl").read_bytes().splitlines()]
    assert after == [{**without_nulls(one), **free_of(one)} for one in before]
    assert figures(curator, "x.parquet") == figures(curator, "x.jsonl") == figures(curator, "y.jsonl")
    findings = [curator("check", file).stdout.replace(file, "") for file in ("x.jsonl", "x.parquet")]
    assert findings[0] == findings[1]
    again = curator("export", "y.jsonl", "-o", "y.parquet")
    assert "with null are left out" not in again.stderr and "another order" not in again.stderr


def free_of(record: dict[str, Any]) -> dict[str, Any]:
    """What of a record keeps its nulls: the tools, whose parameters are written as JSON."""
    return {"tools": record["tools"]} if isinstance(record.get("tools"), list) else {}


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-preference", "trl", "gemini"])
def test_sound_records_stay_sound(curator: Run, project: Path, tmp_path: Path, dialect: str) -> None:
    cases = (project / "tests" / "cases" / dialect / "valid.jsonl").read_bytes().splitlines()
    records = [json.loads(line)["record"] for line in cases]
    content = b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in records if isinstance(one, dict))
    (tmp_path / "x.jsonl").write_bytes(content)
    done = curator("export", "x.jsonl", "-o", "x.parquet")
    assert done.returncode == 0, done.stderr
    assert figures(curator, "x.parquet") == figures(curator, "x.jsonl")


@pytest.fixture
def sample(project: Path, tmp_path: Path) -> bytes:
    content = (project / "samples" / "tools.jsonl").read_bytes()
    (tmp_path / "x.jsonl").write_bytes(content)
    return content


@pytest.mark.parametrize("name", ways.LINES)
def test_every_command_reads_parquet_and_writes_it_by_its_name(forms: ways.Bench, name: str) -> None:
    records = map(json.loads, forms.content.splitlines())
    content = b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in records)
    lines = forms.put("in.jsonl", content)
    exit_code, answer, written = forms.outcome(name, lines)
    if name not in ways.WRITERS:
        assert forms.run(name, in_parquet(lines), "none") == (exit_code, answer)
        return
    with tempfile.TemporaryDirectory(dir=forms.folder) as out:
        target = Path(out, ways.PATTERNS.get(name, "out.jsonl")).with_suffix(".parquet")
        assert forms.run(name, in_parquet(lines), target) == (exit_code, answer)
        made = {f"{path.stem}.jsonl": records_in(path) for path in sorted(Path(out).iterdir())}
    assert made == {name: [*map(json.loads, lines.splitlines())] for name, lines in written.items()}


def in_parquet(lines: Path) -> Path:
    """The records of a file as a table."""
    path = lines.with_name(f"{lines.name}.parquet")
    pyarrow.parquet.write_table(pyarrow.json.read_json(lines), path)
    return path


def records_in(path: Path) -> list[Any]:
    """The records of a table, which a file of that name has to be."""
    assert path.read_bytes()[:4] == b"PAR1"
    with path.open("rb") as file:
        return [json.loads(line) for _, block in lines_in(file) for line in block.splitlines()]


def test_a_name_may_lie_and_a_pipe_may_bring_one(
    curator: Run, command: list[str], environment: dict[str, str], sample: bytes, tmp_path: Path
) -> None:
    assert curator("export", "x.jsonl", "-o", "x.parquet").returncode == 0
    (tmp_path / "x.parquet").rename(tmp_path / "named.jsonl")
    plain = curator("export", "named.jsonl", "-o", "-").stdout
    assert len(plain.splitlines()) == len(sample.splitlines())
    with (tmp_path / "named.jsonl").open("rb") as file:
        cat = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        done = subprocess.run(
            [*command, "export", "-", "-o", "-"],
            stdin=cat.stdout,
            capture_output=True,
            env=environment | {"CURATOR_CACHE_DIR": str(tmp_path / "cache")},
            check=False,
        )
        cat.wait()
    assert done.stdout.decode() == plain, done.stderr


def test_lines_that_are_no_records_are_named(curator: Run, sample: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(sample + b'{"messages": [}\n')
    done = curator("export", "x.jsonl", "-o", "x.parquet")
    number = len(sample.splitlines()) + 1
    assert done.returncode == 2 and f"lines that are not JSON (line {number})" in done.stderr
    assert not (tmp_path / "x.parquet").exists() and not list(tmp_path.glob(".x.parquet*"))


def test_plain_files_never_load_what_tables_take(
    command: list[str], environment: dict[str, str], sample: bytes, tmp_path: Path
) -> None:
    code = (
        "import sys; from curator.__main__ import main; sys.argv = ['curator', 'export', 'x.jsonl', '-o', 'y.jsonl']\n"
        "try: main()\nexcept SystemExit: pass\nprint('pyarrow' in sys.modules, 'curator.storage.tables' in sys.modules)"
    )
    done = subprocess.run(
        [command[0], "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.strip() == "False False", done.stderr
    assert (tmp_path / "y.jsonl").read_bytes() == sample


@pytest.mark.parametrize("how", ["divide", "shards"])
def test_a_folder_in_the_layout_of_datasets_has_the_same_columns_in_all_its_files(
    curator: Run, tmp_path: Path, how: str
) -> None:
    rows = [{"messages": [{"role": "user", "content": f"what is {n} times {n * n}"}], "id": n} for n in range(40)]
    rows[7]["only"] = {"here": [1.5]}
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = {"divide": ("--count", "5:5"), "shards": ("--records", "15")}[how]
    done = curator(how, "x.jsonl", *options, "--layout", "datasets", "-o", "out")
    assert done.returncode == 0, done.stderr
    files = sorted((tmp_path / "out" / "data").iterdir())
    assert len(files) == 3 and len({str(pyarrow.parquet.read_schema(file)) for file in files}) == 1
    assert (tmp_path / "out" / "README.md").read_text().startswith("---\nconfigs:\n")
    figures = json.loads(curator("stats", "out", "--json").stdout)
    assert Path(figures["files"][0]["path"]).name.startswith("train")
    assert figures["records"] == 40
    again = curator(how, "x.jsonl", *options, "--layout", "datasets", "-o", "out")
    assert again.returncode == 2 and "is there already" in again.stderr


@pytest.mark.usefixtures("sample")
def test_a_pyarrow_that_cannot_be_loaded_is_told(curator: Run, environment: dict[str, str], tmp_path: Path) -> None:
    assert curator("export", "x.jsonl", "-o", "x.parquet").returncode == 0
    broken = tmp_path / "broken" / "pyarrow"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libarrow.so is missing')")
    around = {"PYTHONPATH": f"{broken.parent}{os.pathsep}{environment['PYTHONPATH']}"}
    why = "yarrow, which reads and writes tables, is there but cannot be loaded (libarrow.so is missing)"
    reading = curator("check", "x.parquet", env=around | {"CURATOR_CACHE_DIR": str(tmp_path / "cache")})
    assert reading.returncode == 3 and f"x.parquet: p{why}; the records before it" in reading.stderr
    writing = curator("export", "x.jsonl", "-o", "y.parquet", env=around)
    assert (writing.returncode, writing.stderr) == (2, f"curator: y.parquet: P{why}. Nothing was written.\n")
    assert not (tmp_path / "y.parquet").exists()
