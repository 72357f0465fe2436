"""Records of every dialect as the reader shows them: which lines, and no more of them than are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from rich.cells import cell_len

from curator.analysis.findings import Finding, Severity
from curator.analysis.limits import OverLong
from curator.analysis.report import ContextEnd, RecordReport
from curator.records.codec import compact
from curator.records.dialects import DIALECTS
from curator.session import Record, Session
from curator.settings import Settings
from curator.tui import conversation_layout, layout_lines
from curator.tui.context_cut import Cut, Trainer, cut_of
from curator.tui.conversation_layout import (
    Item,
    Marks,
    Options,
    item_at,
    item_count,
    lay_out,
)
from curator.tui.layout_lines import Line
from curator.tui.visible import visible

RecordOf = Callable[..., Record]

SAMPLES = sorted(path.stem for path in (Path(__file__).parents[3] / "samples").glob("*.jsonl"))


@pytest.fixture
def record_of(tmp_path: Path) -> Iterator[RecordOf]:
    """Makes a record of a value, or of a line's bytes."""
    opened: list[Session] = []

    def make(value: Any, dialect: str = "") -> Record:
        path = tmp_path / f"{len(opened)}.jsonl"
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode())
        opened.append(Session([path], Settings(dialect=dialect)))
        opened[-1].data.sources[0].index.finish()
        return opened[-1].record(0)

    yield make
    for session in opened:
        session.close()


def lines_of(record: Record, width: int = 60, report: RecordReport | None = None, **options: Any) -> list[Line]:
    return list(lay_out(record, Options(width, **options), report, Trainer(100, "the context of a model")))


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line.spans) for line in lines]


def report_of(*findings: Finding, messages: tuple[int, ...] = (), trained: tuple[int, ...] = ()) -> RecordReport:
    return RecordReport(
        sum(messages) + 3, sum(trained), messages, trained or (0,) * len(messages), 3, False, findings, "by hand"
    )


def said(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


@pytest.mark.parametrize(
    ("value", "dialect", "lines"),
    [
        (
            {"messages": [said("system", "Be brief."), said("user", "Hi\nthere"), said("assistant", "Hello.")]},
            "openai-chat",
            ["system", "  Be brief.", "", "user", "  Hi", "  there", "", "assistant", "  Hello.", ""],
        ),
        (
            {"prompt": "Two and two ->", "completion": " four END"},
            "prompt-completion",
            ["user", "  Two and two ->", "", "assistant", "   four END", ""],
        ),
        (
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
            "sharegpt",
            ["user", "  Hi", "", "assistant", "  Hello", ""],
        ),
        (
            {"instruction": "Add.", "input": "1 1", "output": "2", "history": [["Count.", "1"]]},
            "alpaca",
            ["user", "  Count.", "", "assistant", "  1", "", "user", "  Add.", "  1 1", "", "assistant", "  2", ""],
        ),
        (
            {
                "input": {"messages": [said("user", "Hi")]},
                "preferred_output": [said("assistant", "Hello")],
                "non_preferred_output": [said("assistant", "What")],
            },
            "openai-preference",
            ["user", "  Hi", "", "── chosen ", "assistant", "  Hello", "", "── rejected ", "assistant", "  What", ""],
        ),
        (
            {"prompt": [said("user", "Hi")], "completion": [said("assistant", "Hello")]},
            "trl",
            ["user", "  Hi", "", "assistant", "  Hello", ""],
        ),
        (
            {
                "prompt": [said("user", "Hi")],
                "chosen": [said("assistant", "Hello")],
                "rejected": [said("assistant", "What")],
            },
            "trl",
            ["user", "  Hi", "", "── chosen ", "assistant", "  Hello", "", "── rejected ", "assistant", "  What", ""],
        ),
        (
            {"messages": [said("user", "Hi"), said("assistant", "Hello")], "label": True},
            "trl",
            ["user", "  Hi", "", "assistant", "  Hello", "", "other keys", "  label: true"],
        ),
        (
            {"system": "Be brief.", "messages": [said("user", "Hi"), said("assistant", "Hello")]},
            "claude",
            ["system", "  Be brief.", "", "user", "  Hi", "", "assistant", "  Hello", ""],
        ),
        (
            {
                "schemaVersion": "bedrock-conversation-2024",
                "system": [{"text": "Be brief."}],
                "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            },
            "bedrock",
            ["system", "  Be brief.", "", "user", "  Hi", ""],
        ),
        (
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "Frost?"}]},
                    {"role": "model", "parts": [{"functionCall": {"name": "frost", "args": {"place": "Lyon"}}}]},
                ]
            },
            "gemini",
            ["user", "  Frost?", "", "assistant → frost", "  place  Lyon ", ""],
        ),
    ],
)
def test_the_lines_of_a_record(record_of: RecordOf, value: Any, dialect: str, lines: list[str]) -> None:
    record = record_of(value)
    assert record.dialect.name == dialect
    assert texts(lines_of(record)) == lines


def test_every_dialect_that_is_told_has_its_lines_tested() -> None:
    marks = test_the_lines_of_a_record.pytestmark  # type: ignore[attr-defined]
    assert {case[1] for case in marks[0].args[1]} == {one.name for one in DIALECTS if not one.by_choice}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_message_of_the_samples_has_a_header_and_all_its_text(project: Path, name: str) -> None:
    session = Session([project / "samples" / f"{name}.jsonl"], Settings())
    session.data.sources[0].index.finish()
    for position in range(len(session)):
        record = session.record(position)
        lines = lines_of(record, 50)
        headers = [line.message for line in lines if line.message >= 0]
        assert headers == list(range(len(record.conversation.messages)))
        shown = "".join("".join(texts(lines)).split())
        for message in record.conversation.messages:
            if message.role != "tool":
                assert "".join(visible(message.text).split()) in shown
    session.close()


@pytest.mark.parametrize("width", [1, 2, 3, 7, 20, 80])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_text_is_wider_than_the_reader(project: Path, name: str, width: int) -> None:
    session = Session([project / "samples" / f"{name}.jsonl"], Settings())
    session.data.sources[0].index.finish()
    for position in range(min(20, len(session))):
        for line in islice(lay_out(session.record(position), Options(max(4, width)), None), 300):
            body = [text for text, style in line.spans if style in ("text", "quiet", "fault")]
            assert sum(map(cell_len, body)) <= max(4, width)
    session.close()


# Lines that are no records


@pytest.mark.parametrize(
    ("line", "before", "fault"),
    [
        (b'{"messages": [}', '{"messages": [', "}"),
        (b"{'a': 1}", "{", "'"),
        ('{"wörter": "字", x}'.encode(), '{"wörter": "字", ', "x"),
        (b'{"a": "\tb" x', '{"a": "', " "),
        (b'{"a": "caf\xe9"}', '{"a": "caf', "\\"),
        ('{"wörter": "'.encode() + b"\xff" + b'"}', '{"wörter": "', "\\"),
        (b"\xff\xfe{", "", "\\"),
        (b"", "", " "),
        (b'{"a": 1', '{"a": ', "1"),
    ],
)
def test_the_character_at_fault_is_marked(record_of: RecordOf, line: bytes, before: str, fault: str) -> None:
    record = record_of(line + b"\n")
    spans = [span for one in lines_of(record) for span in one.spans]
    place = next(number for number, (_, style) in enumerate(spans) if style == "fault")
    assert "".join(text for text, _ in spans[:place]) == before
    assert spans[place] == (fault, "fault")
    assert sum(style == "fault" for _, style in spans) == 1


def test_a_fault_far_into_the_line_is_marked_on_its_own_line(record_of: RecordOf) -> None:
    record = record_of(b'{"a": "' + b"word " * 100 + b'" !}')
    marked = [line.spans for line in lines_of(record, 40) if any(style == "fault" for _, style in line.spans)]
    assert marked == [(('word word word word word word " ', "text"), ("!", "fault"), ("}", "text"))]


@pytest.mark.parametrize("value", ["just text", 42, None, [1, 2], {"odd": True}, {}])
def test_what_is_no_conversation_is_shown_as_json(record_of: RecordOf, value: Any) -> None:
    record = record_of(value)
    assert "".join("".join(texts(lines_of(record))).split()) == json.dumps(value, separators=(",", ":")).replace(
        "just text", "justtext"
    )


def test_raw_json_keeps_every_token_as_it_is_spelled(record_of: RecordOf) -> None:
    line = b'{"messages":[{"role":"user","content":"\\u00e4 \\/ \xc3\xa4"}],"n":1.50e+01,"a":1,"a":2}\n'
    shown = "".join(texts(lines_of(record_of(line), 200, raw=True)))
    assert "".join(shown.split()) == "".join(line.decode().split())


# Messages


def test_calls_and_answers_are_told_by_name(record_of: RecordOf) -> None:
    def call(number: int, arguments: str) -> dict[str, Any]:
        return {"id": f"id{number}", "type": "function", "function": {"name": f"tool{number}", "arguments": arguments}}

    record = record_of(
        {
            "messages": [
                said("user", "Go."),
                {
                    "role": "assistant",
                    "tool_calls": [call(1, '{"city": "Lyon", "days": 3}'), call(2, '{"deep": {"a": [1]}}')],
                },
                {"role": "tool", "tool_call_id": "id2", "content": '{"ok": true}'},
                {"role": "tool", "tool_call_id": "lost", "content": "plain"},
                {"role": "assistant", "tool_calls": [call(3, "{not json")]},
                {"role": "assistant", "name": "Ann", "content": "Done."},
            ]
        }
    )
    assert texts(lines_of(record)) == [
        *("user", "  Go.", ""),
        *("assistant → tool1, tool2", "  → tool1", "  city  Lyon   days  3 "),
        *("  → tool2", "  {", '    "deep": {', '      "a": [1]', "    }", "  }", ""),
        *("tool ← tool2", '  {"ok": true}', ""),
        *("tool ← lost", "  plain", ""),
        *("assistant → tool3", "  {", "    not json", ""),
        *("assistant (Ann)", "  Done.", ""),
    ]


def test_images_and_unknown_parts_are_told_not_shown(record_of: RecordOf) -> None:
    record = record_of(
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "Look:"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400}},
                        {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}},
                        {"type": "sound", "data": 1},
                    ],
                }
            ]
        }
    )
    assert texts(lines_of(record))[:4] == [
        "user",
        "  Look:",
        "  [image: image/png, 300 bytes in the record]",
        "  [image: https://example.org/a.png, low detail]",
    ]
    assert '"sound"' in "".join(texts(lines_of(record)))


def test_declared_tools_and_other_keys_stand_at_the_end(record_of: RecordOf) -> None:
    tool = {"type": "function", "function": {"name": "find", "description": "Finds.", "parameters": {}}}
    tool["function"]["parameters"] = {"type": "object", "properties": {"a": {}, "b": {}}}  # type: ignore[index]
    record = record_of({"messages": [said("user", "Hi")], "tools": [tool], "source": {"page": 7}})
    assert texts(lines_of(record))[3:] == [
        "tools declared",
        "  find(a, b): Finds.",
        "other keys",
        f"  source: {compact({'page': 7})}",
    ]


def test_folded_messages_keep_their_first_lines(record_of: RecordOf) -> None:
    record = record_of({"messages": [said("user", "\n".join(map(str, range(20)))), said("assistant", "short")]})
    shown = texts(lines_of(record, folded=True))
    assert shown == ["user", *(f"  {n}" for n in range(6)), "  … more; z unfolds", "", "assistant", "  short", ""]


def test_roles_are_only_text(record_of: RecordOf) -> None:
    record = record_of({"messages": [{"role": "us\x1b[31mer\n", "content": "x", "name": "\x9b1m"}]})
    assert texts(lines_of(record))[0] == "us␛[31mer  (⟨U+009B⟩1m)"


# Findings and the cut


def test_findings_stand_first_and_many_are_cut_short(record_of: RecordOf) -> None:
    findings = [Finding(f"CUR00{n}", Severity.ERROR if n % 2 else Severity.WARNING, "", f"Odd {n}.") for n in range(8)]
    lines = lines_of(record_of({"messages": [said("user", "Hi")]}), 60, report_of(*findings))
    assert texts(lines)[:8] == [
        "! Odd 0. (CUR000)",
        "✗ Odd 1. (CUR001)",
        "! Odd 2. (CUR002)",
        "✗ Odd 3. (CUR003)",
        "! Odd 4. (CUR004)",
        "  and 3 more, at the end of the record",
        "",
        "user",
    ]
    assert [line.spans[0][1] for line in lines[:6]] == ["warning", "error", "warning", "error", "warning", "quiet"]
    assert texts(lines)[-3:] == ["✗ Odd 5. (CUR005)", "! Odd 6. (CUR006)", "✗ Odd 7. (CUR007)"]


def test_a_finding_shows_no_control_and_keeps_to_the_width(record_of: RecordOf) -> None:
    finding = Finding("CUR001", Severity.ERROR, "", "Odd \x1b]52;c;aGk=\x07 and\nlong " * 5)
    lines = texts(lines_of(record_of({"messages": [said("user", "Hi")]}), 30, report_of(finding)))
    assert lines[0].startswith("✗ Odd ␛]52;c;aGk=␇ and⏎long")
    assert all(line.startswith("  ") for line in lines[1 : lines.index("")])
    assert all(cell_len(line) <= 30 for line in lines)


@pytest.mark.parametrize(
    ("messages", "trained", "limit", "cut"),
    [
        ((10, 20, 30), (0, 20, 0), 0, None),
        ((10, 20, 30), (0, 20, 0), 63, None),
        ((10, 20, 30), (0, 20, 0), 62, Cut(2, 0, 62)),
        ((10, 20, 30), (0, 20, 0), 32, Cut(1, 1, 32)),
        ((10, 20, 30), (0, 20, 30), 33, Cut(2, 30, 33)),
        ((10, 20, 30), (10, 20, 30), 1, Cut(0, 60, 1)),
        ((), (), 1, None),
    ],
)
def test_where_the_longest_example_ends(
    messages: tuple[int, ...], trained: tuple[int, ...], limit: int, cut: Cut | None
) -> None:
    assert cut_of(report_of(messages=messages, trained=trained), limit) == cut


# The cut, and what is learnt


def cut_at(record: Record, message: int, piece: int, character: int) -> RecordReport:
    """A report by which the context of 100 tokens ends at a place of a record."""
    number = len(record.conversation.messages)
    tokens = [97 // max(1, message)] * message + [100] * (number - message)
    report = report_of(messages=tuple(tokens), trained=tuple(tokens))
    return replace(report, cut=ContextEnd(message, piece, character))


def around(record: Record, report: RecordReport, width: int = 60, **options: Any) -> tuple[list[Line], list[Line]]:
    """The lines before and behind the line across."""
    lines = lines_of(record, width, report, **options)
    at = next(place for place, line in enumerate(lines) if line.spans and line.spans[0][1] == "cut")
    behind = [line for line in lines[at:] if line.spans and line.spans[0][1] != "cut"]
    return [line for line in lines[:at] if line.spans], behind


def test_the_cut_is_told_in_one_line(record_of: RecordOf) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", "Hello"), said("assistant", "Bye")]})
    lines = lines_of(record, 200, report_of(messages=(50, 60, 70), trained=(0, 60, 70)))
    assert texts(lines)[3:6] == [
        "assistant",
        "╌╌ the context of a model ends here (100): 83 trained tokens lost ╌╌",
        "  Hello",
    ]
    assert lines[4].spans[0][1] == "cut"
    assert {style for line in lines[5:] for _, style in line.spans} == {"lost", "lost-title"}
    assert "lost" not in {style for line in lines[:4] for _, style in line.spans}


@pytest.mark.parametrize(
    "text", ["A short answer, then some more words.", "漢字かな交じり文" * 9, "one\n\ntwo\nthree", "x" * 200]
)
@pytest.mark.parametrize("width", [10, 60])
def test_the_line_across_stands_at_the_very_character(record_of: RecordOf, text: str, width: int) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", text), said("user", "Thanks")]})
    for character in range(len(text) + 1):
        before, behind = around(record, cut_at(record, 1, 0, character), width)
        kept = "".join(texts(before)[texts(before).index("assistant") + 1 :])
        lost = "".join(texts(behind)[: texts(behind).index("user")])
        assert "".join(kept.split()) == "".join(text[:character].split())
        assert "".join(lost.split()) == "".join(text[character:].split())
        assert {style for line in behind for _, style in line.spans} <= {"lost", "lost-title"}


def test_a_glyph_is_not_cut_in_two(record_of: RecordOf) -> None:
    text = "e\u0301te"
    record = record_of({"messages": [said("assistant", text)]})
    _, behind = around(record, cut_at(record, 0, 0, 1))
    assert texts(behind)[0].strip() == text


ARGUMENTS = '{"place": "Café \\"Zum Löwen\\"", "guests": [1, 2, {"name": "Ada  B."}], "date": "2026-12-01"}'


@pytest.mark.parametrize("role", ["assistant", "tool"])
def test_the_line_across_stands_at_the_very_character_of_json(record_of: RecordOf, role: str) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "book", "arguments": ARGUMENTS}}
    calling = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = {"role": "tool", "tool_call_id": "1", "content": ARGUMENTS}
    record = record_of({"messages": [said("user", "Hi"), calling if role == "assistant" else answer]})
    for character in range(len(ARGUMENTS) + 1):
        before, behind = around(record, cut_at(record, 1, 0, character), 70)
        title = next(place for place, line in enumerate(before) if line.message == 1)
        kept, lost = "".join(texts(before)[title + 1 :]), "".join(texts(behind))
        assert "".join(kept.split()) == "".join(ARGUMENTS[:character].split())
        assert "".join(lost.split()) == "".join(ARGUMENTS[character:].split())


def test_the_line_across_is_there_where_the_message_is_folded(record_of: RecordOf) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", "line\n" * 50)]})
    for character in (3, 200):
        lines = lines_of(record, 200, cut_at(record, 1, 0, character), folded=True)
        assert [line.spans[0][1] for line in lines if line.spans].count("cut") == 1


def test_parts_behind_the_cut_are_lost_and_those_before_it_are_not(record_of: RecordOf) -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "image_url", "image_url": {"url": "https://example.org/a"}}]
    parts.append({"type": "text", "text": "three"})
    record = record_of({"messages": [{"role": "user", "content": parts}]})
    before, behind = around(record, cut_at(record, 0, 1, 0))
    assert texts(before)[-1] == "  one"
    assert texts(behind) == ["  [image: https://example.org/a]", "  three"]
    assert {style for line in behind for _, style in line.spans} <= {"lost", "lost-title"}


def test_a_cut_late_in_a_large_message_is_laid_out_lazily(record_of: RecordOf, monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_of({"messages": [said("user", "word " * 1_000_000), said("assistant", "Yes.")]})
    report = cut_at(record, 0, 0, 4_000_000)
    made = counted(monkeypatch, layout_lines, "broken")
    assert len(list(islice(lay_out(record, Options(80), report, Trainer(100, "x")), 60))) == 60
    assert made[0] <= 60


@pytest.mark.parametrize(
    ("over_long", "words"),
    [(OverLong.REJECTED, "a trainer rejects the file"), (OverLong.LEFT_OUT, "a trainer leaves this record out")],
)
def test_a_record_that_is_too_long_for_a_trainer_that_does_not_cut_is_lost_as_a_whole(
    record_of: RecordOf, over_long: OverLong, words: str
) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", "Hello")]})
    report = report_of(messages=(50, 60), trained=(0, 60))
    lines = list(lay_out(record, Options(90), report, Trainer(100, "", "a trainer", over_long)))
    assert texts(lines)[0].startswith(f"╌╌ {words}")
    assert texts(lines)[0].endswith("113 tokens, over 100 ╌╌")
    assert {style for line in lines[1:] for _, style in line.spans} == {"lost", "lost-title"}


def test_what_is_not_learnt_is_in_a_style_of_its_own_where_a_target_is_chosen(record_of: RecordOf) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", "Hello")]})
    masked = list(lay_out(record, Options(60), None, Trainer(learnt=(False, True))))
    plain = list(lay_out(record, Options(60), None, Trainer()))
    assert [[style for _, style in line.spans] for line in masked] == [
        ["role-user"],
        ["masked"],
        [],
        ["role-assistant"],
        ["text"],
        [],
    ]
    assert [[style for _, style in line.spans] for line in plain][1] == ["text"]


# Laziness


def counted(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[int]:
    """Count what a generator of the layout is asked for."""
    made = [0]
    real = getattr(module, name)

    def counting(*arguments: Any) -> Iterator[Any]:
        for one in real(*arguments):
            made[0] += 1
            yield one

    monkeypatch.setattr(module, name, counting)
    return made


def test_the_first_lines_of_a_large_message_lay_out_no_more_than_those(
    record_of: RecordOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of({"messages": [said("user", "word " * 4_000_000)]})
    made = counted(monkeypatch, layout_lines, "broken")
    assert len(list(islice(lay_out(record, Options(80), None), 60))) == 60
    assert made[0] <= 60


def test_the_first_lines_of_many_messages_lay_out_no_more_than_those(
    record_of: RecordOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of({"messages": [said("user", f"message {n}") for n in range(20_000)]})
    made = counted(monkeypatch, conversation_layout, "message_lines")
    assert len(list(islice(lay_out(record, Options(80), None), 60))) == 60
    assert made[0] <= 60


@pytest.mark.parametrize("line", [b'{"a": "' + b"word " * 400_000, b'{"odd": [' + b"1234567, " * 200_000 + b"1]}"])
def test_the_first_lines_of_other_large_lines_lay_out_no_more_than_those(
    record_of: RecordOf, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    record = record_of(line)
    made = [counted(monkeypatch, conversation_layout, "broken"), counted(monkeypatch, layout_lines, "pretty")]
    assert len(list(islice(lay_out(record, Options(80), None), 60))) == 60
    assert sum(count[0] for count in made) <= 61


# Items


def test_every_line_of_an_item_knows_it(record_of: RecordOf) -> None:
    record = record_of(
        {"messages": [said("user", "Hi\nyou"), said("assistant", "Yes")], "tools": [{"name": "find"}], "a": 1, "b": "x"}
    )
    lines = lines_of(record)
    assert [line.item for line in lines] == [0, 0, 0, -1, 1, 1, -1, 2, 2, -1, 3, 4]
    assert item_count(record) == 5
    assert item_count(record, raw=True) == 0
    assert [item_at(record, number) for number in range(5)] == [
        Item("message", message=0),
        Item("message", message=1),
        Item("tools"),
        Item("key", key="a"),
        Item("key", key="b"),
    ]


@pytest.mark.parametrize("value", [{"odd": 1}, b"{broken", {"messages": []}, 7])
def test_what_is_no_conversation_has_no_items(record_of: RecordOf, value: Any) -> None:
    record = record_of(value)
    assert item_count(record) == 0
    assert {line.item for line in lines_of(record)} == {-1}


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("name", SAMPLES)
def test_items_are_laid_out_in_order_and_without_gaps(project: Path, name: str, folded: bool) -> None:
    session = Session([project / "samples" / f"{name}.jsonl"], Settings())
    session.data.sources[0].index.finish()
    for position in range(len(session)):
        record = session.record(position)
        items = [line.item for line in lines_of(record, 50, folded=folded) if line.item >= 0]
        assert items == sorted(items)
        assert sorted(set(items)) == list(range(item_count(record)))
    session.close()


def test_marks_stand_in_the_headers_of_their_messages(record_of: RecordOf) -> None:
    record = record_of({"messages": [said("user", "Hi"), said("assistant", "Yes"), said("user", "So")]})
    marks = Marks({1: ("tone",), 2: ("a\x1b", "b\nc")}, {0, 1})
    lines = list(lay_out(record, Options(80), None, marks=marks))
    assert [text for text, line in zip(texts(lines), lines, strict=True) if line.message >= 0] == [
        "user  ~ edited",
        "assistant  ~ edited  tag: tone",
        "user  tags: a␛, b⏎c",
    ]
