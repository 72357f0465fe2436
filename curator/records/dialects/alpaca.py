"""Alpaca: an instruction, its input, the output; with system prompt and history as LLaMA-Factory has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.records.codec import compact
from curator.records.conversation import Conversation, Message, Part
from curator.records.dialects.base import Dialect, DoesNotFitError, Record, listed, put
from curator.records.dialects.fields import field_value, read_field


class Alpaca(Dialect):
    """`{"instruction", "input", "output", "system", "history": [[question, answer], ...]}`.

    Instruction and input are one user message, joined by a newline, as trainers join them. History answers are trained.
    """

    name = "alpaca"
    title = "Alpaca"
    keys = frozenset(("instruction", "input", "output", "system", "history"))
    telling_keys = ("instruction",)

    def claims(self, record: Mapping[str, Any]) -> str | None:
        return "has `instruction` and `output`" if "instruction" in record and "output" in record else None

    def read(self, record: Mapping[str, Any]) -> Conversation:
        messages: list[Message] = []
        if record.get("system"):
            messages.append(read_field(record, "system", "system"))
        messages.extend(self._history(record.get("history")))
        if "instruction" in record:
            messages.append(self._question(record))
        if "output" in record:
            messages.append(read_field(record, "output", "assistant"))
        return Conversation(tuple(messages), (), self.other_keys(record))

    def _history(self, history: Any) -> list[Message]:
        messages: list[Message] = []
        for place, pair in enumerate(listed(history)):
            for side, value in enumerate(pair if isinstance(pair, list) else [pair]):
                role = "user" if side == 0 else "assistant"
                part = Part("text", value) if isinstance(value, str) else Part("other", compact(value))
                pointer = f"/history/{place}/{side}"
                messages.append(Message(role, (part,), trained=bool(side), pointer=pointer, raw=value))
        return messages

    def _question(self, record: Mapping[str, Any]) -> Message:
        first = read_field(record, "instruction", "user")
        if not record.get("input"):
            return first
        return Message(
            "user", (*first.parts, *read_field(record, "input", "user").parts), pointer="/instruction", raw=""
        )

    def write(self, record: Mapping[str, Any], conversation: Conversation) -> Record:
        before = self.read(record)
        if conversation.messages == before.messages:
            return dict(record)
        written = dict(record)
        messages = list(conversation.messages)
        system = messages.pop(0) if messages and messages[0].role == "system" else None
        put(written, "system", field_value(system) if system else "", record.get("system") or "")
        pairs = self._pairs(messages)
        question, answer = pairs.pop()
        self._write_question(written, question, before)
        written["output"] = field_value(answer)
        told = [message for message in before.messages if message.pointer.startswith("/history/")]
        if [message for pair in pairs for message in pair] != told:
            written["history"] = [[field_value(one), field_value(two)] for one, two in pairs]
        return written

    def _pairs(self, messages: list[Message]) -> list[tuple[Message, Message]]:
        roles = [message.role for message in messages]
        if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
            raise DoesNotFitError("An Alpaca record holds a system prompt, then user and assistant messages in turn.")
        return list(zip(messages[::2], messages[1::2], strict=True))

    def _write_question(self, written: Record, question: Message, before: Conversation) -> None:
        was = [message for message in before.messages if message.pointer == "/instruction"]
        if was and question.parts == was[0].parts:
            return
        first, rest = question.parts[:1], question.parts[1:]
        written["instruction"] = field_value(replace(question, parts=first, raw=""))
        put(written, "input", field_value(replace(question, parts=rest, raw="")), written.get("input") or "")
