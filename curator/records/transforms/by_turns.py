"""One example for each turn: with all of its history, with a part of it, or with none."""

from __future__ import annotations

from collections.abc import Sequence

from curator.records.conversation import Conversation, Message
from curator.records.transforms.pieces import Cause, Excerpt, Note, Split, cut, numbered, refusal, whole
from curator.records.transforms.turns import prompt_length, turn_starts


def explode(conversation: Conversation) -> Split:
    """One example for each turn with its whole history, of which nothing is trained."""
    return window(conversation, max(1, len(conversation.messages)))


def pairs(conversation: Conversation, with_system: bool = True) -> Split:
    """One example for each turn alone, with or without the system prompt."""
    return _examples(conversation, 1, with_system)


def window(conversation: Conversation, turns: int) -> Split:
    """One example for each turn with those before it, at most `turns` in all, of which only the last is trained.

    A turn without a trained answer is no example of its own where it stands in the history of another.
    """
    if turns < 1:
        raise ValueError(f"a window holds at least 1 turn, not {turns}")
    return _examples(conversation, turns, with_system=True)


def _examples(conversation: Conversation, most_turns: int, with_system: bool) -> Split:
    if refuse := refusal(conversation):
        return refuse
    messages = conversation.messages
    starts = turn_starts(messages)
    if not starts:
        return whole(conversation)
    ends = [*starts[1:], len(messages)]
    kept = _turns_to_keep(messages, starts, ends, most_turns)
    prompt = range(prompt_length(messages) if with_system else 0)
    excerpts = [
        Excerpt((*prompt, *range(starts[max(0, turn - most_turns + 1)], ends[turn])), starts[turn]) for turn in kept
    ]
    return cut(conversation, excerpts, _notes(conversation, kept, len(starts), with_system))


def _turns_to_keep(
    messages: Sequence[Message], starts: Sequence[int], ends: Sequence[int], most_turns: int
) -> list[int]:
    """The turns that become examples: those with a trained answer, and those that no other example would hold."""
    kept: list[int] = []
    held_from = len(starts)
    for turn in reversed(range(len(starts))):
        if turn < held_from or any(one.trained for one in messages[starts[turn] : ends[turn]]):
            kept.append(turn)
            held_from = max(0, turn - most_turns + 1)
    return kept[::-1]


def _notes(conversation: Conversation, kept: Sequence[int], turns: int, with_system: bool) -> list[Note]:
    notes = []
    passed_over = [turn + 1 for turn in range(turns) if turn not in set(kept)]
    if passed_over:
        which = numbered("Turn", passed_over)
        text = f"{which} {'has' if len(passed_over) == 1 else 'have'} no trained answer: only in the history of others."
        notes.append(Note(Cause.HISTORY_ONLY, text))
    if not with_system and prompt_length(conversation.messages):
        notes.append(Note(Cause.NO_SYSTEM, "The system prompt is left out of every piece."))
    return notes
