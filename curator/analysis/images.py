"""Tokens of an image, an estimate: what OpenAI publishes for its vision models, by what the record tells of it."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

from curator.analysis.counting import Counting

LONGEST_SIDE = 2048
SHORTEST_SIDE = 768
TILE = 512
UNKNOWN_SIZE = (1024, 1024)
"""Pixels assumed where the size is not in the record, as behind a link."""

HEAD_CHARACTERS = 4096


def image_tokens(image: Any, counting: Counting) -> int:
    """Tokens of an `image_url` value (a URL, or an object with `url` and `detail`).

    Low detail costs the base. High and auto scale the image into 2,048 by 2,048 pixels, then its shorter side to 768,
    and add a constant for each tile of 512 by 512 (OpenAI, vision guide).
    """
    url, detail = (image.get("url"), image.get("detail")) if isinstance(image, dict) else (image, "auto")
    if detail == "low":
        return counting.image_base
    width, height = _pixels(url) if isinstance(url, str) else UNKNOWN_SIZE
    return counting.image_base + counting.image_tile * _tiles(width, height)


def _tiles(width: int, height: int) -> int:
    shrink = min(1.0, LONGEST_SIDE / max(width, height))
    shrink *= min(1.0, SHORTEST_SIDE / (min(width, height) * shrink))
    return math.ceil(width * shrink / TILE) * math.ceil(height * shrink / TILE)


def _pixels(url: str) -> tuple[int, int]:
    """Width and height of a PNG in a data URL; other images' are not in the first bytes."""
    head, comma, body = url[:HEAD_CHARACTERS].partition(",")
    if not comma or not head.startswith("data:image/png"):
        return UNKNOWN_SIZE
    try:
        start = base64.b64decode(body[:32], validate=True)
        width, height = struct.unpack(">II", start[16:24])
    except (ValueError, struct.error):
        return UNKNOWN_SIZE
    return (width, height) if width and height else UNKNOWN_SIZE
