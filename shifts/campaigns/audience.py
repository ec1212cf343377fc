"""Who is in a segment, a few thousand at a time: memory does not grow with the segment.

The other audience, those who have not answered a campaign, is unanswered's.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet

from messaging.compiled import LIMIT, Compiled
from shifts.models import SegmentMember

NOT_APPROVED = ("NOT_APPROVED", "Not approved: an employee must be approved before campaigns text them.")
CHUNK = 5_000


class Member(NamedTuple):
    """Somebody whom a campaign is for. A tuple, because hundreds of thousands are made for one page."""

    phone_number: str
    # SQLite's driver says 0 and 1.
    approved: bool | int
    times_listed: int = 1
    # As their contact says it: blank where nobody knows.
    language: str = ""


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

    @property
    def name(self) -> str:
        """Which audience it is: two of one name have the same people at the same time."""

    def last(self) -> int:
        """Where the audience ends as it is now: who comes later does not belong to it."""

    def chunk(self, after: int, last: int) -> Chunk:
        """The next people after a cursor, up to the last."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """The people of a segment, by membership."""

    segment: int

    @property
    def name(self) -> str:
        """See Audience."""
        return f"in {self.segment}"

    def last(self) -> int:
        """See Audience. The membership that was added last; 0 when there is none."""
        return last_member(self.segment)

    def chunk(self, after: int, last: int) -> Chunk:
        """See Audience."""
        found = _MEMBERS.rows(segment=self.segment, after=after, last=last, most=CHUNK)
        members = [Member._make(row[1:]) for row in found]
        return Chunk(members, found[-1][0] if found else after, len(found) < CHUNK)


def _members(segment: int, after: int, last: int, most: int) -> QuerySet[Any, Any]:
    rows = SegmentMember.objects.filter(segment=segment, id__gt=after, id__lte=last).order_by("id")
    contact = "employee__contact"
    told = ("id", f"{contact}__phone_number", "employee__approved", "times_listed", f"{contact}__language")
    return rows.values_list(*told)[:most]


# As its driver gives it: Django looks at each value of a hundred thousand rows once more.
_MEMBERS = Compiled(_members, segment=int, after=int, last=int, most=LIMIT)


def last_member(segment: int) -> int:
    """The membership that was added last; 0 when there is none."""
    newest = SegmentMember.objects.filter(segment=segment).order_by("-id").values_list("id", flat=True).first()
    return newest or 0
