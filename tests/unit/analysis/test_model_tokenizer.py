"""Counts by a model's own tokenizer and chat template, against the tokenizer itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curator.analysis.analyst import Analyst
from curator.analysis.counting import counting_of
from curator.analysis.masking import Masking
from curator.analysis.prices import load_price_book
from curator.analysis.record_report import analyse_record
from curator.analysis.report import AuditSpec, Flag
from curator.analysis.tokenizing import tokenizing_of
from curator.errors import UnreadableError, UsageError

tokenizers = pytest.importorskip("tokenizers")
pytest.importorskip("jinja2")

CHATML = (
    "{%- for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\\n' + (message.content or '') + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}"
)
MARKED = (
    "{%- for message in messages %}\n"
    "    {%- if message.role == 'assistant' %}\n"
    "{{- '<|im_start|>assistant\\n' }}{% generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}"
    "{{ '\\n' }}\n"
    "    {%- else %}\n"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\n"
    "    {%- endif %}\n"
    "{%- endfor %}\n"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
LLAMA = (
    "{{- bos_token }}"
    "{%- if tools %}{{- 'Tools: ' + tools | tojson + '\\n' }}{%- endif %}"
    "{%- for message in messages %}"
    "{%- if message.role not in ('system', 'user', 'assistant') %}{{ raise_exception('what a role') }}{%- endif %}"
    "{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}"
)
LAST_ONLY = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + (message.content if loop.last or message.role != 'assistant'"
    " else '-') }}"
    "{{- '<|im_end|>\\n' }}"
    "{%- endfor %}"
)
SPECIAL = ["<|im_start|>", "<|im_end|>", "<s>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
CORPUS = [
    "The capital of France is Paris. What is the capital?",
    "Wo liegt das? Ein kurzer Text, dann noch einer.",
    "assistant user system",
]

CHAT: list[dict[str, Any]] = [
    {"role": "system", "content": "Answer in one sentence."},
    {"role": "user", "content": "What is the capital of France?"},
    {"role": "assistant", "content": "The capital of France is Paris."},
    {"role": "user", "content": "Und Österreich? 漢字 🚌"},
    {"role": "assistant", "content": "Wien, an der Donau."},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder with a tokenizer of its own, and no template yet."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def with_template(folder: Path, template: str) -> Path:
    config = {"bos_token": {"content": "<s>"}, "eos_token": "<|eot_id|>", "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def spec_of(folder: Path, **others: Any) -> AuditSpec:
    counting = counting_of(load_price_book().resolve("gpt-4o-mini"))
    return AuditSpec(counting, "openai-chat", tokenizer=tokenizing_of(folder), explain=True, **others)


def line_of(messages: Sequence[dict[str, Any]], **others: Any) -> bytes:
    return json.dumps({"messages": messages, **others}).encode()


def length(folder: Path, text: str) -> int:
    return len(
        tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text, add_special_tokens=False).ids
    )


def chatml(messages: Sequence[dict[str, Any]]) -> str:
    return "".join(f"<|im_start|>{one['role']}\n{one['content']}<|im_end|>\n" for one in messages)


def llama(messages: Sequence[dict[str, Any]]) -> str:
    turns = (f"<|start_header_id|>{one['role']}<|end_header_id|>\n\n{one['content']}<|eot_id|>" for one in messages)
    return "<s>" + "".join(turns)


@pytest.mark.parametrize(("template", "spelt"), [(CHATML, chatml), (LLAMA, llama)])
def test_a_conversation_counts_as_the_template_has_it(folder: Path, template: str, spelt: Any) -> None:
    report = analyse_record(line_of(CHAT), spec_of(with_template(folder, template)))
    assert report.tokens == length(folder, spelt(CHAT))
    answers = sum(
        length(folder, spelt(CHAT[: place + 1])) - length(folder, spelt(CHAT[:place]) + header(spelt))
        for place in (2, 4)
    )
    assert report.trained == answers == sum(report.trained_message_tokens)
    assert report.overhead == 0
    assert sum(report.message_tokens) == report.tokens
    assert not report.estimated


def header(spelt: Any) -> str:
    return "<|im_start|>assistant\n" if spelt is chatml else "<|start_header_id|>assistant<|end_header_id|>\n\n"


def test_what_the_template_marks_as_generated_is_trained(folder: Path) -> None:
    report = analyse_record(line_of(CHAT), spec_of(with_template(folder, MARKED)))
    assert report.tokens == length(folder, chatml(CHAT))
    assert report.trained == sum(length(folder, f"{CHAT[place]['content']}<|im_end|>") for place in (2, 4))


def test_a_masked_answer_is_not_trained(folder: Path) -> None:
    masked = [*CHAT[:2], {**CHAT[2], "weight": 0}, *CHAT[3:]]
    for template in (CHATML, MARKED):
        report = analyse_record(line_of(masked), spec_of(with_template(folder, template)))
        assert report.trained_message_tokens[2] == 0
        assert report.trained == report.trained_message_tokens[4] > 0


def test_every_token_is_trained_where_the_trainer_masks_nothing(folder: Path) -> None:
    spec = spec_of(with_template(folder, LLAMA), mask=Masking(key="", whole=("openai-chat",)))
    report = analyse_record(line_of(CHAT), spec)
    assert report.trained == report.tokens == length(folder, llama(CHAT))


def test_a_template_that_changes_what_came_before_gives_an_estimate(folder: Path) -> None:
    report = analyse_record(line_of(CHAT), spec_of(with_template(folder, LAST_ONLY)))
    shown = [{**one, "content": "-"} if place == 2 else one for place, one in enumerate(CHAT)]
    assert report.tokens == length(folder, chatml(shown))
    assert report.estimated


def test_declared_tools_are_part_of_what_the_template_writes(folder: Path) -> None:
    tools = [{"type": "function", "function": {"name": "find", "description": "über <alles>"}}]
    report = analyse_record(line_of(CHAT, tools=tools), spec_of(with_template(folder, LLAMA)))
    written = f"<s>Tools: {json.dumps(tools, ensure_ascii=False)}\n{llama(CHAT).removeprefix('<s>')}"
    assert report.tokens == length(folder, written)


def test_without_a_template_or_where_it_refuses_a_record_the_count_is_an_estimate(folder: Path) -> None:
    assert analyse_record(line_of(CHAT), spec_of(folder)).estimated
    odd = [{"role": "narrator", "content": "Once."}, *CHAT]
    assert analyse_record(line_of(odd), spec_of(with_template(folder, LLAMA))).estimated


def test_the_audit_counts_as_the_reader_does(folder: Path) -> None:
    lines = [line_of(CHAT), line_of(CHAT[:3]), b'{"messages": []}', line_of([{"role": "user", "content": "\ud800"}])]
    spec = spec_of(with_template(folder, CHATML))
    columns = Analyst(spec).report(lines, len(lines)).columns
    reports = [analyse_record(line, spec) for line in lines]
    assert list(columns.tokens) == [one.tokens for one in reports]
    assert list(columns.trained) == [one.trained for one in reports]
    assert not columns.flags[0] & Flag.ESTIMATED


@pytest.mark.parametrize("template", [CHATML, MARKED, LLAMA])
def test_the_cut_is_at_the_token_where_the_limit_falls(folder: Path, template: str) -> None:
    spec = spec_of(with_template(folder, template))
    whole = analyse_record(line_of(CHAT), spec)
    ends = [sum(whole.message_tokens[: place + 1]) for place in range(len(CHAT))]
    for limit in range(1, whole.tokens):
        cut = analyse_record(line_of(CHAT), replace(spec, limit=limit)).cut
        assert cut is not None
        assert cut.message == next(place for place, end in enumerate(ends) if end > limit)
        assert 0 <= cut.character <= len(CHAT[cut.message]["content"])
    assert analyse_record(line_of(CHAT), replace(spec, limit=whole.tokens)).cut is None


def test_a_tokenizer_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="holds no tokenizer"):
        tokenizing_of(tmp_path)
    with pytest.raises(UnreadableError, match="no such file"):
        tokenizing_of(tmp_path / "absent")


def test_without_the_packages_one_sentence_says_which_extra_has_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curator.analysis.tokenizing.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="extra `tokenizers`"):
        tokenizing_of(folder)


def test_files_that_changed_are_another_tokenizer(folder: Path) -> None:
    spec = spec_of(with_template(folder, CHATML))
    with_template(folder, LLAMA)
    assert spec_of(folder) != spec
    with pytest.raises(UnreadableError, match="changed"):
        Analyst(spec)


def test_a_file_that_is_no_tokenizer_is_told(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UnreadableError, match="is not a tokenizer"):
        Analyst(spec_of(tmp_path))


def test_a_template_cannot_reach_out_of_its_sandbox(folder: Path) -> None:
    escape = "{{ messages.__class__.__mro__[1].__subclasses__() }}"
    assert analyse_record(line_of(CHAT), spec_of(with_template(folder, escape))).estimated
