"""Mistral: OpenAI chat with rules of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.records.dialects.openai_chat import OpenAIChat


class Mistral(OpenAIChat):
    """`{"messages": [...], "tools": [...]}`: the assistant speaks last, and says a text or makes calls, not both.

    Its records look like OpenAI chat, so they are read in this dialect only where somebody says so.
    """

    name = "mistral"
    title = "Mistral"
    keys = frozenset(("messages", "tools"))
    telling_keys = ()
    by_choice = True
    only_keys = frozenset()

    def tools(self, record: Mapping[str, Any]) -> list[Any]:
        tools = record.get("tools")
        return tools if isinstance(tools, list) else []
