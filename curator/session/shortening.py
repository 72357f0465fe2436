"""Shortening a system prompt: the prompts of the records, what a short one would do to them, and the figures of both.

Everything is worked out in workers, of the records as they are now; nothing is changed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import islice

from pyroaring import BitMap64

from curator.analysis.prompts_seen import PromptsSeen, SystemPrompt, prompt_key, prompt_texts
from curator.analysis.scenario import Scenario, scenario_of
from curator.analysis.shortening_trial import Trial, Turns, prompts_in
from curator.edits.operations import Shortening
from curator.records.codec import decode
from curator.records.dialects import dialect_named
from curator.records.short_prompt import ShortPrompt, Stay, shortened
from curator.records.sniffing import dialect_of
from curator.session.costing import Step, each_portion
from curator.session.current_records import Portion, lines_of
from curator.session.editor import Selection
from curator.session.facade import Session
from curator.session.sweeping import LAST_TEXT
from curator.session.working_source import WorkingSource


@dataclass(frozen=True, slots=True)
class PromptsTask:
    """Some records whose system prompts are asked for."""

    portion: Portion
    key: int = 0
    """The hash of the only one that is; 0 for all."""


@dataclass(frozen=True, slots=True)
class TrialTask:
    """Some records, and the short prompt that is tried out on them."""

    portion: Portion
    prompt: ShortPrompt
    limit: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a portion."""

    sums: Scenario
    rows: bytes
    """The packed set of the portion's rows that change."""
    stay: Counter[str]
    turns: Turns


@dataclass(slots=True)
class Preview:
    """What a short prompt would do to records."""

    prompt: ShortPrompt
    sums: Scenario = field(default_factory=Scenario)
    """Of all records that were looked at; those of `short_` figures with the short prompt in place."""
    records: dict[WorkingSource, BitMap64] = field(default_factory=dict)
    """The records that change."""
    stay: Counter[str] = field(default_factory=Counter)
    """Records by the reason why they stay as they are."""
    turns: Turns = field(default_factory=Turns)
    """Of the records that change."""

    @property
    def changed(self) -> int:
        """How many records change."""
        return self.sums.shortened

    def take(self, step: Step[Tried]) -> None:
        """Add what came of a portion."""
        tried, source = step.answer, step.source
        self.sums.merge(tried.sums)
        self.stay.update(tried.stay)
        self.turns.merge(tried.turns)
        found = BitMap64([step.records[row] for row in BitMap64.deserialize(tried.rows)])
        if found:
            self.records[source] = self.records.get(source, BitMap64()) | found


def prompts_of(
    session: Session, executor: Executor, workers: int, selection: Selection | None = None
) -> Iterator[tuple[float, PromptsSeen]]:
    """How far it is, from 0 to 1, with the system prompts found so far; of all records, or of some."""
    seen = PromptsSeen()
    counting = session.counting
    for step in each_portion(session, counting, executor, workers, prompts_of_portion, PromptsTask, selection):
        seen.merge(step.answer)
        yield step.share, seen
    yield 1.0, seen


def preview(
    session: Session, prompt: ShortPrompt, executor: Executor, workers: int, selection: Selection | None = None
) -> Iterator[tuple[float, Preview]]:
    """How far it is, with what is known so far of a short prompt in all records, or in some.

    A wrong count of the accelerator switches it off and begins anew without it.
    """
    found, limit = Preview(prompt), session.limit
    steps = each_portion(
        session,
        session.counting,
        executor,
        workers,
        try_portion,
        lambda portion: TrialTask(portion, prompt, limit),
        selection,
    )
    for step in steps:
        found.take(step)
        if found.sums.disagreement and session.accelerate:
            session.accelerate = False
            session.notice = f"{found.sums.disagreement} Counting anew without it."
            yield from preview(session, prompt, executor, workers, selection)
            return
        yield step.share, found
    yield 1.0, found


def whole_text(
    session: Session, prompt: SystemPrompt, executor: Executor, workers: int, selection: Selection | None = None
) -> str | None:
    """The whole text of a prompt that was seen; looked for where only its beginning was kept, None where it is gone."""
    if prompt.text and len(prompt.text) == prompt.characters:
        return prompt.text
    steps = each_portion(
        session,
        session.counting,
        executor,
        workers,
        find_in_portion,
        lambda portion: PromptsTask(portion, prompt.key),
        selection,
    )
    return next((step.answer for step in steps if step.answer is not None), None)


@dataclass(frozen=True, slots=True)
class Sample:
    """A record's system prompt before and after."""

    source: WorkingSource
    record: int
    before: str
    after: str


def samples(session: Session, found: Preview, most: int = 3) -> list[Sample]:
    """The first of the records that change, file by file."""
    chosen = ((source, record) for source, records in found.records.items() for record in records)
    return [_sample(session, source, record, found.prompt) for source, record in islice(chosen, most)]


def _sample(session: Session, source: WorkingSource, record: int, prompt: ShortPrompt) -> Sample:
    decoded = session.decoded(source, record, source.edited.content.line(record))
    outcome = shortened(decoded.value, decoded.dialect, prompt)
    if isinstance(outcome, Stay):
        return Sample(source, record, "", "")
    before, edited = outcome.before.messages, outcome.edited
    kept = zip(edited.places, edited.conversation.messages, strict=True)
    after = {place: message for place, message in kept if place is not None}
    place = next(place for place, message in enumerate(before) if after.get(place) is not message)
    return Sample(source, record, before[place].text, after[place].text if place in after else "")


def put_into_force(session: Session, found: Preview) -> None:
    """Shorten without a journal, for records that are written elsewhere: the files and their journals stay."""
    for source, records in found.records.items():
        operation = Shortening(records, LAST_TEXT, session.rule(source, found.prompt))
        source.edited.overlay.apply([operation])


# In workers, which is where vocabularies are loaded


def prompts_of_portion(task: PromptsTask) -> PromptsSeen:
    """The system prompts of a portion."""
    return prompts_in(lines_of(task.portion), task.portion.spec)


def try_portion(task: TrialTask) -> Tried:
    """What a short prompt would do to a portion."""
    trial = Trial(task.prompt, task.limit)
    sums = scenario_of(lines_of(task.portion), task.portion.spec, trial, task.limit)
    return Tried(sums, bytes(BitMap64(trial.rows).serialize()), trial.stay, trial.turns)


def find_in_portion(task: PromptsTask) -> str | None:
    """The text of the system prompt with a hash, if a record of the portion has it."""
    portion = task.portion
    own, only = dialect_named(portion.spec.dialect), portion.spec.only_dialect
    for line in lines_of(portion):
        value = decode(line.rstrip(b"\r")) if line.strip() else None
        if isinstance(value, dict):
            text = "\n".join(prompt_texts(dialect_of(value, own, only=only).chat_messages(value)))
            if text and prompt_key(text) == task.key:
                return text
    return None
