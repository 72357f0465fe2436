"""Rules on who speaks to whom, in any dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from curator.analysis.findings import Severity
from curator.analysis.lint.rule import GOOD, HELLO, HI, Rule, example
from curator.analysis.lint.shape import COOKBOOK, OPENAPI
from curator.analysis.lint.view import Complaint, RecordView
from curator.analysis.roles import FOLLOWERS, out_of_turn

OUTPUTS = ("preferred_output", "non_preferred_output")


def no_assistant_message(view: RecordView) -> Iterable[Complaint]:
    """Nothing in the record is said by the assistant. Silent where another rule says that there are no messages."""
    if "assistant" in view.roles or not isinstance(view.value, dict) or (view.is_chat and not view.messages):
        return ()
    return (Complaint("", "there is no assistant message to learn from"),)


def last_is_not_the_assistants(view: RecordView) -> Iterator[Complaint]:
    """What stands behind the last answer is never learnt. Silent where there is no answer at all."""
    if "assistant" not in view.roles:
        return
    for thread in view.threads():
        if thread and view.roles[thread[-1]] != "assistant":
            last = _kind(view.roles[thread[-1]])
            yield Complaint(view.pointer(thread[-1]), f"the record ends with {last}, of which nothing is learnt")


def roles_do_not_alternate(view: RecordView) -> Iterable[Complaint]:
    """A message that is not by whose turn it is; the first of each conversation, for the rest follows from it."""
    return _out_of_turn(view) if view.offers_choice or view.pattern.out_of_turn is not None else ()


def _out_of_turn(view: RecordView) -> Iterator[Complaint]:
    told: set[int] = set()
    for thread in view.threads():
        number = out_of_turn([view.roles[place] for place in thread])
        if number is None or thread[number] in told:
            continue
        told.add(thread[number])
        role = view.roles[thread[number]]
        where = _where([view.roles[place] for place in thread[:number]], role)
        yield Complaint(view.pointer(thread[number]), f"{_kind(role)} {where}")


def _where(earlier: list[str | None], role: str | None) -> str:
    """Where a message of a role stands, by the roles before it."""
    before = [one for one in earlier if one in FOLLOWERS]
    if not before:
        return "begins the conversation"
    return "follows another one" if before[-1] == role else f"follows {_kind(before[-1])}"


def nothing_is_trained(view: RecordView) -> Iterator[Complaint]:
    """All answers are masked."""
    answers = False
    for message in view.messages:
        if isinstance(message, dict) and message.get("role") == "assistant":
            if not _is_zero(message.get("weight")):
                return
            answers = True
    if answers:
        yield Complaint("", "every assistant message has the weight 0; nothing is learnt from the record")


def no_question(view: RecordView) -> Iterator[Complaint]:
    """There are answers, but nobody asks. Silent where nobody answers."""
    if "assistant" in view.roles and "user" not in view.roles:
        neither = "system" not in view.roles and "developer" not in view.roles
        yield Complaint("", f"there is no user message{', and no system message either' if neither else ''}")


def no_choice(view: RecordView) -> Iterable[Complaint]:
    """Answers to choose from that are the same, or of which there is not exactly one each."""
    return _no_choice(view) if view.offers_choice else ()


def _no_choice(view: RecordView) -> Iterator[Complaint]:
    if view.dialect.name == "openai-preference":
        for key in OUTPUTS:
            output = view.value.get(key)
            if isinstance(output, list) and len(output) != 1:
                yield Complaint(f"/{key}", f"`{key}` holds {len(output)} messages; it takes exactly one")
    chosen, rejected = (
        [(one.role, one.parts, one.tool_calls) for one in view.conversation.messages if one.section == section]
        for section in ("chosen", "rejected")
    )
    if chosen and chosen == rejected:
        place = next(place for place, one in enumerate(view.conversation.messages) if one.section == "rejected")
        yield Complaint(view.pointer(place), "the rejected answer is the same as the chosen one")


def _kind(role: str | None) -> str:
    if role is None:
        return "a message without a role"
    return f"{'an' if role == 'assistant' else 'a'} {role} message"


def _is_zero(weight: object) -> bool:
    return not isinstance(weight, bool) and weight == 0 and weight is not None


RULES = (
    Rule(
        7,
        "no assistant message",
        "Without an assistant message there is nothing to learn in the example.",
        COOKBOOK,
        check=no_assistant_message,
        by_order=True,
        bad=example('{"role": "system", "content": "Be brief."}', HELLO),
        good=GOOD,
    ),
    Rule(
        11,
        "last message is not the assistant's",
        "Only answers are learnt: what follows the last one costs tokens for nothing, and strict trainers refuse it.",
        "mistral-common, the validation of fine-tuning requests; Anthropic's cookbook, fine-tuning on Bedrock",
        check=last_is_not_the_assistants,
        by_order=True,
        bad='{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi."}, '
        '{"role": "user", "content": "Bye."}]}',
        good=GOOD,
    ),
    Rule(
        12,
        "roles do not alternate",
        "User and assistant take turns in the templates of most models; some trainers refuse anything else.",
        "Anthropic's cookbook, fine-tuning on Bedrock; Together's documentation, data preparation",
        Severity.WARNING,
        check=roles_do_not_alternate,
        by_order=True,
        bad='{"messages": [{"role": "user", "content": "Hello"}, {"role": "user", "content": "Are you there?"}, '
        '{"role": "assistant", "content": "Yes."}]}',
        good='{"messages": [{"role": "user", "content": "Hello. Are you there?"}, '
        '{"role": "assistant", "content": "Yes."}]}',
    ),
    Rule(
        14,
        "every assistant message has weight 0",
        "A record whose answers are all masked is billed, and teaches nothing.",
        OPENAPI,
        Severity.WARNING,
        check=nothing_is_trained,
        beyond_text=True,
        bad=example(HELLO, '{"role": "assistant", "content": "Hi.", "weight": 0}'),
        good=example(HELLO, '{"role": "assistant", "content": "Hi.", "weight": 1}'),
    ),
    Rule(
        19,
        "no user message",
        "Answers to nobody teach a model to speak unasked. That there is no system message is no fault by itself: "
        "where just some records lack it, CUR020 says so.",
        COOKBOOK,
        Severity.WARNING,
        check=no_question,
        by_order=True,
        bad=example('{"role": "system", "content": "Greet."}', HI),
        good=GOOD,
        also=(12,),
    ),
    Rule(
        32,
        "no choice between the outputs",
        "Preferences are learnt from the difference of two answers, exactly one each.",
        "openai/openai-openapi, FineTunePreferenceRequestInput; OpenAI's guide to direct preference optimisation",
        check=no_choice,
        beyond_text=True,
        bad='{"input": {"messages": [{"role": "user", "content": "Hello"}]}, '
        '"preferred_output": [{"role": "assistant", "content": "Hi."}], '
        '"non_preferred_output": [{"role": "assistant", "content": "Hi."}]}',
        good='{"input": {"messages": [{"role": "user", "content": "Hello"}]}, '
        '"preferred_output": [{"role": "assistant", "content": "Hi."}], '
        '"non_preferred_output": [{"role": "assistant", "content": "What?"}]}',
    ),
)
