"""What files that are not JSON Lines look like, told by every command that is given one."""

from __future__ import annotations

from shlex import quote

from curator.cli.output import talk
from curator.session import Session


def tell_shapes(session: Session) -> None:
    """Say of files that are not JSON Lines what they look like, and what makes JSON Lines of them."""
    for one in session.data.sources:
        if one.shape:
            path = quote(str(one.path))
            talk(f"{one.path}: looks like {one.shape}; `curator repair {path} -o OUT` makes JSON Lines of it.")
