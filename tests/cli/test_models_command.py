"""curator models: the price book, its editions side by side."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.analysis.prices import load_price_book
from curator.cli.models import side_by_side

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_models_of_both_editions_are_one_row() -> None:
    book = load_price_book()
    sides = side_by_side(book.editions[::-1])
    ids = [tuple(row.id if row else None for _, row in side) for side in sides]
    assert ("gpt-3.5-turbo-0125", "gpt-3.5-turbo") in ids
    assert ("ft:gpt-3.5-turbo-0125", "ft:gpt-3.5-turbo") in ids
    assert ("gpt-4o-2024-08-06", None) in ids
    assert (None, "gpt-4") in ids
    assert sum(row is not None for side in sides for _, row in side) == sum(len(one.models) for one in book.editions)


def test_the_editions_stand_side_by_side(curator: Run) -> None:
    done = curator("models")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    header = next(line for line in lines if line.startswith("model "))
    assert header.split() == [
        *("model", "2026", "training", "input", "cached", "output", "context"),
        *("2023-08", "training", "input", "cached", "output", "context", "status"),
    ]
    both = next(line for line in lines if line.startswith("ft:gpt-3.5-turbo-0125"))
    assert both.split()[1:] == ["8.00", "3.00", "-", "6.00", "16,385", "8.00", "12.00", "-", "16.00", "4,096", "active"]
    assert any(line.startswith("gpt-4 ") and line.endswith("retired") for line in lines)


def test_everything_that_is_known_as_json(curator: Run) -> None:
    found = {one["model"]: one["editions"] for one in json.loads(curator("models", "--json").stdout)}
    mini = found["gpt-4o-mini-2024-07-18"]
    assert mini["2023-08"] is None
    assert mini["2026"].items() >= {"aliases": ["gpt-4o-mini"], "status": "active", "input": "0.15"}.items()
    assert mini["2026"].keys() >= {"source", "shutdown", "effective_from", "effective_to", "checked_on", "encoding"}
    assert found["gpt-3.5-turbo-0125"]["2023-08"]["id"] == "gpt-3.5-turbo"
    one = json.loads(curator("models", "--json", "--edition", "2023-08").stdout)
    assert {name for row in one for name in row["editions"]} == {"2023-08"}


def test_own_prices_are_shown(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text('[prices."gpt-4o"]\ninput = 2.125\noutput = 9')
    done = curator("models", "--json", "--price", "gpt-4o.output=8.5")
    row = next(one for one in json.loads(done.stdout) if one["model"] == "gpt-4o-2024-08-06")["editions"]["2026"]
    assert (row["input"], row["output"]) == ("2.125", "8.5")
    assert row["source"].endswith("input of curator.toml; output of curator.toml; output of the command line")
    assert "2.125" in curator("models").stdout


def test_an_own_price_of_an_unknown_model_is_told(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text('[prices."gpt-4o-mni"]\ninput = 2')
    done = curator("models")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('curator: curator.toml: [prices."gpt-4o-mni"]: The price book has no model')


@pytest.mark.skipif(importlib.util.find_spec("genai_prices") is None, reason="the extra `prices` is not installed")
def test_other_models_are_shown_when_asked_for(curator: Run) -> None:
    assert "anthropic/" not in curator("models").stdout
    done = curator("models", "--all")
    assert done.returncode == 0
    assert "\nanthropic/claude-" in done.stdout
    assert "From the library genai-prices" in done.stdout
    only = json.loads(curator("models", "--edition", "genai-prices", "--json").stdout)
    assert {name for row in only for name in row["editions"]} == {"genai-prices"}


def test_without_the_extra_it_is_told_what_to_install(curator: Run, tmp_path: Path, project: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\nfind = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'genai_prices' else find(name, *more)\n"
    )
    done = curator("models", "--all", env={"PYTHONPATH": f"{tmp_path}:{project}"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "install curator with the extra `prices`" in done.stderr


def test_other_names_and_sources_are_told_of_an_edition(curator: Run) -> None:
    told = curator("models", "--edition", "2026").stdout.splitlines()
    assert "gpt-4o-mini-2024-07-18 is also called gpt-4o-mini." in told
    assert sum(line.startswith("source: OpenAI's pricing page") for line in told) == 1
