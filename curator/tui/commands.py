"""What the command palette offers: the main screen's own actions."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.widget import Widget

from curator.tui.widgets.key_bar import key_of


def _bindings(place: Widget) -> Iterator[Binding]:
    """What a widget shows of its own bindings and of those it has from what it is built on."""
    for one in type(place).__mro__:
        yield from (key for key in one.__dict__.get("BINDINGS", ()) if isinstance(key, Binding) and key.show)


class CuratorCommands(Provider):
    """Every action that has a key in the pane with the focus or on the screen, by its description."""

    def _commands(self) -> Iterator[tuple[str, str, str]]:
        seen: set[str] = set()
        places = [self.focused, self.screen] if self.focused else [self.screen]
        for place in places:
            for binding in _bindings(place):
                name = binding.action.partition("(")[0]
                if binding.action not in seen and place.check_action(name, ()) is not False:
                    seen.add(binding.action)
                    namespace = "screen" if place is self.screen else "focused"
                    yield f"{namespace}.{binding.action}", binding.description, key_of(binding)
        yield "screen.repair_file", "repair this file: make JSON Lines of it", ""
        yield "screen.draw", "mark some of the listed records, drawn at random", ""
        yield "screen.as_command", "copy what was done last as a command line", ""
        yield "screen.as_recipe", "write what was done as a recipe for curator run", ""
        yield "app.leave", "quit", "q"

    async def discover(self) -> Hits:
        """All commands, for an empty query."""
        for action, words, key in self._commands():
            yield DiscoveryHit(words, lambda action=action: self._run(action), help=key)

    async def search(self, query: str) -> Hits:
        """Commands whose words match the query."""
        matcher = self.matcher(query)
        for action, words, key in self._commands():
            score = matcher.match(words)
            if score > 0:
                yield Hit(score, matcher.highlight(words), lambda action=action: self._run(action), help=key)

    async def _run(self, action: str) -> None:
        await self.app.run_action(
            action.removeprefix("focused."), self.focused if action.startswith("focused.") else None
        )
