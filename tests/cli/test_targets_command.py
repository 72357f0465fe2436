"""curator targets, and --target and --tokenizer on other commands."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.analysis.targets import NAMES

Run = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("lines_alone")

SOUND = '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]}'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_text(f"{SOUND}\n" * 12)
    return path


def test_all_targets_are_listed(curator: Run) -> None:
    done = curator("targets")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(NAMES)


def test_one_target_is_told_whole(curator: Run) -> None:
    done = curator("targets", "azure")
    assert "512 MB" in done.stdout
    assert "byte order mark" in done.stdout
    assert "source" in done.stdout


def test_targets_as_json_have_the_options_of_the_settings_in_force(curator: Run, tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text("[targets.axolotl]\nsequence_len = 4096\n")
    found = {one["name"]: one for one in json.loads(curator("targets", "--json").stdout)}
    assert set(found) == set(NAMES)
    assert found["axolotl"]["longest_example"] == 4096
    assert found["openai"]["longest_example"] is None
    assert found["openai"]["most_bytes"] == 512_000_000


def test_a_target_of_another_name_is_told_with_the_nearest(curator: Run, data: Path) -> None:
    for command in ("check", "stats"):
        done = curator(command, data, "--target", "open-ai")
        assert done.returncode == 2
        assert "did you mean openai?" in done.stderr


def test_what_is_trained_follows_the_target(curator: Run, data: Path) -> None:
    def trained(*arguments: str) -> tuple[int, int, bool]:
        found = json.loads(curator("stats", data, "--json", *arguments).stdout)
        return found["tokens"], found["trained_tokens"], found["estimated"]

    tokens, answers, estimated = trained()
    assert not estimated
    assert trained("--target", "openai") == (tokens, answers, False)
    assert trained("--target", "trl") == (tokens, tokens, True)


def test_the_settings_choose_the_target_too(curator: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "curator.toml").write_text(
        'target = "trl"\n[targets.trl]\nassistant_only_loss = true\nmax_length = 9\n'
    )
    found = json.loads(curator("stats", data, "--json").stdout)
    assert found["target"] == "trl"
    assert found["trained_tokens"] < found["tokens"]
    assert found["over_context"] == 12
    assert json.loads(curator("stats", data, "--json", "--target", "openai").stdout)["over_context"] == 0


def test_a_file_that_the_target_does_not_take_is_an_error(curator: Run, data: Path) -> None:
    assert curator("check", data).returncode == 0
    done = curator("check", data, "--target", "azure")
    assert done.returncode == 1
    assert f"{data}: CUR044 it begins without the byte order mark that Azure OpenAI wants" in done.stdout
    (found,) = map(json.loads, curator("check", data, "--target", "azure", "--format", "json").stdout.splitlines())
    assert (found["code"], found["line"], found["record"]) == ("CUR044", None, None)
    told = curator("check", data, "--target", "azure", "--format", "github").stdout
    assert told.startswith(f"::error file={data},title=CUR044::")
    data.write_bytes(b"\xef\xbb\xbf" + data.read_bytes())
    assert curator("check", data, "--target", "azure").returncode == 0


def test_records_in_a_format_that_the_target_does_not_take_are_errors(curator: Run, data: Path) -> None:
    done = curator("check", data, "--target", "gemini")
    assert done.returncode == 1
    assert done.stdout.count("CUR045") == 12


def test_trainers_of_ones_own_let_other_keys_pass(curator: Run, data: Path) -> None:
    data.write_text(f'{SOUND[:-1]}, "id": 7}}\n' * 12)
    assert "CUR009" in curator("check", data).stdout
    assert curator("check", data, "--target", "axolotl").stdout == ""
    assert curator("check", data, "--target", "llama-factory").returncode == 0


def test_a_tokenizer_counts_in_place_of_the_model(curator: Run, data: Path, tmp_path: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    pytest.importorskip("jinja2")
    model = tmp_path / "model"
    model.mkdir()
    words = {"[UNK]": 0, "Why?": 1, "Because.": 2, "user": 3, "assistant": 4}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(model / "tokenizer.json"))
    template = "{% for message in messages %}{{ message.role }} {{ message.content }} {% endfor %}"
    (model / "chat_template.jinja").write_text(template)
    for workers in ("inline", "2"):
        done = curator("stats", data, "--json", "--target", "trl", "--tokenizer", model, "--workers", workers)
        found = json.loads(done.stdout)
        assert (found["tokens"], found["trained_tokens"]) == (48, 48)
        assert not found["estimated"]
    assert "holds no tokenizer.json" in curator("stats", data, "--tokenizer", tmp_path).stderr
