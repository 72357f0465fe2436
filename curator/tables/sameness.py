"""Whether a record is the one that was written, but for what a table cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from curator.tables.values import MESSAGE


@dataclass(slots=True)
class Tally:
    """What differs although nothing was lost."""

    nulls: int = 0
    """Keys that were null and are not there any more."""
    added: int = 0
    """Messages without content, whose content is null now."""
    widened: int = 0
    """Whole numbers that have a point now, as 1.0."""
    reordered: int = 0
    """Records whose keys stand in another order."""
    _turned: bool = False

    def counts(self) -> dict[str, int]:
        """The numbers by their names."""
        return {name: getattr(self, name) for name in ("nulls", "added", "widened", "reordered")}

    def difference(self, before: Any, after: Any) -> str | None:
        """Where two records differ, as a path, the first such place; None where they say the same."""
        self._turned = False
        found = self._between(before, after, "")
        self.reordered += self._turned
        return found

    def _between(self, before: Any, after: Any, place: str) -> str | None:
        if isinstance(before, dict) and isinstance(after, dict):
            return self._between_objects(before, after, place)
        if isinstance(before, list) and isinstance(after, list):
            if len(before) != len(after):
                return place
            pairs = enumerate(zip(before, after, strict=True))
            found = (self._between(one, other, f"{place}[{at}]") for at, (one, other) in pairs)
            return next((one for one in found if one is not None), None)
        if type(before) is int and type(after) is float and before == after:
            self.widened += 1
            return None
        same = type(before) is type(after) and (before == after or (before != before and after != after))
        return None if same else place

    def _between_objects(self, before: dict[str, Any], after: dict[str, Any], place: str) -> str | None:
        kept = [key for key in before if key in after]
        self._turned = self._turned or kept != [key for key in after if key in before]
        for key, value in before.items():
            inner = f"{place}.{key}" if place else key
            if key not in after:
                if value is not None:
                    return inner
                self.nulls += 1
                continue
            found = self._between(value, after[key], inner)
            if found is not None:
                return found
        return self._more(before, after, place)

    def _more(self, before: dict[str, Any], after: dict[str, Any], place: str) -> str | None:
        """A key that was not there before."""
        role, content = MESSAGE
        for key in after.keys() - before.keys():
            if key != content or after[key] is not None or role not in after:
                return f"{place}.{key}" if place else key
            self.added += 1
        return None
