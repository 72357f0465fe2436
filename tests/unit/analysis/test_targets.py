"""The table of targets: what each learns from, takes, and lets the user say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.analysis.counting import counting_of
from curator.analysis.limits import GIGABYTE, MEGABYTE, FileFacts, Limits, OverLong
from curator.analysis.lint.rules import BY_NUMBER
from curator.analysis.masking import OPENAI_MASKING, Masking
from curator.analysis.prices import load_price_book
from curator.analysis.record_report import analyse_record
from curator.analysis.report import AuditSpec, RecordReport
from curator.analysis.targets import NAMES, TARGETS, Target, refuse_unknown, target_named, told
from curator.errors import UsageError
from curator.records.codec import compact
from curator.records.dialects import NAMES as DIALECTS
from curator.records.dialects import dialect_named
from curator.session import Session
from curator.settings import Settings
from curator.target_settings import TargetOption, Value

SAMPLES = Path(__file__).parents[3] / "samples"
COUNTING = counting_of(load_price_book().resolve("gpt-4o-mini"))

CHAT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One?", "train": True},
        {"role": "assistant", "content": "First.", "weight": 0},
        {"role": "user", "content": "Two?"},
        {"role": "assistant", "content": "Second.", "train": False},
        {"role": "user", "content": "Three?"},
        {"role": "assistant", "content": "Third."},
    ]
}
TRL = {
    "prompt": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "No."}],
    "completion": [{"role": "assistant", "content": "Yes."}],
}
LEGACY = {"prompt": "One?\n\n###\n\n", "completion": " Yes."}
SHAREGPT = {"conversations": [{"from": "human", "value": "One?"}, {"from": "gpt", "value": "Yes."}] * 2}


def said(name: str, **options: Value) -> Target:
    return told(target_named(name), [TargetOption(name, key, value, "a test") for key, value in options.items()])


def learnt(target: Target, value: dict[str, Any], dialect: str) -> list[int]:
    messages = dialect_named(dialect).read(value).messages
    return [place for place, flag in enumerate(target.masking.flags(dialect, messages)) if flag]


def report_of(target: Target, value: dict[str, Any], dialect: str) -> RecordReport:
    spec = AuditSpec(COUNTING, dialect, mask=target.masking, accelerate=False, explain=True)
    return analyse_record(compact(value).encode(), spec)


@pytest.mark.parametrize(
    ("name", "options", "places"),
    [
        ("openai", {}, [4, 6]),
        ("azure", {}, [4, 6]),
        ("trl", {}, [0, 1, 2, 3, 4, 5, 6]),
        ("trl", {"assistant_only_loss": True}, [2, 4, 6]),
        ("llama-factory", {}, [2, 4, 6]),
        ("llama-factory", {"mask_history": True}, [6]),
        ("llama-factory", {"train_on_prompt": True}, [0, 1, 2, 3, 4, 5, 6]),
        ("axolotl", {}, [1, 2, 6]),
        ("axolotl", {"message_field_training": ""}, [2, 4, 6]),
        ("axolotl", {"roles_to_train": ("user",), "message_field_training": ""}, [1, 3, 5]),
        ("axolotl", {"roles_to_train": ("user",)}, [1, 3, 5]),
        ("axolotl", {"train_on_inputs": True}, [0, 1, 2, 3, 4, 5, 6]),
        ("mistral", {}, [4, 6]),
        ("together", {}, [4, 6]),
    ],
)
def test_which_messages_of_a_chat_are_learnt(name: str, options: dict[str, Value], places: list[int]) -> None:
    target = said(name, **options)
    assert learnt(target, CHAT, "openai-chat") == places
    report = report_of(target, CHAT, "openai-chat")
    assert [place for place, tokens in enumerate(report.trained_message_tokens) if tokens] == places
    whole = "openai-chat" in target.masking.whole
    assert report.trained == (report.tokens if whole else sum(report.trained_message_tokens))


@pytest.mark.parametrize(
    ("name", "value", "dialect", "options", "places"),
    [
        ("openai", LEGACY, "prompt-completion", {}, [1]),
        ("trl", LEGACY, "prompt-completion", {}, [1]),
        ("trl", LEGACY, "prompt-completion", {"completion_only_loss": False}, [0, 1]),
        ("trl", TRL, "trl", {}, [2]),
        ("trl", TRL, "trl", {"completion_only_loss": False}, [0, 1, 2]),
        ("axolotl", TRL, "trl", {"roles_to_train": ("user", "assistant")}, [2]),
        ("llama-factory", SHAREGPT, "sharegpt", {}, [1, 3]),
        ("llama-factory", SHAREGPT, "sharegpt", {"mask_history": True}, [3]),
    ],
)
def test_which_messages_of_other_records_are_learnt(
    name: str, value: dict[str, Any], dialect: str, options: dict[str, Value], places: list[int]
) -> None:
    target = said(name, **options)
    assert learnt(target, value, dialect) == places
    report = report_of(target, value, dialect)
    assert [place for place, tokens in enumerate(report.trained_message_tokens) if tokens] == places


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.jsonl")), ids=lambda path: path.name)
def test_without_a_target_the_mask_is_what_the_dialects_say(path: Path) -> None:
    session = Session([path], Settings(workers=-1))
    try:
        session.data.sources[0].index.finish()
        for position in range(len(session)):
            record = session.record(position)
            trained = tuple(message.trained for message in record.conversation.messages)
            assert (
                session.learnt(record)
                == trained
                == OPENAI_MASKING.flags(record.dialect.name, record.conversation.messages)
            )
    finally:
        session.close()


anything = st.sampled_from(["user", "assistant", "system", None, 3]) | st.none()
messages = st.lists(
    st.dictionaries(st.sampled_from(["role", "content", "weight", "train"]), anything | st.sampled_from([0, 1, True]))
    | st.just("odd"),
    max_size=6,
)


@given(
    messages, st.sampled_from([OPENAI_MASKING, Masking(key="train"), Masking(key="", last=True), Masking(("user",))])
)
def test_messages_of_a_chat_need_not_be_read_to_be_masked(raw: list[Any], masking: Masking) -> None:
    read = dialect_named("openai-chat").read({"messages": raw}).messages
    assert masking.flags_of_chat(raw) == masking.flags("openai-chat", read)


def test_the_key_that_masks_is_no_part_of_what_is_counted() -> None:
    plain = {"messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Yes."}]}
    marked = {"messages": [plain["messages"][0], {**plain["messages"][1], "train": True}]}
    one, other = (report_of(said("axolotl"), value, "openai-chat") for value in (plain, marked))
    assert (one.tokens, one.trained, one.estimated) == (other.tokens, other.trained, other.estimated)


def test_the_last_answer_alone_is_the_last_of_each_of_two_answers() -> None:
    value = {"prompt": "One?", "chosen": "Yes.", "rejected": "No."}
    messages = dialect_named("trl").read(value).messages
    assert Masking(last=True).flags("trl", messages) == (False, True, True)


@pytest.mark.parametrize("target", TARGETS, ids=NAMES)
def test_every_target_is_whole(target: Target) -> None:
    assert target.sources
    assert target.title
    assert target.dialects
    assert {*target.dialects, *target.reads.values(), *target.reads, *target.lenient} <= {*DIALECTS, *AWAITED}
    assert set(target.severities) <= set(range(64))
    assert told(target, []) == target, "what it does unless told otherwise is what its options say"
    assert BY_NUMBER[10].number not in target.severities


AWAITED = ("mistral", "together", "bedrock", "claude", "gemini", "openai-rft")


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        (TargetOption("axolot", "sequence_len", 1, "x.toml"), "did you mean axolotl"),
        (TargetOption("axolotl", "sequence_length", 1, "x.toml"), "did you mean `sequence_len`"),
        (TargetOption("axolotl", "sequence_len", True, "x.toml"), "takes a whole number"),
        (TargetOption("axolotl", "sequence_len", 0, "x.toml"), "takes 1 or more"),
        (TargetOption("axolotl", "roles_to_train", "user", "x.toml"), "takes a list of texts"),
        (TargetOption("axolotl", "excess_length_strategy", "cut", "x.toml"), "takes drop, truncate, raise"),
        (TargetOption("openai", "epochs", 3, "x.toml"), "it has none that matter here"),
    ],
)
def test_an_option_that_a_target_does_not_have_is_told(option: TargetOption, answer: str) -> None:
    with pytest.raises(UsageError, match=answer):
        refuse_unknown([option])


def test_options_move_the_limit_and_what_becomes_of_what_is_over_it() -> None:
    assert said("trl", max_length=4096).limits.longest_example == 4096
    assert said("axolotl").limits.over_long is OverLong.LEFT_OUT
    assert said("axolotl", excess_length_strategy="truncate").limits.over_long is OverLong.CUT


def facts(octets: int = 1, records: int = 100, images: int = 0, mark: bool = False) -> FileFacts:
    return FileFacts(octets, records, images, mark)


@pytest.mark.parametrize(
    ("limits", "file", "sentences"),
    [
        (Limits(most_bytes=512 * MEGABYTE), facts(600 * MEGABYTE), ["600 MB, over the 512 MB that X takes"]),
        (Limits(most_bytes=512 * MEGABYTE), facts(512 * MEGABYTE), []),
        (Limits(most_bytes=GIGABYTE), facts(GIGABYTE + 1), ["1,000,000,001 bytes, over the 1 GB that X takes"]),
        (Limits(most_bytes=GIGABYTE), facts(1_250_000_000), ["1.25 GB, over the 1 GB that X takes"]),
        (Limits(fewest_records=10), facts(records=9), ["9 records, under the 10 that X wants at least"]),
        (Limits(most_records=99), facts(), ["100 records, over the 99 that X takes"]),
        (Limits(records_with_images=5), facts(images=6), ["6 records with images, over the 5 that X takes"]),
        (Limits(byte_order_mark=True), facts(), ["it begins without the byte order mark that X wants"]),
        (Limits(byte_order_mark=True), facts(mark=True), []),
    ],
)
def test_what_a_service_does_not_take_of_a_file(limits: Limits, file: FileFacts, sentences: list[str]) -> None:
    assert list(limits.exceeded(file, "X")) == sentences
