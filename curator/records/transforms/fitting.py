"""Pieces that each keep within a token budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from curator.records.conversation import Conversation
from curator.records.transforms.pieces import Cause, Excerpt, Note, Split, cut, numbered, refusal, whole
from curator.records.transforms.turns import prompt_length, turn_starts


def fit(conversation: Conversation, lengths: Sequence[int], budget: int, overlap: int = 0, *, overhead: int) -> Split:
    """Pieces of at most `budget` tokens, cut at turns, each with the system prompt and as many turns as it can hold.

    `lengths` are the tokens of each message with what the token rule adds for it, `overhead` those that every example
    costs beside its messages: its constant and the declared tools. Each piece but the first begins with the last
    `overlap` turns before it, or as many as there is room for; they are not trained a second time. A turn that is
    over the budget on its own is a piece of its own, and told.
    """
    if len(lengths) != len(conversation.messages):
        raise ValueError(f"{len(lengths)} lengths for {len(conversation.messages)} messages")
    if overlap < 0:
        raise ValueError(f"an overlap is 0 turns or more, not {overlap}")
    if refuse := refusal(conversation):
        return refuse
    starts = turn_starts(conversation.messages)
    if overhead + sum(lengths) <= budget:
        return whole(conversation)
    prompt = prompt_length(conversation.messages)
    ruler = _Ruler(starts, lengths, overhead + sum(lengths[:prompt]), budget)
    stretches = _stretches(ruler, overlap)
    notes = [*_on_too_long(ruler, stretches), *_on_overlap(stretches, overlap)]
    if len(stretches) < 2:
        return whole(conversation, *notes)
    excerpts = [
        Excerpt((*range(prompt), *range(ruler.edges[one.context], ruler.edges[one.end])), ruler.edges[one.start])
        for one in stretches
    ]
    return cut(conversation, excerpts, notes)


class _Ruler:
    """Measures runs of turns in tokens."""

    def __init__(self, starts: Sequence[int], lengths: Sequence[int], repeated: int, budget: int) -> None:
        self.edges = [*starts, len(lengths)]
        """Where turns begin, and the end of the last."""
        self.lengths = lengths
        self.repeated = repeated
        """Tokens that every piece repeats."""
        self.budget = budget
        self.turns = len(starts)
        self._sums = [0, *accumulate(lengths)]

    def tokens(self, first: int, end: int) -> int:
        """Tokens of a piece of the turns [first, end)."""
        return self.repeated + self._sums[self.edges[end]] - self._sums[self.edges[first]]

    def fits(self, first: int, end: int) -> bool:
        """Whether the piece keeps within the budget."""
        return self.tokens(first, end) <= self.budget


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A piece in turns: [context, start) is repeated, [start, end) is new."""

    context: int
    start: int
    end: int


def _stretches(ruler: _Ruler, overlap: int) -> list[_Stretch]:
    found: list[_Stretch] = []
    start = 0
    while start < ruler.turns:
        context = max(0, start - overlap)
        while context < start and not ruler.fits(context, start + 1):
            context += 1
        end = start + 1
        while end < ruler.turns and ruler.fits(context, end + 1):
            end += 1
        found.append(_Stretch(context, start, end))
        start = end
    return found


def _on_too_long(ruler: _Ruler, stretches: Sequence[_Stretch]) -> list[Note]:
    if not ruler.turns:
        return [Note(Cause.OVER_BUDGET, _over("The system prompt", ruler.repeated, ruler.budget))]
    return [
        Note(Cause.OVER_BUDGET, _over(_turn(ruler, one.start), ruler.tokens(one.context, one.end), ruler.budget))
        for one in stretches
        if not ruler.fits(one.context, one.end)
    ]


def _turn(ruler: _Ruler, turn: int) -> str:
    longest = max(ruler.lengths[ruler.edges[turn] : ruler.edges[turn + 1]])
    return f"Turn {turn + 1:,} (its longest message is {longest:,} tokens)"


def _over(what: str, tokens: int, budget: int) -> str:
    return (
        f"{what} takes {tokens:,} tokens with what every piece repeats, {tokens - budget:,} over the budget of "
        f"{budget:,}; it is not cut."
    )


def _on_overlap(stretches: Sequence[_Stretch], overlap: int) -> list[Note]:
    short = [part for part, one in enumerate(stretches, 1) if one.start - one.context < min(overlap, one.start)]
    if not short:
        return []
    fewer = f"fewer turns than the {overlap:,} asked for, for want of room"
    return [Note(Cause.OVERLAP_SHORTENED, f"{numbered('Piece', short)} repeat{'s' * (len(short) == 1)} {fewer}.")]
