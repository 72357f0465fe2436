"""The target in the program: a key goes through them, and the reader shows what each would learn."""

from __future__ import annotations

from pathlib import Path

import pytest
from piloting import NARROW, WIDE, Driven, chat, running, write

from curator.session import Session


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Two records: a short one with a masked answer, and a long one."""
    short = chat("One?", "First.", "Two?", "Second.")
    short["messages"][1]["weight"] = 0
    return write(tmp_path / "talk.jsonl", [short, chat("Count.", " ".join(f"number {one}" for one in range(900)))])


def styled(run: Driven, style: str) -> list[str]:
    """The texts of the reader that are in a style."""
    return [text.strip() for line in run.reader._lines for text, name in line.spans if name == style]


async def target(run: Driven, name: str) -> None:
    """Go on to a target."""
    while run.main._target_wanted != name:
        await run.press("T")
    await run.until(lambda: run.app.session.settings.target == name)
    await run.audited()
    await run.follows()


async def test_the_key_goes_through_the_targets_and_the_totals_follow(talk: Path) -> None:
    async with running(talk, size=WIDE) as run:
        await run.audited()
        before = run.app.session.totals
        await target(run, "trl")
        await run.said("For TRL, which learns from every token")
        await run.until(lambda: run.app.session.totals.trained_tokens == before.tokens)
        await run.until(lambda: "for TRL" in run.text_of(run.main.totals_bar))
        assert "≈" in run.text_of(run.main.totals_bar)
        await target(run, "")
        await run.until(lambda: run.app.session.totals.trained_tokens == before.trained_tokens)
        await run.until(lambda: "for " not in run.text_of(run.main.totals_bar))


async def test_a_target_that_counts_and_judges_alike_does_not_audit_anew(talk: Path) -> None:
    async with running(talk, target="axolotl") as run:
        await run.audited()
        audits = run.app.session.audits
        run.app.session.choose_target("axolotl")
        assert run.app.session.audits == audits
        await run.press("T")
        await run.press("T")
        assert run.main._target_wanted == "mistral"
        assert run.app.session.settings.target == "axolotl", "it is taken when the key has come to rest"


async def test_what_is_masked_is_dim_where_a_target_is_chosen(talk: Path) -> None:
    async with running(talk) as run:
        await run.go_to(1)
        assert styled(run, "masked") == []
        await target(run, "openai")
        await run.until(lambda: styled(run, "masked") == ["One?", "First.", "Two?"])
        assert styled(run, "text") == ["Second."]
        await target(run, "llama-factory")
        await run.until(lambda: styled(run, "masked") == ["One?", "Two?"])


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_reader_shows_where_the_context_of_a_target_ends(talk: Path, size: tuple[int, int]) -> None:
    async with running(talk, size=size, target="trl") as run:
        await run.go_to(2)
        (line,) = styled(run, "cut")
        assert line.startswith("╌╌ the longest example of TRL ends here (1,024):")
        assert styled(run, "lost")
        said = "".join("".join(styled(run, "text")).split())
        assert said.endswith("".join(kept(run.app.session).split()))


def kept(session: Session) -> str:
    """What the reader says is kept of the second record's answer."""
    from dataclasses import replace

    from curator.analysis.record_report import analyse_record

    record = session.record(1)
    spec = replace(session.spec(session.data.sources[0], explain=True), accelerate=False)
    cut = analyse_record(record.line, spec).cut
    assert cut is not None
    return record.conversation.messages[cut.message].text[: cut.character]


async def test_a_record_that_a_trainer_leaves_out_is_lost_as_a_whole(talk: Path) -> None:
    async with running(talk, target="axolotl") as run:
        await run.go_to(2)
        (line,) = styled(run, "cut")
        assert line.startswith("╌╌ axolotl leaves this record out:")
        assert styled(run, "text") == styled(run, "masked") == []


async def test_over_long_records_of_the_samples_are_cut(project: Path) -> None:
    async with running(project / "samples" / "over_long.jsonl", size=WIDE, context_length=16_385) as run:
        await run.go_to(3)
        await run.press("enter", "G")
        await run.until(lambda: styled(run, "cut"))
        assert styled(run, "cut")[0].startswith("╌╌ the context of gpt-4o-mini-2024-07-18 ends here (16,385):")
