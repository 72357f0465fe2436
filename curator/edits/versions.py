"""Which text of a record is in force: a number for each, 0 for the line that the source was read with."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap64

from curator.edits.rule import Rule

ORIGINAL = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """A change of many records by one rule, stored as the rule."""

    number: int
    """Its place among all texts: later ones have higher numbers, and none is used twice."""
    records: BitMap64
    rule: Rule


class Versions:
    """The texts of records in the order in which they came to be. Numbers only rise, so the highest is in force."""

    def __init__(self) -> None:
        self._texts: dict[int, list[int]] = {}
        self.own_texts = BitMap64()
        """The records that have a text of their own. Replaced and never changed, so that any thread may go over it."""
        self.sweeps: list[Sweep] = []
        self._changed: BitMap64 | None = None

    def add(self, record: int, number: int) -> None:
        """A record has a text of its own from now on."""
        numbers = self._texts.setdefault(record, [])
        numbers.append(number)
        if len(numbers) == 1:
            self.own_texts = self.own_texts | BitMap64([record])
            self._changed = None

    def take_back(self, record: int) -> None:
        """Undo the last `add` for a record."""
        numbers = self._texts[record]
        numbers.pop()
        if not numbers:
            del self._texts[record]
            self.own_texts = self.own_texts - BitMap64([record])
            self._changed = None

    def sweep(self, sweep: Sweep) -> None:
        """Many records are changed by a rule from now on."""
        self.sweeps.append(sweep)
        self._changed = None

    def take_back_sweep(self) -> None:
        """Undo the last `sweep`."""
        self.sweeps.pop()
        self._changed = None

    def of(self, record: int) -> int:
        """The number of the text in force."""
        own = self._texts.get(record)
        last = own[-1] if own else ORIGINAL
        for sweep in reversed(self.sweeps):
            if sweep.number < last:
                break
            if record in sweep.records:
                return sweep.number
        return last

    def before(self, record: int, number: int) -> int:
        """The number of the text that was in force before another one of the record."""
        earlier = [one for one in self._texts.get(record, ()) if one < number]
        earlier += [one.number for one in self.sweeps if one.number < number and record in one.records]
        return max(earlier, default=ORIGINAL)

    def sweep_numbered(self, number: int) -> Sweep | None:
        """The sweep of a number; None where that is the number of a text of one record."""
        return next((one for one in self.sweeps if one.number == number), None)

    def swept_by(self, number: int, records: BitMap64) -> BitMap64:
        """Those of some records whose text in force is that of a sweep."""
        sweep = self.sweep_numbered(number)
        if sweep is None:
            return BitMap64()
        swept = records & sweep.records
        swept -= BitMap64().union(*(one.records for one in self.sweeps if one.number > number))
        return swept - BitMap64([one for one in swept & self.own_texts if self._texts[one][-1] > number])

    @property
    def changed(self) -> BitMap64:
        """All records with another text than their original. Not to be changed."""
        if self._changed is None:
            self._changed = self.own_texts.union(*(one.records for one in self.sweeps))
        return self._changed

    def own_before(self, number: int) -> BitMap64:
        """The records that had a text of their own before the text of a number came to be."""
        return BitMap64([record for record, numbers in self._texts.items() if numbers[0] < number])
