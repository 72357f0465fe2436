"""Duplicates and contradictions among records as they are now, against a model that compares all with all."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap64

from curator.analysis.chunk import analyse_bytes
from curator.analysis.fingerprints import RecordReader
from curator.analysis.prints import By, Likeness, Wanted
from curator.analysis.shingles import jaccard, shingles
from curator.engine.executors import InlineExecutor, make_executor
from curator.session import Session
from curator.session.duplicates import Clusters, clusters
from curator.settings import Settings

SETTINGS = Settings(workers=-1, accelerate=False)


def chat(user: str, assistant: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}], **more}


def written(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def found_in(session: Session, likeness: Likeness, *, contradictions: bool = False) -> Clusters:
    *_, (_, found) = clusters(session, likeness, InlineExecutor(), 1, contradictions=contradictions)
    assert found is not None
    return found


def ids(found: Clusters) -> list[list[int]]:
    return [[record for _, record in one.records] for one in found]


SEVEN = ("ferry", "leaves", "at", "noon", "from", "quay", "two")
WORDS = st.lists(st.sampled_from(SEVEN), min_size=1, max_size=6).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=12), st.sampled_from(("record", "prompt", "answer")))
@settings(max_examples=40)
def test_near_duplicates_are_those_that_share_enough_words(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]], by: By
) -> None:
    path = written(tmp_path_factory.mktemp("near") / "a.jsonl", [chat(*one) for one in said])
    session = Session([path], SETTINGS)
    texts = [{"record": "\n".join(one), "prompt": one[0], "answer": one[1]}[by] for one in said]
    joined = [{row} for row in range(len(said))]
    for row, one in enumerate(texts):
        for other in range(row):
            if jaccard(shingles(one), shingles(texts[other])) >= 0.5:
                union = joined[row] | joined[other]
                for member in union:
                    joined[member] = union
    expected = sorted({tuple(sorted(one)) for one in joined if len(one) > 1}, key=lambda one: (-len(one), one[0]))
    assert ids(found_in(session, Likeness(by, 0.5))) == list(map(list, expected))
    session.close()


def test_exact_duplicates_say_the_same_whatever_their_other_keys(tmp_path: Path) -> None:
    records = [
        chat("When?", "At noon."),
        chat("When?", "At noon.", id=7),
        chat("when", "at noon"),
        chat("When?", "No."),
    ]
    session = Session([written(tmp_path / "a.jsonl", records)], SETTINGS)
    exact, near = found_in(session, Likeness()), found_in(session, Likeness("record", 1.0))
    assert (ids(exact), exact[0].kind) == ([[0, 1]], "exact")
    assert (ids(near), near[0].kind, near.spare, near.exact) == ([[0, 1, 2]], "near", 2, 1)
    assert ids(found_in(session, Likeness("prompt"))) == [[0, 1, 3]]


def test_lines_that_are_no_records_are_nobodys_duplicates(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n\nnot json\nnot json\n[]\n[]\n{}\n{}\n")
    assert not len(found_in(Session([path], SETTINGS), Likeness("record", 0.8)))


def test_a_long_system_prompt_makes_nothing_alike(tmp_path: Path) -> None:
    prompt = {"role": "system", "content": "You answer for the harbour office. " * 50}
    records = [chat(f"Question {n} about ship {n * 7}?", f"It is at quay {n}, berth {n * 3}.") for n in range(5)]
    for one in records:
        one["messages"].insert(0, prompt)
    assert not len(found_in(Session([written(tmp_path / "a.jsonl", records)], SETTINGS), Likeness("record", 0.8)))


def test_contradictions_have_one_prompt_and_several_answers(tmp_path: Path) -> None:
    records = [chat("When?", "At noon."), chat("Where?", "Here."), chat("When?", "At one."), chat("When?", "At noon.")]
    session = Session([written(tmp_path / "a.jsonl", records)], SETTINGS)
    found = found_in(session, Likeness(), contradictions=True)
    assert (ids(found), found[0].kind) == ([[0, 2, 3]], "contradiction")


def test_records_are_compared_as_they_are_now_in_the_order_of_the_files(tmp_path: Path) -> None:
    records = [chat("When?", "At noon."), chat("Where?", "Here."), chat("Who?", "The pilot.")]
    session = Session([written(tmp_path / "a.jsonl", records)], SETTINGS)
    session.editor.open_journals()
    (source,) = session.sources
    session.data.advance()
    session.editor.rewrite(session.record(2), json.dumps(records[0]).encode(), "made the same")
    assert ids(found_in(session, Likeness())) == [[0, 2]]
    copied = session.editor.duplicate(session.record(1))
    assert copied.at is not None
    assert sorted(ids(found_in(session, Likeness()))) == [[0, 2], [1, copied.at.id]]
    session.editor.drop({source: BitMap64([0])}, "dropped")
    assert ids(found_in(session, Likeness())) == [[1, copied.at.id]]
    session.editor.move(0, 1)
    assert ids(found_in(session, Likeness("record", 0.8))) == [[copied.at.id, 1]]
    session.close()


def test_the_longest_is_kept_where_that_is_asked(tmp_path: Path) -> None:
    said = "the ferry to the island leaves at noon from the second quay on the left side of the harbour"
    records = [chat("When?", said), chat("When?", said + " today"), chat("When?", said)]
    session = Session([written(tmp_path / "a.jsonl", records)], SETTINGS)
    found = found_in(session, Likeness("record", 0.8))
    (source,) = session.sources
    assert found.dropped("first") == {source: BitMap64([1, 2])}
    assert found.dropped("longest") == {source: BitMap64([0, 2])}


def test_several_files_and_workers_find_the_same(tmp_path: Path, shared_data: Path) -> None:
    lines = (shared_data / "chat" / "oasst_en_threads.jsonl").read_bytes().splitlines(keepends=True)[:200]
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    paths[0].write_bytes(b"".join(lines[:120]))
    paths[1].write_bytes(b"".join(lines[100:]))
    session = Session(paths, SETTINGS)
    inline = found_in(session, Likeness("record", 0.8))
    executor = make_executor(2)
    *_, (_, found) = clusters(session, Likeness("record", 0.8), executor, 2)
    executor.shutdown()
    assert found is not None and found.exact == 20
    assert [one.records for one in found] == [one.records for one in inline]


def test_real_data(shared_data: Path, tmp_path: Path) -> None:
    records = json.loads((shared_data / "formats" / "alpaca_en_demo.json").read_text())
    found = found_in(Session([written(tmp_path / "a.jsonl", records)], SETTINGS), Likeness())
    assert (found.spare, found.exact, len(found)) == (14, 14, 13)


def test_exact_duplicates_are_those_of_the_audit(shared_data: Path) -> None:
    samples = Path(__file__).resolve().parents[3] / "samples"
    for path in (*sorted(samples.glob("*.jsonl")), shared_data / "chat" / "stock_toolcall_training.jsonl"):
        session = Session([path], SETTINGS)
        spec = session.spec(session.data.sources[0])
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
        lines = lines[:-1] if not lines[-1] else lines
        audited = analyse_bytes(b"\n".join(lines) + b"\n", spec).columns
        reader = RecordReader(spec)
        for by, column in (("record", "content"), ("prompt", "prompt"), ("answer", "answer")):
            prints = reader.prints(lines, Wanted(Likeness(by)))  # type: ignore[arg-type]
            assert prints.same == array("Q", getattr(audited, f"{column}_hash")[:]), path.name
        session.close()
