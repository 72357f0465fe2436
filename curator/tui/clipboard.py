"""Text on its way to the clipboard of the user's own terminal, over SSH too, by the sequence OSC 52.

Textual's own `copy_to_clipboard` writes the bare sequence, of any length; multiplexers keep that for themselves, and
terminals drop what is too long without a word.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

LONGEST = 74_994
"""Bytes of a text up to which terminals take it: encoded it fits the 100,000 bytes of hterm, the smallest of them."""

_SCREEN_PIECE = 512
"""Bytes that GNU screen passes on at once; its limit is 768."""


def copying(text: bytes, environment: Mapping[str, str]) -> str:
    """What has to be written to the terminal so that the text is in its clipboard.

    Inside tmux it is written twice: bare, which tmux takes where `set-clipboard` is on, and wrapped, which it passes on
    to the terminal around it where `allow-passthrough` is. Inside GNU screen it is wrapped in pieces.
    """
    bare = f"\x1b]52;c;{b64encode(text).decode('ascii')}\x07"
    if environment.get("TMUX"):
        return f"{bare}\x1bPtmux;{bare.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("STY") or environment.get("TERM", "").startswith("screen"):
        pieces = (bare[at : at + _SCREEN_PIECE] for at in range(0, len(bare), _SCREEN_PIECE))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return bare
