"""Who is in a segment, a few thousand at a time: memory does not grow with the segment."""

from collections.abc import Iterator
from dataclasses import dataclass

from shifts.models import SegmentMember

NOT_APPROVED = ("NOT_APPROVED", "Not approved: an employee must be approved before campaigns text them.")
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a segment."""

    member: int
    phone_number: str
    approved: bool
    times_listed: int


def next_members(segment: int, after: int, last: int, most: int) -> list[Member]:
    """The next members after a membership, up to the last one that counts."""
    rows = SegmentMember.objects.filter(segment=segment, id__gt=after, id__lte=last).order_by("id")
    fields = ("id", "employee__contact__phone_number", "employee__approved", "times_listed")
    return [Member(*row) for row in rows.values_list(*fields)[:most]]


def everybody(segment: int, last: int) -> Iterator[list[Member]]:
    """All members, chunk by chunk."""
    after = 0
    while chunk := next_members(segment, after, last, CHUNK):
        yield chunk
        after = chunk[-1].member


def last_member(segment: int) -> int:
    """The membership that was added last; 0 when there is none."""
    newest = SegmentMember.objects.filter(segment=segment).order_by("-id").values_list("id", flat=True).first()
    return newest or 0
