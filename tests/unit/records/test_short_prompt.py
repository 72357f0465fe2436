"""A long system prompt gives way to a short one: in every dialect, and no other byte changes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UsageError
from curator.records.codec import decode_exactly
from curator.records.dialects import DIALECTS, dialect_named
from curator.records.prompt_template import filled, names_in
from curator.records.short_prompt import (
    Shortened,
    ShortPrompt,
    Stay,
    check_short_prompt,
    shorten_line,
    shortened,
    system_prompt_of,
)
from curator.records.sniffing import claimed

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
LONG = "You are a patient examiner of \u00e9tudes."
ASK, ANSWER = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}


def dialect_of(value: Any) -> Any:
    claim = claimed(value)
    return claim[0] if claim else dialect_named("openai-chat")


def shorten(record: Any, short: str = "Brief.", *, long: str = LONG, begins: bool = False) -> Any:
    """The record after, or why it stays."""
    outcome = shortened(record, dialect_of(record), ShortPrompt(long, short, begins))
    return outcome.record if isinstance(outcome, Shortened) else outcome


def message(content: Any, role: str = "system", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


WITH: dict[str, Any] = {
    "chat": lambda prompt: {"messages": [message(prompt), ASK, ANSWER]},
    "developer": lambda prompt: {"messages": [message(prompt, "developer"), ASK, ANSWER]},
    "parts": lambda prompt: {"messages": [message([{"type": "text", "text": prompt, "cache": 1}]), ASK, ANSWER]},
    "preference": lambda prompt: {
        "input": {"messages": [message(prompt), ASK]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [message("No.", "assistant")],
    },
    "sharegpt key": lambda prompt: {
        "system": prompt,
        "conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}],
    },
    "sharegpt turn": lambda prompt: {
        "conversations": [{"from": "system", "value": prompt}, {"from": "human", "value": "Why?"}]
    },
    "alpaca": lambda prompt: {"instruction": "Why?", "output": "So.", "system": prompt},
    "trl": lambda prompt: {"prompt": [message(prompt), ASK], "completion": [ANSWER]},
    "trl implicit": lambda prompt: {
        "chosen": [message(prompt), ASK, ANSWER],
        "rejected": [message(prompt), ASK, message("No.", "assistant")],
    },
    "claude": lambda prompt: {"system": prompt, "messages": [ASK, ANSWER]},
    "bedrock": lambda prompt: {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": prompt}],
        "messages": [{"role": "user", "content": [{"text": "Why?"}]}],
    },
    "gemini": lambda prompt: {
        "systemInstruction": {"role": "system", "parts": [{"text": prompt}]},
        "contents": [{"role": "user", "parts": [{"text": "Why?"}]}],
    },
}


@pytest.mark.parametrize("kind", WITH)
def test_the_prompt_of_each_dialect_is_replaced_and_nothing_else(kind: str) -> None:
    assert shorten(WITH[kind](LONG)) == WITH[kind]("Brief.")
    assert shorten(WITH[kind]("Another one.")) is Stay.OTHER
    assert shorten(WITH[kind]("Brief."), long="Brief.") is Stay.SAME
    assert shorten(WITH[kind](LONG + " Be kind."), "{rest} Short.", begins=True) == WITH[kind](" Be kind. Short.")


REMOVED: dict[str, Any] = {
    "chat": {"messages": [ASK, ANSWER]},
    "preference": {**WITH["preference"](""), "input": {"messages": [ASK]}},
    "sharegpt key": WITH["sharegpt key"](""),
    "sharegpt turn": {"conversations": [{"from": "human", "value": "Why?"}]},
    "alpaca": WITH["alpaca"](""),
    "trl": {"prompt": [ASK], "completion": [ANSWER]},
    "trl implicit": {"chosen": [ASK, ANSWER], "rejected": [ASK, message("No.", "assistant")]},
    "claude": {"messages": [ASK, ANSWER]},
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "messages": [{"role": "user", "content": [{"text": "Why?"}]}],
    },
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Why?"}]}]},
}


@pytest.mark.parametrize("kind", REMOVED)
def test_an_empty_short_prompt_removes_the_message(kind: str) -> None:
    after = shorten(WITH[kind](LONG), "")
    assert after == REMOVED[kind]
    assert system_prompt_of(dialect_of(after).read(after)) == ""


def test_what_cannot_be_shortened_stays_with_its_reason() -> None:
    assert shorten({"prompt": LONG, "completion": " So."}) is Stay.FORMAT
    assert shorten({"messages": [ASK, ANSWER]}) is Stay.NONE
    assert shorten({"messages": []}) is Stay.NONE
    assert shorten({"messages": [ASK, message(LONG)]}) is Stay.NONE
    assert shorten({"messages": [message([{"type": "image_url", "image_url": {"url": "x"}}]), ASK]}) is Stay.NONE
    assert shorten({"messages": [message(LONG)]}, "") is Stay.NO_PLACE
    assert shorten({"messages": [message(LONG), ASK]}, "{meta.lang}") is Stay.LACKS


def test_several_parts_are_one_prompt() -> None:
    parts = [{"type": "text", "text": one} for one in LONG.split(" of ")]
    after = shorten({"messages": [message(parts, name="p"), ASK]}, long="\n".join(LONG.split(" of ")))
    assert after == {"messages": [message([{"type": "text", "text": "Brief."}], name="p"), ASK]}


def test_parts_of_the_record_stand_in_the_short_prompt() -> None:
    record = {
        **WITH["chat"](LONG),
        "meta": {"lang": "de", "level": 3, "sure": True, "nothing": None},
        "ids": ["a", "b"],
    }
    text = '{meta.lang}-{meta.level}-{meta.sure}-{ids.1} {{meta.lang}} {"a": {1}} {}'
    assert shorten(record, text)["messages"][0]["content"] == 'de-3-true-b {meta.lang} {"a": {1}} {}'
    assert names_in(text) == ("meta.lang", "meta.level", "meta.sure", "ids.1")
    for lacking in ("{meta}", "{meta.nothing}", "{ids.2}", "{meta.lang.x}", "{other}"):
        assert shorten(record, lacking) is Stay.LACKS


def test_what_follows_a_beginning_goes_on() -> None:
    record = {"messages": [message("Tutor. Pupil: Anna"), ASK], "rest": "a key"}
    assert filled("{rest}", record) == "a key"
    assert shorten(record, "T {rest}", long="Tutor. Pupil: ", begins=True)["messages"][0]["content"] == "T Anna"
    assert shorten(record, "T {rest}", long="Tutor. Pupil: Anna", begins=True)["messages"][0]["content"] == "T "
    assert "messages" in shorten(record, "{rest}", long="Tutor. Pupil: Anna", begins=True)


def test_what_can_never_be_made_is_refused() -> None:
    with pytest.raises(UsageError, match="follows a beginning"):
        check_short_prompt(ShortPrompt(LONG, "{rest}"))
    with pytest.raises(UsageError, match="no prompt"):
        check_short_prompt(ShortPrompt("", "x"))
    with pytest.raises(UsageError, match="half of a character"):
        check_short_prompt(ShortPrompt(LONG + "\ud800", "x"))
    check_short_prompt(ShortPrompt(LONG, "{{rest}}"))
    check_short_prompt(ShortPrompt(LONG, "{rest}", begins=True))


def test_no_other_byte_of_a_line_changes() -> None:
    line = (
        b'\xef\xbb\xbf{ "n" : 1.10, "messages":[ {"content":"You are a patient examiner of \\u00e9tudes.",'
        b'"role":"system"},\t{"role":"user","content":"\\u0041sk \\/ 1E5"}], "n":2e+1 }\r\n'
    )
    after = shorten_line(line, dialect_of, ShortPrompt(LONG, 'Say "é".'))
    assert after is not None
    assert b"\\u0041sk \\/ 1E5" in after
    assert after.replace(b'Say \\"\xc3\xa9\\".', b"#").replace(b'Say \\"\\u00e9\\".', b"#") == line.replace(
        b"You are a patient examiner of \\u00e9tudes.", b"#"
    )


@pytest.mark.parametrize("line", [b"\n", b"{broken\n", b"[1]\n", b'"text"', b"", b'{"messages": 3}\n'])
def test_what_is_no_record_stays(line: bytes) -> None:
    assert shorten_line(line, dialect_of, ShortPrompt(LONG, "x")) is None


PROMPTS = st.sampled_from([LONG, LONG + " More.", "Another.", "", "You are"])


@given(st.sampled_from(sorted(WITH)), PROMPTS, st.sampled_from(["", "Short.", "{id}", "{rest}!", LONG]), st.booleans())
def test_records_without_the_prompt_are_left_alone(kind: str, prompt: str, short: str, begins: bool) -> None:
    record = {**WITH[kind](prompt), "id": "x"}
    line = json.dumps(record).encode() + b"\n"
    after = shorten_line(line, dialect_of, ShortPrompt(LONG, short, begins))
    meant = prompt.startswith(LONG) if begins else prompt == LONG
    if not meant:
        assert after is None
    if after is not None:
        value = decode_exactly(after[:-1])
        text = system_prompt_of(dialect_of(value).read(value))
        assert text == filled(short, record, prompt[len(LONG) :] if begins else None)
        assert {key: one for key, one in value.items() if key == "id"} == {"id": "x"}


def test_every_dialect_that_is_told_is_tried() -> None:
    tried = {dialect_of(make(LONG)).name for make in WITH.values()}
    assert tried == {one.name for one in DIALECTS if not one.by_choice} - {"prompt-completion"}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_samples_lose_their_prompt_and_keep_all_else(path: Path) -> None:
    for line in path.read_bytes().splitlines(keepends=True):
        value = decode_exactly(line.rstrip(b"\r\n"))
        text = system_prompt_of(dialect_of(value).read(value)) if isinstance(value, dict) else ""
        if text:
            after = shorten_line(line, dialect_of, ShortPrompt(text, "\u2042"))
            assert after is not None
            back = shorten_line(after, dialect_of, ShortPrompt("\u2042", text))
            assert back is not None
            assert decode_exactly(back.rstrip(b"\r\n")) == value


def test_one_long_prompt_in_every_record(shared_data: Path) -> None:
    packed = (shared_data / "chat" / "tau_airline_gpt4o.jsonl.gz").read_bytes()
    lines = gzip.decompress(packed).splitlines(keepends=True)
    long = system_prompt_of(dialect_named("openai-chat").read(json.loads(lines[0])))
    prompt = ShortPrompt(long, "Airline, {id}.")
    for line in lines:
        short = f"Airline, {json.loads(line)['id']}."
        expected = line.replace(json.dumps(long).encode(), json.dumps(short).encode())
        assert expected != line
        assert shorten_line(line, dialect_of, prompt) == expected
