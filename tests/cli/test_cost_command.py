"""curator cost: models side by side, each by its own encoding."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from editing import editing

Run = Callable[..., "subprocess.CompletedProcess[str]"]

RECORD = json.dumps(
    {"messages": [{"role": "user", "content": "Ünder way?"}, {"role": "assistant", "content": "Fürwahr, es läuft."}]}
)
BASES = ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "gpt-4o-mini", "gpt-3.5-turbo", "o4-mini"]


def costs(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return {one["model"]: one for one in json.loads(done.stdout)}


def stats(curator: Run, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(curator("stats", "--json", *arguments).stdout)
    return found


def test_every_model_has_the_figures_that_it_has_alone(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(f"{RECORD}\n" * 3, "utf-8")
    found = costs(curator("cost", "data.jsonl", "--all", "--json"))
    assert len(found) == len(BASES)
    for name in BASES:
        alone = stats(curator, "data.jsonl", "--model", name)
        one = found[alone["model"]]
        for key in ("records", "tokens", "billed_tokens", "over_context", "longest_example", "epochs", "encoding"):
            assert one[key] == alone[key], (name, key)
        assert one["training_cost"] == alone["cost"]["training"]
        assert one["monthly_cost"] is None
    assert len({one["tokens"] for one in found.values()}) == 2


def test_the_settings_model_by_default_and_the_order_asked_for(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(RECORD, "utf-8")
    assert list(costs(curator("cost", "data.jsonl", "--json"))) == ["gpt-4o-mini-2024-07-18"]
    asked = ("--model", "gpt-3.5-turbo", "--model", "gpt-4o", "--model", "o4-mini")
    order = ["gpt-3.5-turbo-0125", "gpt-4o-2024-08-06", "o4-mini-2025-04-16"]
    assert list(costs(curator("cost", "data.jsonl", "--json", *asked))) == order


def test_epochs_limit_hours_and_own_prices(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(f"{RECORD}\n" * 2, "utf-8")
    (tmp_path / "curator.toml").write_text('[prices."gpt-4o-mini"]\ntraining = 2.0\n[prices."o4-mini"]\ntraining = "1"')
    asked = ("--model", "gpt-4o-mini", "--model", "o4-mini", "--epochs", "7", "--context-length", "10")
    found = costs(
        curator("cost", "data.jsonl", *asked, "--training-hours", "2.5", "--json", "--price", "o4-mini.training=80")
    )
    mini, hourly = found.values()
    assert (mini["billed_tokens"], mini["over_context"], mini["longest_example"]) == (20, 2, 10)
    assert Decimal(mini["training_cost"]) == Decimal(20 * 7 * 2) / 1_000_000
    assert Decimal(mini["cost_per_epoch"]) == Decimal(20 * 2) / 1_000_000
    assert (Decimal(hourly["training_cost"]), hourly["cost_per_epoch"]) == (200, None)


def test_a_month_of_calls_like_those_of_the_data(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(f"{RECORD}\n" * 4, "utf-8")
    found = costs(curator("cost", "data.jsonl", "--json", "--calls", "1,000", "--batch-discount", "0.5"))
    (one,) = found.values()
    alone = stats(curator, "data.jsonl")
    completion = alone["trained_tokens"] // 4
    prompt = alone["tokens"] // 4 - completion - 3 - 1
    month = Decimal(prompt) * Decimal("0.15") + Decimal(completion) * Decimal("0.60")
    assert Decimal(one["monthly_cost"]) == month * 1_000 / 2 / 1_000_000
    assert Decimal(one["tuned_monthly_cost"]) == month * 1_000 / 1_000_000


def test_costs_add_up_over_files_real_ones_too(curator: Run, shared_data: Path, tmp_path: Path) -> None:
    paths = [shared_data / "chat" / name for name in ("sgd_small.jsonl", "drone_training.jsonl")]
    unpacked = tmp_path / "datagen.jsonl"
    unpacked.write_bytes(gzip.decompress((shared_data / "chat" / "datagen_tooluse_valid.jsonl.gz").read_bytes()))
    paths.append(unpacked)
    asked = ("--all", "--edition", "2023-08", "--epochs", "3", "--json")
    together = costs(curator("cost", *paths, *asked))
    apart = [costs(curator("cost", path, *asked)) for path in paths]
    for name, whole in together.items():
        parts = [one[name] for one in apart]
        for key in ("records", "tokens", "billed_tokens", "over_context"):
            assert whole[key] == sum(one[key] for one in parts)
        if whole["training_cost"] is not None:
            assert Decimal(whole["training_cost"]) == sum(Decimal(one["training_cost"]) for one in parts)
    assert together["gpt-3.5-turbo"]["over_context"] > 0


def test_forms(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(RECORD, "utf-8")
    rows = list(csv.DictReader(io.StringIO(curator("cost", "data.jsonl", "--all", "--csv").stdout)))
    assert len(rows) == len(BASES)
    assert rows[4]["model"] == "gpt-4o-mini-2024-07-18"
    assert curator("cost", "data.jsonl", "--markdown").stdout.startswith("| model | tokens | epochs |")
    text = curator("cost", "data.jsonl", "--calls", "5")
    assert text.stdout.splitlines()[0].endswith("a month  a month, tuned")
    assert "by the prices of 2026; 1 record." in text.stdout
    assert text.stderr == ""


def test_a_retired_model_says_so_and_still_computes(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(RECORD, "utf-8")
    for command in ("cost", "stats"):
        done = curator(command, "data.jsonl", "--model", "davinci-002", "--json")
        assert done.returncode == 0
        assert done.stderr == "curator: davinci-002 is retired; its figures are by the prices of edition 2023-08.\n"
    assert costs(curator("cost", "data.jsonl", "--model", "davinci-002", "--json"))["davinci-002"]["training_cost"]


def test_workers_and_none_count_alike(curator: Run, shared_data: Path) -> None:
    path = shared_data / "chat" / "sgd_small.jsonl"
    asked = ("cost", path, "--calls", "10", "--json")
    assert costs(curator(*asked, "--workers", "2")) == costs(curator(*asked, "--workers", "inline"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "gpt-4o", "--all"), "Give either --model or --all."),
        (("--model", "gpt-4o-mni"), "Nearest names: gpt-4o-mini"),
        (("--model", "gpt-4", "--model", "gpt-4o"), "No edition of the price book holds all of them"),
        (("--edition", "1999", "--all"), "no edition '1999'"),
        (("--edition", "genai-prices", "--all"), "Name the models to compare with --model"),
        (("--price", "gpt-4o=3"), "takes MODEL.FIELD=N"),
        (("--price", "gpt-4o.colour=3"), "there is no such price"),
        (("--price", "gpt-4o.input=-3"), "it takes an amount of 0 or more"),
        (("--cached-share", "1.5"), "takes a number from 0 to 1, not '1.5'"),
        (("--batch-discount", "1"), "takes a number below 1"),
        (("--training-hours", "0"), "takes a number above 0, not '0'"),
    ],
)
def test_what_cannot_be_is_one_sentence(curator: Run, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "data.jsonl").write_text(RECORD, "utf-8")
    done = curator("cost", "data.jsonl", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_unreadable(curator: Run) -> None:
    done = curator("cost", "nothing.jsonl")
    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing.jsonl" in done.stderr


def test_data_without_an_answer_have_no_calls(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text('{"messages": [{"role": "user", "content": "Why?"}]}')
    done = curator("cost", "data.jsonl", "--calls", "5")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No record has a trained answer" in done.stderr


def test_records_are_counted_as_they_are_now(curator: Run, tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(f"{RECORD}\n" * 12, "utf-8")
    with editing(data) as run:
        run.drop(0)
    asked = ("--all", "--calls", "100", "--json")
    edited = curator("cost", data, *asked)
    assert "1 record differs in data.jsonl.curator; it is taken as it is there, not as in the file." in edited.stderr
    assert curator("export", data, "-o", "copy.jsonl").returncode == 0
    assert costs(curator("cost", "copy.jsonl", *asked)) == costs(edited)
    assert {one["records"] for one in costs(edited).values()} == {11}


def test_a_journal_of_another_file_is_told_and_left_out(curator: Run, tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(f"{RECORD}\n" * 12, "utf-8")
    with editing(data) as run:
        run.drop(0)
    data.write_text('{"messages": []}\n' + f"{RECORD}\n" * 4, "utf-8")
    done = curator("cost", data, "--json")
    assert "Open it with `curator` to see what is in data.jsonl.curator." in done.stderr
    assert {one["records"] for one in costs(done).values()} == {5}
    (tmp_path / "data.jsonl.curator").write_bytes(b"no journal at all, but long enough to be looked at" * 99)
    assert curator("cost", data, "--json").returncode == 0
