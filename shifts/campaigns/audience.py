"""Who is in a segment, a few thousand at a time: memory does not grow with the segment.

The other audience, those who have not answered a campaign, is unanswered's.
"""

from dataclasses import dataclass
from typing import Protocol

from shifts.models import SegmentMember

NOT_APPROVED = ("NOT_APPROVED", "Not approved: an employee must be approved before campaigns text them.")
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom a campaign is for."""

    phone_number: str
    approved: bool
    times_listed: int = 1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some of an audience.

    Attributes:
        cursor: after which the next chunk begins.
        is_last: whether nobody is left.
    """

    members: list[Member]
    cursor: int
    is_last: bool


class Audience(Protocol):
    """People in an order that does not change, so that a campaign can go through them in many transactions."""

    def last(self) -> int:
        """Where the audience ends as it is now: who comes later does not belong to it."""

    def chunk(self, after: int, last: int) -> Chunk:
        """The next people after a cursor, up to the last."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """The people of a segment, by membership."""

    segment: int

    def last(self) -> int:
        """See Audience. The membership that was added last; 0 when there is none."""
        return last_member(self.segment)

    def chunk(self, after: int, last: int) -> Chunk:
        """See Audience."""
        rows = SegmentMember.objects.filter(segment=self.segment, id__gt=after, id__lte=last).order_by("id")
        fields = ("id", "employee__contact__phone_number", "employee__approved", "times_listed")
        found = list(rows.values_list(*fields)[:CHUNK])
        members = [Member(number, approved, times) for _, number, approved, times in found]
        return Chunk(members, found[-1][0] if found else after, len(found) < CHUNK)


def last_member(segment: int) -> int:
    """The membership that was added last; 0 when there is none."""
    newest = SegmentMember.objects.filter(segment=segment).order_by("-id").values_list("id", flat=True).first()
    return newest or 0
