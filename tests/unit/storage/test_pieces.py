"""The order of records, what is to be seen of it, and runs of ids, compared with plain lists."""

from __future__ import annotations

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pyroaring import BitMap64

from curator.storage.pieces import START, Order
from curator.storage.runs import FIRST_DERIVED, Run, Runs
from curator.storage.shown import Shown

NUMBERS = st.integers(0, 1 << 16)
KNOWN = 8
"""Lines of the source that are looked at; more than that are there."""


def ids(runs: list[Run]) -> list[int]:
    return list(chain.from_iterable(range(first, first + count) for first, count in runs))


class Ordering(RuleBasedStateMachine):
    """An order, and the list of all places that it has, each with the record in it or None."""

    def __init__(self) -> None:
        super().__init__()
        self.order = Order()
        self.places: list[tuple[int, int | None]] = [(line, line) for line in range(KNOWN)]
        self.hidden = BitMap64()
        self.next = FIRST_DERIVED
        self.done: list[tuple[list[tuple[int, int | None]], str, tuple[object, ...]]] = []

    def new(self) -> int:
        self.next += 1
        return self.next - 1

    @property
    def records(self) -> list[int]:
        return [record for _, record in self.places if record is not None]

    def index_of(self, record: int) -> int:
        return next(at for at, (_, held) in enumerate(self.places) if held == record)

    def will(self, name: str, *arguments: object) -> None:
        """Note how to take back what is about to be done."""
        self.done.append((list(self.places), name, arguments))

    @rule(number=NUMBERS, count=st.integers(1, 3))
    def insert(self, number: int, count: int) -> None:
        at = number % (len(self.places) + 1)
        new = [self.new() for _ in range(count)]
        self.will("remove", new)
        self.order.insert(new, self.places[at - 1][0] if at else START)
        self.places[at:at] = [(one, one) for one in new]

    @precondition(lambda self: self.records)
    @rule(numbers=st.lists(NUMBERS, min_size=1, max_size=3))
    def vacate(self, numbers: list[int]) -> None:
        gone = {self.records[number % len(self.records)] for number in numbers}
        self.will("refill", gone)
        self.order.vacate(gone)
        self.places = [(place, None if record in gone else record) for place, record in self.places]

    @precondition(lambda self: self.records)
    @rule(number=NUMBERS, to=NUMBERS)
    def move(self, number: int, to: int) -> None:
        record = self.records[number % len(self.records)]
        at, place = to % (len(self.places) + 1), self.new()
        before = list(self.places)
        here = self.index_of(record)
        behind = self.places[at - 1][0] if at else START
        left = self.order.move(record, place, behind)
        assert left == self.places[here][0]
        self.done.append((before, "move_back", (record, left)))
        self.places[here] = left, None
        self.places.insert(at, (place, record))

    @precondition(lambda self: self.done)
    @rule()
    def take_back(self) -> None:
        self.places, name, arguments = self.done.pop()
        getattr(self.order, name)(*arguments)

    @rule(numbers=st.sets(NUMBERS, max_size=4))
    def hide(self, numbers: set[int]) -> None:
        self.hidden = BitMap64({self.records[one % len(self.records)] for one in numbers} if self.records else ())

    @invariant()
    def the_order_is_that_of_the_list(self) -> None:
        runs, in_place = self.order.layout
        records = self.records
        assert ids([*runs.runs[:-1], (runs.runs[-1][0], max(0, KNOWN - runs.runs[-1][0]))]) == records
        starts = [runs.runs[number][0] for number in in_place]
        assert starts == sorted(starts)
        assert set(self.order.moved & BitMap64(records)) == {
            record for place, record in self.places if record not in (place, None)
        }
        for at, record in enumerate(records):
            assert runs.at(at) == record
            assert runs.place_of(record) == at
            assert self.places[self.index_of(record)][0] == self.order.place(record)

    @invariant()
    def what_is_seen_is_the_list_without_what_is_hidden(self) -> None:
        shown = Shown(self.order.layout, self.hidden)
        seen = [one for one in self.records if one not in self.hidden]
        assert [shown.at(position) for position in range(len(seen))] == seen
        for record in self.records:
            assert shown.position_of(record) == (seen.index(record) if record in seen else None)
        assert shown.position_of(self.next) is None
        for start in range(len(seen) + 1):
            for end in (start, start + 1, start + 3, len(seen)):
                assert ids(list(shown.stretch(start, min(end, len(seen))))) == seen[start:end]

    @invariant()
    def lines_are_found_one_after_the_other(self) -> None:
        """As the index fills, the list grows by what stands up to the place of the next line."""
        shown = Shown(self.order.layout, self.hidden)
        for line in range(KNOWN):
            until = next(at for at, (place, _) in enumerate(self.places) if place == line)
            before = [one for _, one in self.places[:until] if one is not None and one not in self.hidden]
            found = shown.before_line(line)
            assert found == len(before) if (line, line) in self.places else found <= len(before)
        assert shown.before_line(KNOWN) == len([one for one in self.records if one not in self.hidden])


TestOrdering = Ordering.TestCase
TestOrdering.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@given(
    cuts=st.lists(st.integers(1, 4), max_size=6),
    derived=st.lists(st.integers(0, 9), unique=True, max_size=4),
    shuffle=st.randoms(use_true_random=False),
)
@settings(max_examples=200)
def test_runs_are_a_list_of_ids(cuts: list[int], derived: list[int], shuffle: object) -> None:
    runs, start = [], 0
    for count in cuts:
        runs.append((start, count))
        start += count + 1
    runs += [(FIRST_DERIVED + 2 * number, 1) for number in derived]
    shuffle.shuffle(runs)  # type: ignore[attr-defined]
    known = ids(runs)
    found = Runs.from_bytes(Runs([*runs, (start, FIRST_DERIVED - start)]).to_bytes())
    assert [found.at(place) for place in range(len(known))] == known
    for one in range(start):
        assert found.place_of(one) == (known.index(one) if one in known else None)
    assert found.at(len(known) + 5) == start + 5
    for number in range(10):
        one = FIRST_DERIVED + number
        assert found.place_of(one) == (known.index(one) if one in known else None)
    for places in range(len(known) + 3):
        later = [one for one in known[places:] if one < FIRST_DERIVED]
        assert found.lines_known(places) == min([*later, start + max(0, places - len(known))])


def test_the_lines_of_a_source_are_one_run() -> None:
    lines = Runs.of_lines()
    assert (lines.at(7), lines.place_of(7), lines.lines_known(3)) == (7, 7, 3)
    assert lines.place_of(FIRST_DERIVED) is None


def test_a_record_behind_a_line_that_is_not_found_yet_is_not_to_be_seen() -> None:
    order = Order()
    order.insert([FIRST_DERIVED], 5)
    shown = Shown(order.layout, BitMap64())
    assert [shown.before_line(line) for line in (4, 5, 6, 7)] == [4, 5, 7, 8]
