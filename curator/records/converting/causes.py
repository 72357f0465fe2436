"""Why a record cannot be said in another dialect, what is lost where it can, and what is merely worth telling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Weight(IntEnum):
    """How much a cause matters."""

    TOLD = 0
    """Nothing is lost, or what was asked for."""
    LOST = 1
    """The new record says less than the old one, or something else."""
    REFUSED = 2
    """There is no new record."""


class Cause(StrEnum):
    """A cause, as a sentence that goes with a number of records."""

    NO_RECORD = "not a JSON object, so there is nothing to convert"
    NO_MESSAGES = "no messages in it"
    CALLS = "calls of tools, which the dialect cannot hold"
    CONTENT = "images or other content that is no text, which the dialect cannot hold"
    ROLES = "a role that the dialect does not have, or in a place where it has none"
    SYSTEM = "a system prompt, for which the dialect has no place (--fold-system puts it into the first user message)"
    TURNS = "not the questions and answers in turn that the dialect holds (`curator split --by pair` makes pairs)"
    NO_ANSWER = "no answer after a prompt at its end, which the dialect asks for"
    TWO_ANSWERS = "a preferred and a rejected answer (--answers chosen takes the one, --answers both makes two records)"
    NO_PAIR = "no preferred and rejected answer of one message each, which the dialect asks for"
    REFERENCE_TAKEN = "the key `reference_answer` is taken, so that the last answer has no place"
    DIFFERS = "read back, the new record would not say the same"

    TRAINED_TOO = "answers that were not trained would be trained"
    NOT_TRAINED = "answers that were trained would not be trained"
    NAMES = "names of speakers are lost"
    TOOLS = "declarations of tools are lost"
    PAIRING = "which result answers which call is lost"
    REFUSALS = "refusals become plain text"
    DETAIL = "the detail of images is lost"
    KEYS = "keys of the record are lost"
    MESSAGE_KEYS = "keys of messages are lost"
    PART_KEYS = "keys of content parts or calls are lost"
    NUMBERS = "repeated keys or long numbers are lost"
    BREAKS = "the new record breaks the dialect's schema"
    UNSOUND = "the old record breaks its own dialect's schema, so something in it may have been passed over"

    FOLDED = "the system prompt stands in the first user message, as asked"
    CHOSEN = "only the preferred answer is kept, as asked"
    BOTH = "both answers became a record, as asked"
    DROPPED = "further keys are left out, as asked"
    REFERENCE = "the last answer becomes the key `reference_answer`, for a grader"
    DEVELOPER = "prompts of the developer become the system's, or the other way round"
    LEGACY = "legacy function calls become tool calls"
    IDS_MADE = "ids of calls are made anew"
    IDS_GONE = "ids of calls are left out; the order tells which result answers which"
    NO_EMPTY_SYSTEM = "an empty system prompt is left out"
    JOINED = "text parts are joined by line breaks"

    @property
    def on_screen(self) -> str:
        """The sentence without what is to be typed on a command line."""
        return self.partition(" (")[0]

    @property
    def weight(self) -> Weight:
        """How much it matters."""
        return _WEIGHTS[self]


_FIRST = {Cause.NO_RECORD: Weight.REFUSED, Cause.TRAINED_TOO: Weight.LOST, Cause.FOLDED: Weight.TOLD}
"""The first cause of each weight, in the order of the causes."""


def _weights() -> dict[Cause, Weight]:
    weights, weight = {}, Weight.REFUSED
    for cause in Cause:
        weight = _FIRST.get(cause, weight)
        weights[cause] = weight
    return weights


_WEIGHTS = _weights()


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing to tell of a record that is converted, or of why it is not."""

    cause: Cause
    detail: str = ""
    """Where, or what exactly; may hold text from the record."""

    @property
    def sentence(self) -> str:
        """The cause, with what is known of it."""
        return f"{self.cause}: {self.detail}" if self.detail else str(self.cause)


class NotConvertedError(Exception):
    """A record cannot be said in the dialect. Never leaves this package: it becomes a value."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(cause)
        self.loss = Loss(cause, detail)
