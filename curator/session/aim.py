"""What the data are for: a target with the user's options for it, and the tokenizer that counts for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curator.analysis.findings import Severity
from curator.analysis.limits import NO_LIMITS, FileFacts, Limits, OverLong
from curator.analysis.masking import OPENAI_MASKING, Masking
from curator.analysis.targets import Target, refuse_unknown, target_named, told
from curator.analysis.tokenizing import Tokenizing, tokenizing_of
from curator.engine.data_set import OpenSource
from curator.records.codec import BYTE_ORDER_MARK
from curator.records.dialects import NAMES
from curator.settings import Settings


@dataclass(frozen=True, slots=True)
class Aim:
    """What an audit goes by beside the model; without a target all is as OpenAI has it, and no file is limited."""

    target: Target | None
    tokenizer: Tokenizing | None

    @property
    def severities(self) -> dict[int, Severity | None]:
        """By number of a rule, what the target says of it."""
        return dict(self.target.severities) if self.target else {}

    @property
    def masking(self) -> Masking:
        """Which messages are learnt."""
        return self.target.masking if self.target else OPENAI_MASKING

    @property
    def limits(self) -> Limits:
        """What is taken of a file."""
        return self.target.limits if self.target else NO_LIMITS

    @property
    def over_long(self) -> OverLong:
        """What becomes of records that are too long."""
        return self.limits.over_long

    @property
    def reads(self) -> dict[str, str]:
        """The dialects that records look like, with those that the target reads them in."""
        return {name: other for name, other in self.target.reads.items() if other in NAMES} if self.target else {}

    @property
    def takes(self) -> tuple[str, ...]:
        """The dialects that the target takes; empty for all."""
        return self.target.dialects if self.target else ()

    @property
    def lenient(self) -> tuple[str, ...]:
        """The dialects that it reads by wider rules than their own."""
        return self.target.lenient if self.target else ()

    @property
    def estimated(self) -> bool:
        """Whether tokens are counted by an encoding that is not that of the target's models."""
        return self.tokenizer is None and self.target is not None and not self.target.openai_tokens


def aim_of(settings: Settings) -> Aim:
    """What the settings aim at. Raises UsageError or UnreadableError for what there is not."""
    refuse_unknown(settings.targets)
    target = told(target_named(settings.target), settings.targets) if settings.target else None
    return Aim(target, tokenizing_of(Path(settings.tokenizer)) if settings.tokenizer else None)


def over_limits(aim: Aim, opened: OpenSource) -> list[str]:
    """What of an audited file is over what the target takes, a sentence without a full stop each."""
    if aim.target is None:
        return []
    totals = opened.totals
    starts = opened.source.read(0, len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
    facts = FileFacts(opened.source.size, totals.records, totals.with_images, starts)
    return list(aim.limits.exceeded(facts, aim.target.title))
