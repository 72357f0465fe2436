"""What is said of records, in the ids of another file: what stays when undo ends at a save, or the file changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyroaring import BitMap64

from curator.edits.labels import Labels, Verdict
from curator.edits.operations import Annotate, Operation, Review, Tag, TagMessage

PlaceOf = Callable[[int], int | None]
"""The line of the other file on which a record stands; None where it does not."""


def baseline(labels: Labels, place_of: PlaceOf) -> list[Operation]:
    """Operations that give the records of a file, whose ids are its lines, the labels that they have now."""
    return [one for one in _baseline(labels, place_of) if one.concerns()]


def _baseline(labels: Labels, place_of: PlaceOf) -> Iterator[Operation]:
    for tag, records in labels.tags.items():
        yield Tag(_by_line(records, place_of), tag)
    for verdict in Verdict:
        yield Review(_by_line(labels.verdicts[verdict], place_of), verdict)
    for record, note in labels.notes.items():
        line = place_of(record)
        if line is not None:
            yield Annotate(line, note)
    for record, tags in labels.message_tags.items():
        line = place_of(record)
        if line is not None:
            yield from (TagMessage(line, message, tag) for message, names in tags.items() for tag in sorted(names))


def _by_line(records: BitMap64, place_of: PlaceOf) -> BitMap64:
    """The lines on which records stand."""
    return BitMap64([line for line in map(place_of, records) if line is not None])
