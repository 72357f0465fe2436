"""curator break-even: from typed numbers, and from the data."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from editing import editing

Run = Callable[..., "subprocess.CompletedProcess[str]"]

KEYS = ["base_per_call", "tuned_per_call", "saving_per_call", "training_cost", "calls", "condition"]
TYPED = ("--short-prompt", "100", "--completion", "10", "--training-tokens", "100000", "--epochs", "3")
SEED = ("--base", "gpt-3.5-turbo", "--tuned", "gpt-3.5-turbo", "--edition", "2023-08")
LONG = "You are the examiner of new guides; be patient, and never give the answer away. " * 10


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    def record(system: str, number: int) -> str:
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": f"Question {number}?"},
            {"role": "assistant", "content": "Answer."},
        ]
        return json.dumps({"messages": messages})

    path = tmp_path / "data.jsonl"
    path.write_text("\n".join([*(record(LONG, one) for one in range(9)), record("Be brief.", 9)]))
    return path


def test_the_case_of_the_forum(curator: Run) -> None:
    done = curator("break-even", *SEED, "--prompt", "1000", *TYPED, "--json", "--calls-a-day", "400")
    found = answer(done)
    assert list(found)[:6] == KEYS
    money = ("0.00152", "0.00136", "0.00016", "2.40")
    assert tuple(Decimal(found[key]) for key in KEYS[:4]) == tuple(map(Decimal, money))
    assert all(type(found[key]) is str for key in KEYS[:4])
    assert (found["calls"], found["days"], found["tuned"]) == (15_000, "37.5", "ft:gpt-3.5-turbo")
    assert found["condition"].startswith("A prompt of 1,000 tokens cut to 100 pays only while answers stay under 22")
    assert done.stderr.count("retired") == 2


def test_that_it_never_pays_is_an_answer(curator: Run) -> None:
    asked = ("break-even", *SEED, "--prompt", "1000", *TYPED, "--completion", "22")
    found = answer(curator(*asked, "--json"))
    assert (found["calls"], found["days"]) == (None, None)
    text = curator(*asked)
    assert text.returncode == 0
    assert "break-even  never\n" in text.stdout
    assert "saving      -$0.000008 a call\n" in text.stdout


def test_the_tuned_model_by_either_name(curator: Run) -> None:
    asked = ("break-even", "--base", "gpt-3.5-turbo-16k", "--prompt", "2000", *TYPED, "--json")
    one = answer(curator(*asked, "--tuned", "gpt-3.5-turbo"))
    assert one == answer(curator(*asked, "--tuned", "ft:gpt-3.5-turbo")) | {"tuned": "ft:gpt-3.5-turbo"}
    assert one["edition"] == "2023-08"


def test_training_by_the_hour(curator: Run) -> None:
    asked = ("break-even", "--base", "gpt-4o", "--tuned", "o4-mini", "--prompt", "9000", *TYPED)
    done = curator(*asked)
    assert "break-even  not known\n" in done.stdout
    assert done.stdout.endswith("The training price is by the hour; give --training-hours.\n")
    assert answer(curator(*asked, "--json"))["training_cost"] is None
    assert answer(curator(*asked, "--json", "--training-hours", "2"))["training_cost"] == "200.00"


def test_own_prices_come_in_layers(curator: Run, tmp_path: Path) -> None:
    asked = ("break-even", "--base", "gpt-4o-mini", "--prompt", "1000", *TYPED, "--completion", "0", "--json")
    (tmp_path / "curator.toml").write_text('[prices."gpt-4o-mini"]\ninput = "7"\ntraining = 5')
    found = answer(curator(*asked))
    assert (Decimal(found["base_per_call"]), Decimal(found["training_cost"])) == (Decimal("0.007"), Decimal("1.5"))
    found = answer(curator(*asked, "--price", "gpt-4o-mini.input=8"))
    assert (Decimal(found["base_per_call"]), Decimal(found["training_cost"])) == (Decimal("0.008"), Decimal("1.5"))


def test_numbers_from_the_data(curator: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("Be brief.\n")
    done = curator("break-even", data, "--short-prompt-file", "short.txt", "--json")
    found = answer(done)
    assert (found["base"], found["tuned"]) == ("gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini-2024-07-18")
    assert (found["calls_in_data"], found["epochs"]) == (10, 10)
    assert found["long_prompt"].items() >= {"records": 9, "calls": 9, "text": LONG}.items()
    (tmp_path / "shortened.jsonl").write_text(data.read_text().replace(LONG, "Be brief."))
    after = json.loads(curator("stats", "shortened.jsonl", "--json").stdout)
    assert found["training_tokens"] == after["billed_tokens"]
    assert Decimal(found["training_cost"]) == Decimal(after["cost"]["training"])
    short = found["long_prompt"]["tokens"] - (found["prompt_tokens"] - found["short_prompt_tokens"]) // 9
    again = answer(curator("break-even", data, "--short-prompt", str(short), "--json"))
    assert again == found
    assert "1 of 10 records has another system prompt, or none, and stays as it is." in done.stderr
    assert "One answer stands in the data 10 times and is seen 100 times in 10 epochs" in done.stderr


def test_a_prompt_that_is_given_need_not_be_in_the_data(curator: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("Be brief.\n")
    asked = ("break-even", data, "--short-prompt", "1", "--json", "--prompt-file", "long.txt")
    inside = answer(curator(*asked))
    assert inside["long_prompt"].items() >= {"text": "Be brief.", "records": 1}.items()
    (tmp_path / "long.txt").write_text("Be very brief.")
    done = curator(*asked)
    outside = answer(done)
    assert outside["long_prompt"] == {"tokens": 4, "records": 0, "calls": 0, "text": "Be very brief."}
    assert "No record begins with this system prompt: it is taken to stand before every call" in done.stderr
    assert "another system prompt, or none" not in done.stderr
    in_place = data.read_text().replace(LONG, "Be very brief.").replace("Be brief.", "Be very brief.")
    (tmp_path / "in_place.jsonl").write_text(in_place)
    same = answer(curator("break-even", "in_place.jsonl", "--short-prompt", "1", "--json"))
    apart = ("long_prompt", "warnings")
    assert {key: outside[key] for key in outside if key not in apart} == {
        key: same[key] for key in same if key not in apart
    }
    other = answer(curator(*asked, "--base", "gpt-4o", "--tuned", "gpt-3.5-turbo"))
    assert (other["prompt_tokens"], other["training_tokens"] > 0) == (outside["prompt_tokens"], True)


def test_a_prompt_file_has_to_be_text(curator: Run, data: Path, tmp_path: Path) -> None:
    asked = ("break-even", data, "--short-prompt", "1", "--json", "--prompt-file", "long.txt")
    for content, code in ((b"\n", 2), (b"\xff", 3)):
        (tmp_path / "long.txt").write_bytes(content)
        done = curator(*asked)
        assert (done.returncode, done.stdout) == (code, "")
    (tmp_path / "long.txt").unlink()
    assert curator(*asked).returncode == 3


def test_records_without_a_system_prompt_get_the_one_that_is_given(curator: Run, tmp_path: Path) -> None:
    def bare(*system: dict[str, str]) -> str:
        said = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
        return json.dumps({"messages": [*system, *said]})

    (tmp_path / "long.txt").write_text(LONG)
    (tmp_path / "bare.jsonl").write_text(f"{bare()}\n" * 9)
    (tmp_path / "with.jsonl").write_text(f"{bare({'role': 'system', 'content': LONG})}\n" * 9)
    figures = [
        answer(curator("break-even", name, "--short-prompt", "5", "--prompt-file", "long.txt", "--json"))
        for name in ("bare.jsonl", "with.jsonl")
    ]
    assert len({(one["prompt_tokens"], one["short_prompt_tokens"], one["training_tokens"]) for one in figures}) == 1


def test_records_are_counted_as_they_are_now(curator: Run, data: Path) -> None:
    with editing(data) as run:
        run.drop(0, 1)
        run.rewrite(7, run.record(6).body)
    asked = ("break-even", data, "--short-prompt", "3", "--json")
    edited = curator(*asked)
    assert answer(edited)["calls_in_data"] == 8
    assert "3 records differ in data.jsonl.curator; they are taken as they are there" in edited.stderr
    assert curator("export", data, "-o", "copy.jsonl").returncode == 0
    written = curator("break-even", "copy.jsonl", "--short-prompt", "3", "--json")
    assert written.stdout == edited.stdout
    assert "differ" not in written.stderr


def test_models_of_different_encodings_are_counted_each_by_its_own(curator: Run, data: Path) -> None:
    asked = ("break-even", data, "--base", "gpt-4o", "--short-prompt", "2", "--json")
    same = answer(curator(*asked, "--tuned", "gpt-4o-mini"))
    other = answer(curator(*asked, "--tuned", "gpt-3.5-turbo"))
    assert same["prompt_tokens"] == other["prompt_tokens"]
    turbo = answer(curator("break-even", data, "--base", "gpt-3.5-turbo", "--short-prompt", "2", "--json"))
    assert (other["training_tokens"], other["tuned_per_call"]) == (turbo["training_tokens"], turbo["tuned_per_call"])


def test_real_data(curator: Run, shared_data: Path) -> None:
    path = shared_data / "chat" / "drone_training.jsonl"
    asked = ("break-even", path, "--short-prompt", "20", "--calls-a-day", "1000")
    text = curator(*asked, "--base", "gpt-4o", "--tuned", "gpt-4o-mini")
    assert text.returncode == 0
    assert text.stdout.startswith("prompt      ")
    found = answer(curator(*asked, "--base", "gpt-4o", "--tuned", "gpt-4o-mini", "--json"))
    assert found["calls_in_data"] == 103
    assert found["calls"] > 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Give --prompt, --short-prompt, --completion, --training-tokens; or FILE"),
        (("--prompt", "5", "--short-prompt", "5", "--completion", "1", "--training-tokens", "1"), "Give --epochs;"),
        (("data.jsonl",), "With FILE, say how long the short system prompt is"),
        (("data.jsonl", "--short-prompt", "1", "--short-prompt-file", "x"), "With FILE, say how long"),
        (("data.jsonl", "--short-prompt", "1", "--prompt", "5"), "--prompt is taken from FILE"),
        (("--prompt", "5", *TYPED, "--prompt-file", "x"), "--prompt-file goes with FILE"),
        (("--prompt", "5", *TYPED, "--base", "gpt-4"), "gpt-4 cannot be fine-tuned"),
        (("--prompt", "5", *TYPED, "--base", "gpt-4o-mni"), "Nearest names: gpt-4o-mini"),
        (("--prompt", "-5", *TYPED), "takes a whole number of at least 0, not '-5'"),
        (("--prompt", "5.5", *TYPED), "takes a whole number"),
        (("--prompt", "5", *TYPED, "--calls-a-day", "0"), "takes a number above 0"),
    ],
)
@pytest.mark.usefixtures("data")
def test_what_cannot_be_is_one_sentence(curator: Run, arguments: tuple[str, ...], told: str) -> None:
    done = curator("break-even", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_models_cannot_be_tuned(curator: Run) -> None:
    pytest.importorskip("genai_prices")
    done = curator("break-even", "--base", "gpt-5", "--prompt", "5", *TYPED)
    assert (done.returncode, done.stdout) == (2, "")
    assert "gpt-5 cannot be fine-tuned, by edition genai-prices." in done.stderr


def test_data_without_a_system_prompt_have_none_to_shorten(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "bare.jsonl").write_text('{"prompt": "Why?", "completion": " So."}')
    done = curator("break-even", "bare.jsonl", "--short-prompt", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No record begins with a system prompt" in done.stderr
