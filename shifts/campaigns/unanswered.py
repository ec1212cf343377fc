"""Who has not answered a campaign: the audience of its follow-up.

Those who got its text (sent or delivered; unknown is not known), have not texted back about it, hold no shift that they
booked through it, and none that it offers, whoever booked it for them. Whoever has sent a text that waits for a person
is passed over as well, whatever it is about: it may be "please stop texting me". Of a follow-up, the same must be true
of the campaigns that it follows itself: who answers the first after the second has left is not asked a third time.

Decided when the rows are made, as the sending of the follow-up begins. Approval and consent are asked again then, and
leave a row that says why. Whether somebody is still in the segment is not asked.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Max, Min, Q, QuerySet

from messaging import selectors
from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import InboundMessage, OutboundMessage, Priority
from messaging.models import Status as TextStatus
from shifts.campaigns import audience
from shifts.campaigns.audience import Audience, Chunk, Everybody, Member
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Booking, Campaign, Employee

_GOT_IT = (TextStatus.SENT, TextStatus.DELIVERED)


def audience_of(campaign: Campaign) -> Audience:
    """Whom a campaign is for."""
    first = campaign.follows
    return Everybody(campaign.segment_id) if first is None else Unanswered(first)


def chain(campaign: Campaign) -> list[Campaign]:
    """A campaign and those that it follows, the newest first. None follows itself: only what has ended is followed."""
    found = [campaign]
    while (before := found[-1].follows) is not None:
        found.append(before)
    return found


_EMPLOYEES = Compiled(
    lambda phone_numbers: (
        Employee.objects.filter(OneOf("contact__phone_number", phone_numbers))
        .order_by()
        .values_list("contact__phone_number", "approved", "contact__language")
    ),
    phone_numbers=list,
)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Those who have not answered a campaign that has ended, by the text that they got of it."""

    first: Campaign
    _chain: list[Campaign] = field(init=False)
    _offered: list[int] = field(init=False)
    _found: list[tuple[int, int]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        found = chain(self.first)
        offered = Campaign.shifts.through.objects.filter(campaign__in=found).values_list("shift_id", flat=True)
        object.__setattr__(self, "_chain", found)
        object.__setattr__(self, "_offered", list(offered))

    @property
    def name(self) -> str:
        """See audience.Audience."""
        return f"after {self.first.pk}"

    def last(self) -> int:
        """See audience.Audience. The last text of the campaign: it has ended, so none is added."""
        return self._ends()[1]

    def chunk(self, after: int, last: int) -> Chunk:
        """See audience.Audience. Five queries: a page of texts, then who of their recipients answered, or may not.

        Texts are read by their keys: not from the first there ever was to the newest, but among those of the campaign.
        """
        first, newest = self._ends()
        span = {"id__gt": max(after, first - 1), "id__lte": min(last, newest)}
        texts = self._reached().filter(**span).order_by("id")
        page = list(texts.values_list("id", "destination_phone_number")[: audience.CHUNK])
        if not page:
            return Chunk([], after, is_last=True)
        numbers = [number for _, number in page]
        answered = {*self._replied(numbers), *self._booked(numbers), *_waits(numbers)}
        employees = {number: told for number, *told in _EMPLOYEES.rows(phone_numbers=numbers)}
        members = []
        for number in numbers:
            if number not in answered:
                # Who is no employee any more is not approved.
                approved, language = employees.get(number, (False, ""))
                members.append(Member(number, approved, language=language))
        return Chunk(members, page[-1][0], len(page) < audience.CHUNK)

    def _texts(self) -> QuerySet[OutboundMessage]:
        # Answers to replies have the campaign as subject as well, and another priority.
        return OutboundMessage.objects.filter(
            conversation=CONVERSATION, subject=self.first.campaign_id, priority=Priority.CAMPAIGN
        )

    def _ends(self) -> tuple[int, int]:
        """The keys of the campaign's first text and of its last; none lies between the two of a campaign without."""
        if not self._found:
            # Grouped, so that they are found by index: asked for one key, a database goes through the table for it.
            rows = self._texts().order_by().values_list("status").annotate(Min("id"), Max("id"))
            keys = [(first, last) for _, first, last in rows]
            first, last = min((one for one, _ in keys), default=1), max((one for _, one in keys), default=0)
            self._found.append((first, last))
        return self._found[0]

    def _reached(self) -> QuerySet[OutboundMessage]:
        return self._texts().filter(status__in=_GOT_IT)

    def _replied(self, numbers: Collection[str]) -> Iterable[str]:
        texts = InboundMessage.objects.filter(
            OneOf("origination_phone_number", numbers),
            conversation=CONVERSATION,
            subject__in=[one.campaign_id for one in self._chain],
        )
        # Says what the index's condition says: SQLite would read all that ever came in.
        return texts.exclude(subject="").order_by().values_list("origination_phone_number", flat=True)

    def _booked(self, numbers: Collection[str]) -> Iterable[str]:
        through = Q(campaign__in=[one.pk for one in self._chain])
        bookings = Booking.objects.filter(
            OneOf("employee__contact__phone_number", numbers),
            through | Q(shift__in=self._offered),
            dropped_at__isnull=True,
        )
        return bookings.order_by().values_list("employee__contact__phone_number", flat=True)


def _waits(numbers: Collection[str]) -> Iterable[str]:
    """Who has sent a text that nobody understood and nobody has dealt with yet."""
    texts = selectors.waiting_for_staff().filter(OneOf("origination_phone_number", numbers))
    return texts.order_by().values_list("origination_phone_number", flat=True)
