"""curator divide, sample, shuffle and mix: nothing is lost, nothing leaks, and the bytes stay."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from curator.cli import commands
from curator.cli.exit_codes import Exit
from curator.edits.saving import plan_save
from curator.errors import UsageError
from curator.session import Session
from curator.session.saving import save
from curator.settings import Settings

SIDES = ("train", "validation", "test")


def line(number: int, **more: Any) -> bytes:
    question = f"Question {number}: how deep is the water at berth {number * 7919 % 1000} when ship {number} calls?"
    said = [("user", question), ("assistant", f"{number * 31 % 97} metres.")]
    return json.dumps({"messages": [{"role": one, "content": two} for one, two in said], **more}).encode() + b"\n"


def divide(*arguments: object) -> Exit:
    return commands.run("divide", list(map(str, arguments)))


def lines_in(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture
def threads(shared_data: Path) -> Path:
    return shared_data / "chat" / "oasst_en_threads.jsonl"


def test_all_records_go_somewhere_and_nothing_leaks(tmp_path: Path, threads: Path) -> None:
    assert divide(threads, "--ratio", "70:15:15", "--seed", 3, "-o", tmp_path / "d") == Exit.CLEAN
    sides = {one: lines_in(tmp_path / "d" / f"{one}.jsonl") for one in SIDES}
    assert sorted(one for some in sides.values() for one in some) == sorted(lines_in(threads))
    assert all(sides.values())
    order = {one: place for place, one in enumerate(lines_in(threads))}
    assert all([order[one] for one in some] == sorted(order[one] for one in some) for some in sides.values())
    begun = {name: {json.loads(one)["messages"][0]["content"] for one in some} for name, some in sides.items()}
    assert not begun["train"] & begun["validation"] and not begun["train"] & begun["test"]


def test_a_record_goes_to_the_same_side_whatever_else_is_in_the_file(tmp_path: Path, threads: Path) -> None:
    lines = lines_in(threads)
    (tmp_path / "some.jsonl").write_bytes(b"".join(reversed(lines[::3])))
    for path, folder in ((threads, "all"), (tmp_path / "some.jsonl", "some")):
        divide(path, "--ratio", "80:20", "--no-near", "-o", tmp_path / folder)
    some = lines_in(tmp_path / "some" / "validation.jsonl")
    assert some and set(some) == set(lines_in(tmp_path / "all" / "validation.jsonl")) & set(lines[::3])


def test_exact_counts_and_even_strata(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(line(number, meta={"lang": "en" if number % 3 else "fr"}) for number in range(90)))
    divide(path, "--count", "10:20", "-o", tmp_path / "d")
    assert [len(lines_in(tmp_path / "d" / f"{one}.jsonl")) for one in SIDES] == [60, 10, 20]
    divide(path, "--ratio", "80:10:10", "--by", "meta.lang", "-o", tmp_path / "e")
    langs = Counter(json.loads(one)["meta"]["lang"] for one in lines_in(tmp_path / "e" / "validation.jsonl"))
    assert langs == {"en": 6, "fr": 3}
    divide(path, "--ratio", "1:1", "--by", "meta.nothing", "--dry-run")
    assert "No record has a value under `meta.nothing`" in capsys.readouterr().err


def test_pieces_near_duplicates_and_what_is_kept_together_stay_on_one_side(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    talks = []
    for talk in range(30):
        said = [
            {
                "role": role,
                "content": f"{role} of talk {talk} says number {turn} of {talk * 37} things to the other one",
            }
            for turn in range(3)
            for role in ("user", "assistant")
        ]
        talks += [{"messages": said[: 2 * turns], "talk": talk} for turns in (1, 2, 3)]
        talks.append({"messages": said[2:4], "talk": talk})
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in talks))
    divide(path, "--ratio", "50:50", "--together", "talk", "-o", tmp_path / "d")
    by_side = [{json.loads(one)["talk"] for one in lines_in(tmp_path / "d" / f"{name}.jsonl")} for name in SIDES[:2]]
    assert all(by_side) and not by_side[0] & by_side[1]


@pytest.mark.parametrize("way", [("turn",), ("window", "--turns", "3"), ("fit", "--budget", "400", "--overlap", "1")])
def test_pieces_of_one_conversation_do_not_leak(tmp_path: Path, shared_data: Path, way: tuple[str, ...]) -> None:
    """What is trained on, a question with its answer, is in no other side's examples."""
    pieces = tmp_path / "pieces.jsonl"
    commands.run("split", [str(shared_data / "chat" / "sgd_small.jsonl"), "--by", *way, "-o", str(pieces)])
    divide(pieces, "--ratio", "70:30", "-o", tmp_path / "d")
    turns = []
    for name in SIDES[:2]:
        records = [json.loads(one)["messages"] for one in lines_in(tmp_path / "d" / f"{name}.jsonl")]
        said = [(one["content"], two["content"]) for some in records for one, two in pairwise(some)]
        turns.append({one for one in said if len("".join(one)) > 150})
    assert all(turns) and not turns[0] & turns[1]


def test_pieces_that_split_marks_are_kept_together_by_the_mark(tmp_path: Path, shared_data: Path) -> None:
    pieces, chats = tmp_path / "pieces.jsonl", shared_data / "chat" / "sgd_small.jsonl"
    commands.run("split", [str(chats), "--by", "pair", "--mark", "of", "-o", str(pieces)])
    divide(pieces, "--ratio", "70:30", "--no-near", "--together", "of", "-o", tmp_path / "d")
    marks = [{json.loads(one)["of"] for one in lines_in(tmp_path / "d" / f"{name}.jsonl")} for name in SIDES[:2]]
    assert all(marks) and not marks[0] & marks[1]
    assert marks[0] | marks[1] == {f"sgd_small.jsonl:{number + 1}" for number in range(len(lines_in(chats)))}
    with pytest.raises(UsageError, match=r"sgd_small.jsonl:1: has a key `messages` already"):
        commands.run("split", [str(chats), "--by", "pair", "--mark", "messages", "-o", str(tmp_path / "no.jsonl")])
    assert not (tmp_path / "no.jsonl").exists()


def test_tags_are_spread_evenly_and_changes_are_in_force_then(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(line, range(40))))
    session = Session([path], Settings())
    session.editor.open_journals()
    (source,) = session.sources
    from pyroaring import BitMap64

    session.editor.tag({source: BitMap64(range(10))}, "hard", "tagged")
    session.editor.drop({source: BitMap64([39])}, "dropped")
    session.close()
    divide(path, "--count", "8", "--by", "tag", "-o", tmp_path / "d")
    validation = lines_in(tmp_path / "d" / "validation.jsonl")
    hard = {line(number) for number in range(10)}
    assert len(validation) == 8 and len(hard & set(validation)) == 2
    assert len(lines_in(tmp_path / "d" / "train.jsonl")) == 31


def test_overlap_with_another_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "exam.jsonl"
    path.write_bytes(b"".join(map(line, range(20))))
    other.write_bytes(line(100) + line(4, source="exam"))
    assert divide(path, "--ratio", "1:1", "--against", other, "--dry-run", "--json") == Exit.FINDINGS
    told = json.loads(capsys.readouterr().out)
    assert told["also_elsewhere"] == [{"file": str(path), "line": 5}] and sum(told["sizes"].values()) == 20


def talk(*said: str) -> bytes:
    roles = ("user", "assistant") * len(said)
    messages = [{"role": role, "content": text} for role, text in zip(roles, said, strict=False)]
    return json.dumps({"messages": messages}).encode() + b"\n"


def test_what_very_many_have_in_common_keeps_none_together_but_all_else_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curator.session.dividing.FEWEST_TOO_MANY", 20)
    greeting = ("Hello", "Hello! I am the assistant of the harbour; what can I do for you today, dear guest?")
    asked = [f"Question {number}: how deep is berth {number * 7919 % 1000}, and since when?" for number in range(60)]
    lines = [talk(*greeting, one, f"{number} metres.") for number, one in enumerate(asked)]
    again = [talk(*greeting, one, f"Nobody knows {number}.") for number, one in enumerate(asked[:20])]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines + again))
    divide(tmp_path / "a.jsonl", "--ratio", "50:50", "-o", tmp_path / "d")
    sides = [set(lines_in(tmp_path / "d" / f"{name}.jsonl")) for name in SIDES[:2]]
    assert min(map(len, sides)) > 20 and len(sides[0]) + len(sides[1]) == 80
    assert all((one in sides[0]) == (two in sides[0]) for one, two in zip(lines, again, strict=False))
    assert "80 of them begin with the same words" in capsys.readouterr().err


def test_records_that_are_all_the_same_are_on_one_side_and_that_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1) * 30)
    divide(tmp_path / "a.jsonl", "--ratio", "90:10", "-o", tmp_path / "d")
    assert sorted(len(lines_in(tmp_path / "d" / f"{name}.jsonl")) for name in SIDES[:2]) == [0, 30]
    assert "Nothing fell to " in capsys.readouterr().err


def test_records_without_a_question_or_without_messages_are_divided(tmp_path: Path) -> None:
    odd = [json.dumps({"messages": [{"role": "assistant", "content": f"Answer {number}."}]}) for number in range(20)]
    odd += [json.dumps({"messages": [], "number": number}) for number in range(20)] + ["[]", "no JSON"]
    (tmp_path / "a.jsonl").write_text("\n".join(odd))
    divide(tmp_path / "a.jsonl", "--count", "12", "-o", tmp_path / "d")
    sides = [lines_in(tmp_path / "d" / f"{name}.jsonl") for name in SIDES[:2]]
    assert [len(one) for one in sides] == [30, 12]


def test_what_division_refuses(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(map(line, range(4))))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "test.jsonl").touch()
    for arguments, words in (
        (("--count", 9, "--dry-run"), "4 records, fewer than the 9"),
        (("--count", 1, "-o", tmp_path / "d"), "is of another division"),
        (("--ratio", "1", "--dry-run"), "is two or three numbers"),
        (("--ratio", "1:1", "-o", path), "is no folder"),
    ):
        with pytest.raises(UsageError, match=words):
            divide(path, *arguments)


def test_a_sample_is_as_large_as_asked_and_follows_from_the_seed(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b"\n".join(line(number, lang="en" if number % 4 else "fr") for number in range(100)))
    taken = []
    for seed in (1, 1, 2):
        commands.run("sample", [str(path), "-n", "20", "--seed", str(seed), "--by", "lang", "-o", str(out), "--force"])
        taken.append(lines_in(out))
    assert taken[0] == taken[1] != taken[2] and len(set(taken[0])) == 20
    assert Counter(json.loads(one)["lang"] for one in taken[0]) == {"en": 15, "fr": 5}
    with pytest.raises(UsageError, match="100 records, fewer than the 101"):
        commands.run("sample", [str(path), "-n", "101", "-o", str(out), "--force"])


def test_a_shuffle_has_the_same_lines(tmp_path: Path, threads: Path) -> None:
    other = tmp_path / "a.jsonl"
    other.write_bytes(b"".join(map(line, range(50)))[:-1])
    commands.run("shuffle", [str(threads), str(other), "-o", str(tmp_path / "out.jsonl"), "--seed", "4"])
    out = lines_in(tmp_path / "out.jsonl")
    every = lines_in(threads) + [line(number) for number in range(50)]
    assert [one.rstrip(b"\n") for one in out] != [one.rstrip(b"\n") for one in every]
    assert sorted(one.rstrip(b"\n") for one in out) == sorted(one.rstrip(b"\n") for one in every)


def test_a_mixture_has_of_each_file_its_share(tmp_path: Path) -> None:
    for name, start in (("a", 0), ("b", 1000)):
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(map(line, range(start, start + 60))))
    files = [f"{tmp_path / 'a.jsonl'}:0.75", f"{tmp_path / 'b.jsonl'}:0.25"]
    commands.run("mix", [*files, "-o", str(tmp_path / "out.jsonl")])
    out = lines_in(tmp_path / "out.jsonl")
    first = {line(number) for number in range(60)}
    assert (len(out), len(set(out)), len(first & set(out))) == (80, 80, 60)
    with pytest.raises(UsageError, match="has 60 records, and 150 are asked for"):
        commands.run("mix", [*files, "-n", "200", "-o", str(tmp_path / "more.jsonl")])
    commands.run("mix", [*files, "-n", "200", "--repeat", "-o", str(tmp_path / "more.jsonl")])
    counts = Counter(lines_in(tmp_path / "more.jsonl"))
    assert sum(counts.values()) == 200 and {counts[one] for one in first} == {2, 3}


def test_what_an_exam_has_is_left_out_of_all_sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, exam = tmp_path / "a.jsonl", tmp_path / "exam.jsonl"
    path.write_bytes(b"".join(map(line, range(20))) + line(7, note="again") + b"\n")
    exam.write_bytes(line(4, source="exam") + b"\n" + line(100) + line(7))
    for how in (("--ratio", "1:1"), ("--count", 9), ("--count", 6, "--by", "note")):
        divide(path, *how, "--without", exam, "-o", tmp_path / "d", "--force")
        sides = [lines_in(tmp_path / "d" / f"{name}.jsonl") for name in SIDES[:2]]
        assert sorted(sides[0] + sides[1]) == sorted(line(number) for number in range(20) if number not in (4, 7))
        assert how[0] == "--ratio" or len(sides[1]) == how[1]
        told = capsys.readouterr().err
        assert f"3 records left out, as they belong together with some of {exam}: line a.jsonl:5, a.jsonl:8" in told
        assert "1 blank line left out." in told
    assert divide(path, "--ratio", "1:1", "--without", exam, "--against", exam, "--dry-run") == Exit.CLEAN
    (tmp_path / "test.jsonl").write_bytes(exam.read_bytes())
    with pytest.raises(UsageError, match="is a file that is read"):
        divide(path, "--ratio", "1:1:1", "--without", tmp_path / "test.jsonl", "-o", tmp_path, "--force")


def test_pieces_without_a_word_in_common_stay_together_as_the_journal_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    talks: list[dict[str, Any]] = []
    for number in range(24):
        said = [(role, f"{role}{number}x{turn}") for turn in range(3) for role in ("user", "assistant")]
        talks.append({"messages": [{"role": role, "content": text} for role, text in said]})
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in talks))
    session = Session([path], Settings())
    session.editor.open_journals()
    (source,) = session.sources
    source.opened.index.finish()
    splits = []
    for number, talk in enumerate(talks):
        pieces = [(json.dumps({"messages": talk["messages"][at : at + 2]}).encode(), None) for at in (0, 2, 4)]
        splits.append(([session.record(number)], pieces))
    session.editor.replace_each(splits, "split")
    talk_of = re.compile(rb"user([0-9]+)x")
    for saved in (False, True):
        if saved:
            save(session, source, plan_save(source.edited))
            assert len(lines_in(path)) == 72
            session.close()
        else:
            divide(path, "--ratio", "50:50", "--by", "tag", "--dry-run", "--json")
            assert json.loads(capsys.readouterr().out)["kept_together"]["pieces"] == 72
        sides = []
        divide(path, "--ratio", "50:50", *([] if saved else ["--by", "tag"]), "-o", tmp_path / f"{saved}")
        for name in SIDES[:2]:
            text = (tmp_path / f"{saved}" / f"{name}.jsonl").read_bytes()
            sides.append(set(talk_of.findall(text)))
        assert all(sides) and not sides[0] & sides[1] and len(sides[0] | sides[1]) == 24
