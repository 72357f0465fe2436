"""curator stats: the totals, for people and for programs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SOUND = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]}'
KEYS = {
    "files",
    "records",
    "malformed",
    "messages",
    "tokens",
    "trained_tokens",
    "billed_tokens",
    "over_context",
    "invalid",
    "findings",
    "tokens_per_record",
    "model",
    "encoding",
    "counter",
    "edition",
    "epochs",
    "cost",
}


def stats(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_all_figures_have_their_keys(curator: Run, project: Path) -> None:
    found = stats(curator("stats", "--json", project / "samples" / "tools.jsonl", project / "samples" / "alpaca.jsonl"))
    assert found.keys() >= KEYS
    for file in found["files"]:
        assert file.keys() >= {"path", "bytes", "lines", "records", "malformed", "blank", "dialects"}
    assert list(found["tokens_per_record"]) == ["min", "p5", "p50", "mean", "p95", "max"]
    assert found["cost"].keys() >= {"training", "currency"}


def test_figures_are_what_they_should_be(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(f'{SOUND}\n\n{{oops\n{SOUND[:-1]}, "id": 1}}\n')
    found = stats(curator("stats", "--json", "data.jsonl", "--model", "gpt-3.5-turbo-0125", "--epochs", "2"))
    (file,) = found["files"]
    assert file == {
        "path": "data.jsonl",
        "bytes": (tmp_path / "data.jsonl").stat().st_size,
        "lines": 4,
        "records": 3,
        "malformed": 1,
        "blank": 1,
        "dialects": {"openai-chat": 2},
        "findings": [{"code": "CUR008", "severity": "error", "message": "2 examples: fine-tuning takes 10 or more"}],
    }
    tokens = 3 + 2 * 3 + 1 + 2 + 1 + 2
    assert (found["records"], found["malformed"], found["invalid"]) == (3, 1, 1)
    assert (found["messages"], found["tokens"], found["trained_tokens"]) == (4, 2 * tokens, 4)
    assert (found["billed_tokens"], found["over_context"]) == (2 * tokens, 0)
    assert found["findings"].items() >= {"CUR009": 1, "CUR033": 1, "CUR035": 1}.items()
    assert found["tokens_per_record"] == dict.fromkeys(("min", "p5", "p50", "mean", "p95", "max"), tokens)
    assert (found["model"], found["encoding"], found["epochs"]) == ("gpt-3.5-turbo-0125", "cl100k_base", 2)
    assert Decimal(found["cost"]["training"]) == Decimal(2 * tokens) * 2 * 8 / 1_000_000
    assert found["cost"]["currency"] == "USD"


@pytest.mark.parametrize("content", ["", "\n", "\n\r\n  \n"], ids=["empty", "a blank line", "blank lines"])
def test_a_data_set_without_records_costs_nothing(curator: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "data.jsonl").write_text(content, newline="")
    found = stats(curator("stats", "--json", "data.jsonl"))
    assert (found["records"], found["tokens"], found["billed_tokens"], found["trained_tokens"]) == (0, 0, 0, 0)
    assert Decimal(found["cost"]["training"]) == 0
    assert set(found["tokens_per_record"].values()) == {0}
    assert found["files"][0]["lines"] == found["files"][0]["blank"] == content.count("\n")
    done = curator("stats", "data.jsonl")
    assert done.returncode == 0
    assert "training cost    $0.00 for " in done.stdout


def test_a_model_without_a_training_price_has_no_cost(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(SOUND)
    assert stats(curator("stats", "--json", "data.jsonl", "--model", "o4-mini"))["cost"]["training"] is None
    assert "not known" in curator("stats", "data.jsonl", "--model", "o4-mini").stdout


def test_people_are_told_what_a_file_was_taken_for(curator: Run, project: Path) -> None:
    done = curator("stats", "samples/sharegpt.jsonl", cwd=project)
    assert done.stdout.startswith("samples/sharegpt.jsonl: sharegpt, 15 of the first 15 records have `conversations`\n")
    assert done.stderr == ""


def test_findings_do_not_change_the_exit_code(curator: Run, project: Path) -> None:
    done = curator("stats", project / "samples" / "broken.jsonl")
    assert done.returncode == 0
    assert "CUR033" in done.stdout


def test_settings_of_the_project_are_used_and_overridden_by_flags(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(SOUND)
    (tmp_path / "curator.toml").write_text('model = "gpt-4.1"\nepochs = 4\n')
    found = stats(curator("stats", "--json", "data.jsonl", "--epochs", "5", env={"CURATOR_CONTEXT_LENGTH": "7"}))
    assert (found["model"], found["epochs"], found["longest_example"]) == ("gpt-4.1-2025-04-14", 5, 7)


def test_the_same_figures_with_and_without_workers_and_accelerator(curator: Run, project: Path) -> None:
    path = project / "samples" / "broken.jsonl"
    plain = stats(curator("stats", "--json", path, path, "--workers", "inline", "--no-accelerate"))
    other = stats(curator("stats", "--json", path, path, "--workers", "2"))
    assert {key: plain[key] for key in plain if key != "counter"} == {
        key: other[key] for key in other if key != "counter"
    }
    assert plain["counter"].startswith("tiktoken ")
