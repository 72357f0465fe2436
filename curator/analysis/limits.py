"""What a service takes of a file as a whole, and what is over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MEGABYTE, GIGABYTE = 10**6, 10**9


class OverLong(StrEnum):
    """What happens to a record that is longer than the longest example."""

    CUT = "cut"
    """Its end is not learnt from."""
    LEFT_OUT = "left out"
    """The trainer goes on without it."""
    REJECTED = "rejected"
    """The service refuses the whole file for it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a target takes; 0 stands for any number, or for one that is not published."""

    longest_example: int = 0
    """Tokens of one record."""
    over_long: OverLong = OverLong.CUT
    fewest_records: int = 0
    most_records: int = 0
    most_bytes: int = 0
    """Bytes of a file."""
    images_a_record: int = 0
    records_with_images: int = 0
    byte_order_mark: bool = False
    """Whether the file has to begin with one."""

    def exceeded(self, file: FileFacts, title: str) -> Iterator[str]:
        """What is over these limits or under them, a sentence without a full stop each."""
        if self.most_bytes and file.bytes > self.most_bytes:
            near = size(file.bytes) == size(self.most_bytes)
            own = f"{file.bytes:,} bytes" if near else size(file.bytes)
            yield f"{own}, over the {size(self.most_bytes)} that {title} takes"
        if file.records < self.fewest_records:
            yield f"{file.records:,} records, under the {self.fewest_records:,} that {title} wants at least"
        if self.most_records and file.records > self.most_records:
            yield f"{file.records:,} records, over the {self.most_records:,} that {title} takes"
        if self.records_with_images and file.records_with_images > self.records_with_images:
            yield (
                f"{file.records_with_images:,} records with images, over the {self.records_with_images:,}"
                f" that {title} takes"
            )
        if self.byte_order_mark and not file.byte_order_mark:
            yield f"it begins without the byte order mark that {title} wants"


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What of a file is limited."""

    bytes: int
    records: int
    records_with_images: int
    byte_order_mark: bool


def size(octets: int) -> str:
    """Bytes as the services' pages give them, in powers of ten: `512 MB`, `1.25 GB`."""
    unit, word = (GIGABYTE, "GB") if octets >= GIGABYTE else (MEGABYTE, "MB")
    amount = round(octets / unit, 2)
    return f"{amount:,.0f} {word}" if amount >= 10 or amount == int(amount) else f"{amount:,.2f} {word}"
