"""Rules on calls of tools and functions, and on what these answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import orjson

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.shape import OPENAPI
from curator.analysis.lint.view import Call, Complaint, RecordView, kind_of

FUNCTION_NAME = r"[A-Za-z0-9_-]{1,64}"
ASKED = '{"messages": [{"role": "user", "content": "Is it raining in Lyon?"}, '


def arguments_that_are_not_json(view: RecordView) -> Iterator[Complaint]:
    """Arguments that are no text, or a text that is not JSON; as objects they are what TRL wants."""
    for call in view.calls:
        if "arguments" not in call.function:
            continue
        arguments = call.function["arguments"]
        if isinstance(arguments, str):
            fault = _not_json(arguments)
            if fault:
                yield Complaint(call.at("arguments"), f"tool arguments are not valid JSON ({fault})")
        elif view.is_openai:
            yield Complaint(call.at("arguments"), f"tool arguments are {kind_of(arguments)}, not JSON in a string")
    yield from _speech_that_should_be_a_call(view)


def _speech_that_should_be_a_call(view: RecordView) -> Iterator[Complaint]:
    """ShareGPT's `function_call` turns hold a call as JSON text; one that is not was read as a text."""
    if view.dialect.name != "sharegpt":
        return
    for message in view.conversation.messages:
        if isinstance(message.raw, dict) and message.raw.get("from") == "function_call" and not message.tool_calls:
            value = message.raw.get("value")
            fault = _not_json(value) if isinstance(value, str) else ""
            what = f"is not valid JSON ({fault})" if fault else "has no `name`"
            yield Complaint(f"{message.pointer}/value", f"the function call {what}")


def _not_json(text: str) -> str:
    """Where a text stops being JSON, in words; empty if it is JSON."""
    try:
        orjson.loads(text)
    except ValueError:
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            return f"line {error.lineno:,} column {error.colno:,}"
        except (ValueError, RecursionError):
            return "it is nested too deeply, or a number is too long"
    return ""


def results_that_do_not_fit(view: RecordView) -> Iterator[Complaint]:
    """Results without their call, ids that stand twice, and calls that are not answered before somebody speaks."""
    if not (view.calls or "tool" in view.roles or "function" in view.roles) or _each_answered_at_once(view):
        return
    calls: dict[int, list[Call]] = {}
    for call in view.calls:
        calls.setdefault(call.place, []).append(call)
    for thread in view.threads():
        yield from _in_turn(view, thread, calls)


def _each_answered_at_once(view: RecordView) -> bool:
    """Whether there are as many results as calls, each right behind its call and with its id, as most records are."""
    roles, messages = view.roles, view.messages
    ids = set()
    for call in view.calls:
        answer = call.place + 1
        if not (isinstance(call.call_id, str) and call.call_id and roles[answer : answer + 1] == ("tool",)):
            return False
        if messages[answer].get("tool_call_id") != call.call_id:
            return False
        ids.add(call.call_id)
    number = len(view.calls)
    return len(ids) == number == roles.count("tool") and "function" not in roles and not view.offers_choice


def _in_turn(view: RecordView, thread: Sequence[int], calls: dict[int, list[Call]]) -> Iterator[Complaint]:
    waiting: list[Call] = []
    seen: set[str] = set()
    roles = view.roles
    for place in thread:
        role = roles[place]
        if role in ("tool", "function"):
            yield from _answered(view, place, waiting, seen)
            continue
        if waiting and role in ("user", "assistant"):
            for call in waiting:
                yield Complaint(call.pointer, f"the call{_named(call)} is not answered before the next message")
            waiting = []
        for call in calls.get(place, ()):
            waiting.append(call)
            if not (isinstance(call.call_id, str) and call.call_id):
                continue
            if call.call_id in seen:
                where = f"{call.pointer}/id" if call.inside else call.pointer
                yield Complaint(where, f"the id {call.call_id!r} is that of an earlier call too")
            seen.add(call.call_id)


def _answered(view: RecordView, place: int, waiting: list[Call], seen: set[str]) -> Iterator[Complaint]:
    """Take the call that a result answers out of those that wait."""
    message = view.messages[place]
    asked = message.get("tool_call_id") if isinstance(message, dict) else None
    named = isinstance(asked, str) and asked
    fitting = [one for one in waiting if one.call_id == asked] if named else waiting[:1]
    if fitting:
        waiting.remove(fitting[0])
    elif not named:
        yield Complaint(view.pointer(place), "there is no call before this result")
    elif asked in seen:
        yield Complaint(view.pointer(place), f"the call {asked!r} has been answered before, or too late")
    else:
        near = get_close_matches(str(asked), [one.call_id for one in waiting if isinstance(one.call_id, str)], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield Complaint(view.pointer(place), f"there is no call {asked!r} before this result{hint}")


def _named(call: Call) -> str:
    name = call.function.get("name")
    return f" of `{name}`" if isinstance(name, str) and name else ""


def undeclared_tools(view: RecordView) -> Iterator[Complaint]:
    """Calls to tools that the record does not declare; where it declares none at all, they may stand elsewhere."""
    calls = view.calls
    declared = {name for _, name in _declared(view)} if calls else set[str]()
    if not declared:
        return
    for call in calls:
        name = call.function.get("name")
        if isinstance(name, str) and name not in declared:
            near = get_close_matches(name, declared, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"declared are {', '.join(sorted(declared)[:5])}"
            yield Complaint(call.at("name"), f"the tool `{name}` is not declared; {hint}")


def _declared(view: RecordView) -> Iterator[tuple[str, str]]:
    """Pointers, in OpenAI's chat form, and names of the tools that a record declares."""
    tools = view.dialect.tools(view.value) if isinstance(view.value, dict) else []
    for place, tool in enumerate(tools):
        nested = isinstance(tool, dict) and isinstance(tool.get("function"), dict)
        function = tool["function"] if nested else tool
        name = function.get("name") if isinstance(function, dict) else None
        if isinstance(name, str):
            yield (f"/tools/{place}/function/name" if nested else f"/functions/{place}/name"), name


def function_names_of_other_characters(view: RecordView) -> Iterator[Complaint]:
    """Names that OpenAI does not take, in declarations and calls."""
    if not view.is_openai:
        return
    before = "/input" if view.offers_choice else ""
    names: list[tuple[str, Any]] = [(f"{before}{pointer}", name) for pointer, name in _declared(view)]
    names += [(call.at("name"), call.function.get("name")) for call in view.calls]
    for pointer, name in names:
        if isinstance(name, str) and not re.fullmatch(FUNCTION_NAME, name):
            what = (
                "is longer than 64 characters"
                if len(name) > 64
                else "has other characters than letters, digits, _ and -"
            )
            yield Complaint(pointer, f"the function name {name[:80]!r} {what if name else 'is empty'}")


RULES = (
    Rule(
        15,
        "tool arguments are not JSON in a string",
        "A model that learns from broken arguments calls tools with broken arguments.",
        OPENAPI,
        check=arguments_that_are_not_json,
        beyond_text=True,
        bad=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "weather", "arguments": "{\\"town\\": \\"Lyon\\",}"}}]}]}',
        good=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "weather", "arguments": "{\\"town\\": \\"Lyon\\"}"}}]}]}',
    ),
    Rule(
        16,
        "tool results do not fit the calls",
        "Each call has an id of its own and is answered before anybody speaks; a result answers a call before it.",
        "OpenAI's guide to function calling; " + OPENAPI,
        check=results_that_do_not_fit,
        beyond_text=True,
        bad=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "weather", "arguments": "{}"}}]}, '
        '{"role": "tool", "tool_call_id": "b", "content": "dry"}, {"role": "assistant", "content": "No."}]}',
        good=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "weather", "arguments": "{}"}}]}, '
        '{"role": "tool", "tool_call_id": "a", "content": "dry"}, {"role": "assistant", "content": "No."}]}',
    ),
    Rule(
        17,
        "call to a tool that is not declared",
        "The model sees the declared tools alone; here it would learn to call one that is not there. Where a record "
        "declares no tools at all, the calls are not held against it.",
        OPENAPI,
        check=undeclared_tools,
        beyond_text=True,
        bad=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "wether", "arguments": "{}"}}]}], '
        '"tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]}',
        good=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "weather", "arguments": "{}"}}]}], '
        '"tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]}',
    ),
    Rule(
        18,
        "characters of a function name",
        "Names of functions are 1 to 64 letters, digits, underscores and hyphens; others are refused.",
        OPENAPI,
        check=function_names_of_other_characters,
        in_schema=True,
        beyond_text=True,
        bad=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "get weather", "arguments": "{}"}}]}]}',
        good=ASKED + '{"role": "assistant", "tool_calls": [{"id": "a", "type": "function", '
        '"function": {"name": "get_weather", "arguments": "{}"}}]}]}',
    ),
)
