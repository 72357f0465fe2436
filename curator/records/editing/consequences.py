"""What an edit leaves incomplete: allowed, but said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from curator.records.conversation import Conversation, Message, ToolCall
from curator.records.transforms.turns import RESULTS


def consequences(before: Conversation, after: Conversation) -> list[str]:
    """What of the conversation is incomplete after an edit and was not before it, one clause each."""
    names = {call.call_id: call.name for message in before.messages for call in message.tool_calls if call.call_id}
    results_before, calls_before = _unpaired(before.messages, names)
    results_after, calls_after = _unpaired(after.messages, names)
    return [
        *(f"the result of {name} loses its call" for name in _more(results_after, results_before)),
        *(f"the call of {name} loses its result" for name in _more(calls_after, calls_before)),
        *_on_the_whole(before, after),
    ]


def _more(after: Sequence[str], before: Sequence[str]) -> list[str]:
    return sorted((Counter(after) - Counter(before)).elements())


def _on_the_whole(before: Conversation, after: Conversation) -> Iterator[str]:
    if before.messages and not after.messages:
        yield "no message is left"
    for role in ("assistant", "user"):
        had, has = (any(one.role == role for one in conversation.messages) for conversation in (before, after))
        if after.messages and had and not has:
            yield f"no {role} message is left"
    trained, assistant = any(one.trained for one in after.messages), any(m.role == "assistant" for m in after.messages)
    if assistant and not trained and any(one.trained for one in before.messages):
        yield "no message is trained any more"


def _unpaired(messages: Sequence[Message], names: dict[str, str]) -> tuple[list[str], list[str]]:
    """The tools of results without a call before them, and of calls without a result; ids decide, else the order."""
    waiting: list[ToolCall] = []
    orphans: list[str] = []
    for message in messages:
        waiting.extend(message.tool_calls)
        if message.role in RESULTS:
            call = _answered(waiting, message)
            if call:
                waiting.remove(call)
            else:
                orphans.append(message.name or names.get(message.tool_call_id) or "a tool")
    return orphans, [call.name for call in waiting]


def _answered(waiting: Sequence[ToolCall], result: Message) -> ToolCall | None:
    if result.tool_call_id:
        return next((call for call in waiting if call.call_id == result.tool_call_id), None)
    return next(iter(waiting), None)
