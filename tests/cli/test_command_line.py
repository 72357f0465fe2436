"""What every command has in common: usage, streams, exit codes, signals, and calm at any input."""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curator import __main__

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SOUND = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]}\n'
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


# Usage


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "curator: the following arguments are required: FILE. See `curator --help`.\n"),
        (("check",), "curator: the following arguments are required: FILE. See `curator check --help`.\n"),
        (("check", "--format", "xml", "a"), "curator: argument --format: invalid choice: 'xml'"),
        (("check", "--dialect", "latin", "a"), "curator: argument --dialect: invalid choice: 'latin'"),
        (("check", "--nonsense", "a"), "curator: unrecognized arguments: --nonsense. See `curator check --help`.\n"),
        (("schema", "latin"), "curator: argument dialect: invalid choice: 'latin'"),
        (("stats", "--epochs", "0", "a"), "curator: argument --epochs: takes a whole number of at least 1, not '0'."),
        (("stats", "--epochs", "x", "a"), "curator: argument --epochs: takes a whole number of at least 1, not 'x'."),
        (("stats", "--workers", "-1", "a"), "curator: argument --workers: "),
        (("stats", "--model", "gpt-4o-minni", os.devnull), "curator: The price book has no model 'gpt-4o-minni'."),
        (("models", "--edition", "1999"), "curator: The price book has no edition '1999'. Choose one of its editions:"),
    ],
)
def test_a_wrong_command_line_exits_2_with_one_sentence(curator: Run, arguments: tuple[str, ...], told: str) -> None:
    done = curator(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(told)
    assert done.stderr.count("\n") == 1


def test_an_unknown_model_is_told_with_the_nearest_names(curator: Run) -> None:
    assert "Nearest names: gpt-4o-mini" in curator("stats", "--model", "gpt-4o-minni", os.devnull).stderr


def test_wrong_settings_exit_2_and_unreadable_ones_3(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(SOUND)
    (tmp_path / "curator.toml").write_text('modle = "x"')
    done = curator("stats", "data.jsonl")
    assert done.returncode == 2
    assert done.stderr == "curator: curator.toml: there is no setting `modle`; did you mean `model`?\n"
    (tmp_path / "curator.toml").write_text("model = ")
    done = curator("stats", "data.jsonl")
    assert done.returncode == 3
    assert done.stderr.startswith("curator: curator.toml: is not valid TOML: ")


@pytest.mark.parametrize("name", ["check", "stats"])
def test_what_is_no_file_of_lines_exits_3(curator: Run, tmp_path: Path, name: str) -> None:
    done = curator(name, tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "is a folder without files of records" in done.stderr
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in curator(name, "pipe").stderr


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help"), ("stats", "--help"), ("--version",)])
def test_help_is_data(curator: Run, arguments: tuple[str, ...]) -> None:
    done = curator(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "curator" in done.stdout


def test_the_help_names_every_command(curator: Run) -> None:
    help_text = curator("--help").stdout
    assert all(f"\n  {name} " in help_text for name in ("check", "stats", "models", "schema"))


# The other commands


def test_models_are_a_table_of_each_edition(curator: Run) -> None:
    done = curator("models")
    assert (done.returncode, done.stderr) == (0, "")
    assert "gpt-4o-mini-2024-07-18" in done.stdout
    assert "(edition 2026)" in done.stdout
    assert "(edition 2023-08)" in done.stdout
    older = curator("models", "--edition", "2023-08").stdout
    assert "(edition 2026)" not in older
    assert "davinci-002" in older


def test_the_schemas_are_listed_with_what_they_are_of(curator: Run, project: Path) -> None:
    done = curator("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == sorted(
        path.stem for path in (project / "schemas").iterdir()
    )


@pytest.mark.parametrize("name", ["openai-chat", "sharegpt"])
def test_a_schema_is_printed_as_it_is_shipped(curator: Run, project: Path, name: str) -> None:
    done = curator("schema", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads((project / "schemas" / f"{name}.json").read_text("utf-8"))


INTERRUPTED_WHILE_LOADING = """
import signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "curator.cli.options":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["curator", "models"]
from curator.__main__ import main
main()
"""


def test_an_interrupt_while_modules_are_loaded_ends_it_quietly(environment: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED_WHILE_LOADING], env=environment, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


# Any input


def as_command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["curator", *arguments])
    with pytest.raises(SystemExit) as left:
        __main__.main()
    return int(left.value.code or 0)


def check_and_sum_up(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Both commands on a file: findings are well-formed, figures agree, nobody sees a traceback."""
    code = as_command(monkeypatch, "check", "--format", "json", "--workers", "inline", str(path))
    answer = capsys.readouterr()
    assert code in (0, 1, 3), answer.err
    assert "Traceback" not in answer.err
    if code == 3:
        assert (answer.out, answer.err.count("\n")) == ("", 1)
        return
    findings = [json.loads(line) for line in answer.out.splitlines()]
    assert code == any(one["severity"] == "error" for one in findings)
    assert as_command(monkeypatch, "stats", "--json", "--workers", "inline", str(path)) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["findings"].get("CUR033", 0) + figures["findings"].get("CUR034", 0) == figures["malformed"]
    on_files = {one["code"] for file in figures["files"] for one in file["findings"]}
    assert {one["code"] for one in findings} == set(figures["findings"]) | on_files
    lines = path.read_bytes().split(b"\n")
    assert figures["files"][0]["lines"] == len(lines) - (not lines[-1])


@pytest.mark.parametrize("name", sorted(path.name for path in (PROJECT / "samples").glob("*.jsonl")))
def test_every_sample_is_checked(
    project: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check_and_sum_up(project / "samples" / name, monkeypatch, capsys)


@pytest.mark.parametrize(
    "name",
    [
        "descriptions_hash_comments.jsonl",
        "dummy_conversation_merge_conflict.json",
        "judge_prompts_split_records.jsonl",
        "mt_bench_question_tr_crlf.jsonl",
        "openai_finetuning_blank_lines.jsonl",
        "questions_gbk_tail.jsonl",
        "reviewer_unquoted_keys.jsonl",
    ],
)
def test_every_broken_public_file_is_checked(
    shared_data: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check_and_sum_up(shared_data / "broken" / name, monkeypatch, capsys)


def random_bytes(seed: int) -> bytes:
    """Bytes of any kind, or records that were cut and spliced."""
    chance = random.Random(seed)
    if seed % 2:
        return chance.randbytes(4000)
    pieces = [*SOUND.encode(), *b'\n\n"{}[]:,\\\x00\xff\xed\xa0\x80']
    return b"".join(
        SOUND.encode()[: chance.randrange(len(SOUND))] + bytes(chance.choices(pieces, k=9)) for _ in range(80)
    )


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes_are_checked(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "random.jsonl"
    path.write_bytes(b"{" + random_bytes(seed))
    check_and_sum_up(path, monkeypatch, capsys)


TOO_MUCH_FOR_THE_SCHEMA_CHECK = (
    "[" * 900 + "]" * 900,
    '{"messages": ' + "[" * 300 + "]" * 300 + "}",
    '{"messages": [{"role": "user", "content": ' + '{"a":' * 300 + "1" + "}" * 300 + "}]}",
    '{"messages": [{"role": "assistant", "content": "", "tool_calls": ' + "[" * 1000 + "]" * 1000 + "}]}",
    '{"messages": [], "tools": ' + "[" * 1000 + "]" * 1000 + "}",
    '{"messages": [{"role": "\\ud800", "content": "\\udfff", "\\ud800": 1}]}',
)


@pytest.mark.parametrize(
    "line",
    [
        *TOO_MUCH_FOR_THE_SCHEMA_CHECK,
        '{"messages": [{"role": "user", "content": ' + "9" * 400 + "}]}",
        '{"messages": [{"role": "user", "content": 1e999}]}',
        '{"messages": [{"role": "user", "content": NaN}]}',
        '{"messages": [{"role": "user", "content": "' + " " * 200_000 + '"}, {"role": "assistant", "content": "a"}]}',
        '{"messages": [{"role": "user", "content": "<|endoftext|>"}, {"role": "assistant", "content": "\\u0000"}]}',
        '{"messages": {"a": 1}, "conversations": {"a": 1}, "prompt": {"a": 1}, "history": {"a": 1}}',
        '{"instruction": {}, "output": [], "input": {}, "system": [1], "history": [1, [], [[]], {"a": 1}]}',
        '{"preferred_output": {}, "input": [1], "non_preferred_output": "x"}',
        '{"chosen": 1, "rejected": null, "prompt": [1, [2], {"role": {}}]}',
        '{"conversations": [1, {"from": [], "value": {}}, {"from": "function_call", "value": [1]}], "tools": "["}',
    ],
    ids=lambda line: line[:40],
)
def test_odd_records_are_checked(
    tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text(f"{line}\n{SOUND}")
    check_and_sum_up(path, monkeypatch, capsys)


ODD_NAMES = (
    b"with space.jsonl",
    b"line\nbreak.jsonl",
    b"\x1b]0;title\x07.jsonl",
    "日本語 ü.jsonl".encode(),
    b"latin-\xe9.jsonl",
    b"--epochs.jsonl",
    b"a,b:c%.jsonl",
)


@pytest.mark.usefixtures("lines_alone")
@pytest.mark.parametrize("kind", ["text", "json", "github"])
def test_files_of_any_name_are_checked(curator: Run, tmp_path: Path, kind: str) -> None:
    names = [os.fsdecode(name) for name in ODD_NAMES]
    for name in names:
        (tmp_path / name).write_text("{oops\n")
    done = curator("check", "--format", kind, "--", *names)
    assert done.returncode == 1
    assert done.stdout.count("\n") == len(names)
    assert "\x1b" not in done.stdout
    if kind == "json":
        assert [json.loads(line)["path"] for line in done.stdout.splitlines()] == names


def test_a_missing_file_of_any_name_is_told_in_one_line(curator: Run) -> None:
    done = curator("check", "--", "\x1b]0;title\x07\n\udce9.jsonl")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "curator: \\x1b]0;title\\x07\\n\\udce9.jsonl: cannot be opened: No such file or directory.\n"


def test_an_output_that_cannot_spell_everything_is_no_fault(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "ü.jsonl").write_text("“{}”\n", "utf-8")
    done = curator("check", "ü.jsonl", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert done.stdout.startswith("\\xfc.jsonl:1: CUR033")


# Streams and signals


@pytest.mark.parametrize("arguments", [("check", "samples/broken.jsonl"), ("models",)])
def test_a_reader_that_leaves_early_is_no_fault(
    command: list[str], environment: dict[str, str], project: Path, arguments: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [*command, *arguments], cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    _, talk = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in talk
    assert "BrokenPipe" not in talk


def test_a_reader_that_takes_one_line_gets_it(command: list[str], environment: dict[str, str], project: Path) -> None:
    many = ["samples/broken.jsonl"] * 200
    script = f"set -o pipefail; {command[0]} -m curator check {' '.join(many)} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout.startswith("samples/broken.jsonl:")
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_in_a_sentence(command: list[str], environment: dict[str, str], project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "models"],
            cwd=project,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == "curator: stopped: No space left on device.\n"


def children_of(pid: int) -> list[int]:
    """The processes below a process, its grandchildren included."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            child = int(name.split()[0])
            found += [child, *children_of(child)]
    return found


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file that takes some seconds to audit: no text in it is like another."""
    chance = random.Random(1)
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for _ in range(20_000):
            answer = chance.randbytes(400).hex(" ", 3)
            file.write(SOUND.replace("Because.", answer))
    return path


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize(
    ("workers", "children"), [("inline", 0), ("2", 1), ("2", 4)], ids=["alone", "workers begin", "workers work"]
)
def test_an_interrupt_exits_130_without_a_word_and_without_workers(
    command: list[str], environment: dict[str, str], large: Path, workers: str, children: int
) -> None:
    process = subprocess.Popen(
        [*command, "stats", "--no-accelerate", "--workers", workers, str(large)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + PATIENCE
    while len(children_of(process.pid)) < children and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.7 if children in (0, 4) else 0)
    below = children_of(process.pid)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    answer, talk = process.communicate(timeout=PATIENCE)
    assert (process.returncode, answer, talk) == (130, "", "")
    while any(Path(f"/proc/{pid}").exists() for pid in below) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [
        pid for pid in below if Path(f"/proc/{pid}").exists() and "(python" in Path(f"/proc/{pid}/stat").read_text()
    ]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
def test_a_worker_that_is_killed_is_told_in_a_sentence(
    command: list[str], environment: dict[str, str], large: Path
) -> None:
    process = subprocess.Popen(
        [*command, "stats", "--no-accelerate", "--workers", "2", str(large)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + PATIENCE
    while len(children_of(process.pid)) < 4 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(children_of(process.pid)[-1], signal.SIGKILL)
    answer, talk = process.communicate(timeout=PATIENCE)
    assert (process.returncode, answer) == (3, "")
    assert talk.startswith("curator: a worker process ended before its time")
    assert talk.count("\n") == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_as_if_nobody_were_there(
    command: list[str], environment: dict[str, str], tmp_path: Path, closed: str
) -> None:
    (tmp_path / "data.jsonl").write_text(SOUND * 60)
    for typed in ("stats data.jsonl", "export data.jsonl -o -", "export data.jsonl -o out.jsonl --force"):
        line = f"{shlex.join(command)} {typed} {closed}"
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert b"fault" not in done.stderr
    assert (tmp_path / "data.jsonl").read_text() == (tmp_path / "out.jsonl").read_text() == SOUND * 60
