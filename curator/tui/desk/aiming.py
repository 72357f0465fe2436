"""What the data are for: the target is changed by a key, and what follows from it is worked out behind the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from curator.analysis.targets import NAMES, target_named
from curator.tui.desk.desk import Desk

TARGET_DELAY = 0.4
"""Seconds that a target has to stand before files are audited for it, so that others can be passed by."""

CYCLE = ("", *NAMES)
"""The targets in the order in which the key goes through them; first none in particular."""


class Aiming(Desk):
    """The part of the main screen that chooses the target."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("T", "target", "the next target: which trainer the data are for")]

    _limits_told: str | None = None
    """The target whose limits were told last."""
    _target_wanted: str | None = None
    _target_timer: Timer | None = None

    def action_target(self) -> None:
        """Go to the next target; what it means for the data follows when the key has come to rest."""
        current = self.session.settings.target if self._target_wanted is None else self._target_wanted
        self._target_wanted = name = CYCLE[(CYCLE.index(current) + 1) % len(CYCLE)]
        if name:
            target = target_named(name)
            self.say(f"For {target.title}, which learns from {target.learns}.")
        else:
            self.say("For no trainer in particular: as OpenAI has it.")
        if self._target_timer is not None:
            self._target_timer.stop()
        self._target_timer = self.set_timer(TARGET_DELAY, self._take_target)

    def tell_of_limits(self) -> None:
        """Say once for a target, when all is audited, what of the files it does not take."""
        name = self.session.settings.target
        if not self.session.complete or self._limits_told == name:
            return
        self._limits_told = name
        for path, sentence in self.session.over_limits():
            self.say(f"{path.name}: {sentence}.", severity="warning")

    def _take_target(self) -> None:
        name, self._target_wanted, self._target_timer = self._target_wanted, None, None
        if name is not None:
            self.background.choose_target(name)
