"""Which system prompts begin alike."""

from __future__ import annotations

from curator.analysis.prompts_alike import Alike, alike
from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt

TUTOR = "You are a tutor of mathematics.\nPupil: "


def seen(*texts: str) -> list[SystemPrompt]:
    prompts = PromptsSeen()
    for text in texts:
        prompts.add(text, len(text), 1)
    return prompts.ranked()


def test_a_fixed_text_with_a_changing_one_behind_it() -> None:
    texts = [TUTOR + "Anna", TUTOR + "Anton", TUTOR + "Ben", TUTOR + "Ben", "You are a cook."]
    (group,) = alike(seen(*texts))
    assert group == Alike(TUTOR, 3, 4, sum(map(len, texts[:4])))


def test_a_shared_beginning_ends_at_a_blank_unless_it_is_a_whole_prompt() -> None:
    (group,) = alike(seen("Today it is the day 2024-05-01.", "Today it is the day 2024-05-02."))
    assert group.beginning == "Today it is the day "
    (group,) = alike(seen(TUTOR + "An", TUTOR + "Anna"))
    assert group.beginning == TUTOR + "An"
    (group,) = alike(seen("x" * 200 + "1", "x" * 200 + "2"))
    assert group.beginning == "x" * 200


def test_little_in_common_is_not_alike() -> None:
    assert alike(seen("You are a cook of large dinners.", "You are a gardener of roses, who knows all of them.")) == []
    assert alike(seen("Hi.", "Hi!")) == []
    assert alike([]) == []
    assert alike(seen("One alone, however long it is.")) == []


def test_the_costliest_group_comes_first() -> None:
    long = "A reference text. " * 20
    groups = alike(seen(*(TUTOR + name for name in ("Anna", "Ben")), *(long + name for name in ("x", "y"))))
    assert [one.beginning for one in groups] == [long, TUTOR]
