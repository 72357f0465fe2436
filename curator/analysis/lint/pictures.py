"""The rule on images in OpenAI's chat form."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

from curator.analysis.lint.rule import Rule
from curator.analysis.lint.view import Complaint, RecordView

FORMATS = ("jpeg", "jpg", "png", "webp")
OTHER_ENDINGS = r"\.(gif|bmp|tiff?|svg|heic|avif|ico|pdf|mp4)(?:[?#]|$)"
MEGABYTE = 1 << 20
PNG_COLOURS = {0: "grey", 3: "a palette", 4: "grey with transparency"}
"""Colour types of PNG other than RGB and RGBA (W3C, PNG, section 11.2.1)."""


def images(view: RecordView) -> Iterable[Complaint]:
    """Too many images, or too large, of another format, or said by the assistant."""
    return _images(view) if view.images and view.is_openai else ()


def _images(view: RecordView) -> Iterator[Complaint]:
    number = 0
    for pointer, message in view.raw_messages():
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            if isinstance(part, dict) and part.get("type") == "image_url":
                number += 1
                where = f"{pointer}/content/{place}"
                if message.get("role") == "assistant":
                    yield Complaint(f"{where}/type", "an image in an assistant message; only the user's have images")
                yield from _fault(where, part.get("image_url"), view.thresholds.most_image_megabytes)
    most = view.thresholds.most_images
    if number > most:
        yield Complaint("", f"the record has {number:,} images; at most {most:,} are taken")


def _fault(pointer: str, image: Any, most_megabytes: int) -> Iterator[Complaint]:
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str):
        return
    where = f"{pointer}/image_url"
    head, comma, body = url.partition(",")
    if not head.startswith("data:") or not comma:
        other = re.search(OTHER_ENDINGS, url[:2048], re.IGNORECASE)
        if other:
            yield Complaint(where, f"the image is {other.group(1).upper()}; JPEG, PNG and WEBP are taken")
        return
    kind = head.removeprefix("data:").partition(";")[0]
    if kind.removeprefix("image/") not in FORMATS:
        yield Complaint(
            where, f"the image is {kind[:40] or 'of no type'}; image/jpeg, image/png and image/webp are taken"
        )
    if len(body) * 3 // 4 > most_megabytes * MEGABYTE:
        yield Complaint(
            where, f"the image has {len(body) * 3 / 4 / MEGABYTE:,.1f} MB; at most {most_megabytes:,} are taken"
        )
    colours = PNG_COLOURS.get(_png_colour(body)) if kind == "image/png" else None
    if colours:
        yield Complaint(where, f"the image's colours are {colours}; RGB and RGBA are taken")


def _png_colour(body: str) -> int:
    """The colour type in the head of a PNG in base64; -1 where it cannot be read."""
    try:
        return base64.b64decode(body[:36], validate=True)[25]
    except (ValueError, IndexError):
        return -1


RULES = (
    Rule(
        29,
        "images that are not taken",
        "At most 10 images an example, of 10 MB each; JPEG, PNG or WEBP, RGB or RGBA; never in an assistant message.",
        "OpenAI's fine-tuning guide, vision fine-tuning",
        check=images,
        beyond_text=True,
        bad='{"messages": [{"role": "user", "content": [{"type": "image_url", '
        '"image_url": {"url": "https://example.com/cat.gif"}}]}, {"role": "assistant", "content": "A cat."}]}',
        good='{"messages": [{"role": "user", "content": [{"type": "image_url", '
        '"image_url": {"url": "https://example.com/cat.png"}}]}, {"role": "assistant", "content": "A cat."}]}',
    ),
)
