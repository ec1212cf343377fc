"""The form of a campaign as it stands while it is written, and whom it would reach, counted once.

Counting takes a second where a segment is large. What was counted goes to the form, signed, and comes back with every
later question, so that it is counted anew only when segment or number change, or after a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import QueryDict

from shifts import campaigns
from shifts.admin import campaigns_languages as further
from shifts.admin.campaigns_forms import CampaignForm
from shifts.campaigns import quiet, reach
from shifts.campaigns.audience import Audience, Everybody
from shifts.campaigns.unanswered import Unanswered
from shifts.models import Campaign, Segment, Shift

# Longer ones than AWS takes are counted as well, but a page need not count a book.
_LONGEST = 10_000
# Somebody waits for the answer: of larger segments it says that there are more.
MOST_COUNTED = 200_000
_SALT = "shifts.admin.campaigns_written.by_language"
# People come and go: after so long they are counted anew.
_COUNTED_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Written:
    """The form as it stands, whatever is still missing."""

    campaign: Campaign | None
    campaign_id: str
    message: str
    footer: str
    shifts: list[Shift]
    segment: Segment | None
    follows: Campaign | None
    origination_identity: str
    at: datetime | None
    errors: Mapping[str, list[str]]
    versions: tuple[campaigns.Version, ...] = ()

    @property
    def audience(self) -> Audience | None:
        """Whom it is for; None while nobody is chosen."""
        if self.follows:
            return Unanswered(self.follows)
        return Everybody(self.segment.pk) if self.segment else None

    @property
    def counted_for(self) -> str:
        """What a count of that audience is true for."""
        return f"{self.audience.name if self.audience else ''} from {self.origination_identity}"

    def request(self) -> campaigns.Request:
        """As campaigns take it."""
        return campaigns.Request(
            campaign_id=self.campaign_id,
            campaign_message=self.message,
            segment="" if self.follows else self.segment.name if self.segment else "",
            shifts=tuple(shift.shift_id for shift in self.shifts),
            origination_identity=self.origination_identity,
            scheduled_at=self.at,
            footer=self.footer,
            follows=self.follows.campaign_id if self.follows else "",
            translations=self.versions,
        )


def read(data: QueryDict) -> Written:
    """The form as it was sent; what makes no sense in it counts as missing."""
    message, footer = (data.get(name, "")[:_LONGEST] for name in ("campaign_message", "footer"))
    chosen = [pk for one in data.getlist("shifts") if (pk := _key(one))]
    at, errors = _time(data)
    return Written(
        campaign=Campaign.objects.filter(pk=_key(data.get("campaign", ""))).first(),
        campaign_id=_plain(data.get("campaign_id", ""))[:100],
        message=message,
        footer=footer,
        shifts=list(Shift.objects.filter(pk__in=chosen)),
        segment=Segment.objects.filter(pk=_key(data.get("segment", ""))).first(),
        follows=Campaign.objects.filter(pk=_key(data.get("follows", ""))).first(),
        origination_identity=_plain(data.get("origination_identity", ""))[:20],
        at=at,
        errors=errors,
        versions=further.read(data, _LONGEST),
    )


def _key(value: str) -> int:
    """The key that a field says; 0, which no row has, when it says none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else 0


def _plain(value: str) -> str:
    """What a field says, without what PostgreSQL would refuse to look for."""
    return "".join(one for one in value.strip() if one.isprintable())


def _time(data: QueryDict) -> tuple[datetime | None, dict[str, list[str]]]:
    field = CampaignForm.base_fields["scheduled_at"]
    try:
        return field.clean([data.get("scheduled_at_0", ""), data.get("scheduled_at_1", "")]), {}
    except ValidationError as problem:
        # Half a time is still being typed.
        whole = data.get("scheduled_at_0") and data.get("scheduled_at_1")
        return None, {"scheduled_at": problem.messages} if whole else {}


def counted(written: Written, data: QueryDict) -> tuple[campaigns.Reach | None, str]:
    """Whom it reaches, and the same for the form to bring along as ``reach``; None: nobody has counted.

    It is counted now where the form asks for it by ``count``, unless it has brought what was counted before.
    """
    audience = written.audience
    if audience is None:
        return None, ""
    if (brought := _brought(written, data.get("reach", ""))) is not None:
        return brought, str(data["reach"])
    if not data.get("count"):
        return None, ""
    found = reach.count(audience, last=None, origination_identity=written.origination_identity, most=MOST_COUNTED)
    return found, _signed(written, found)


def _signed(written: Written, found: campaigns.Reach) -> str:
    plain = [
        dict(found.reasons),
        {language: [dict(one) for one in spread] for language, spread in found.languages.items()},
        [[*where, people] for where, people in found.whereabouts.items()],
        *(found.duplicates, found.problem, found.is_whole),
    ]
    return signing.dumps([written.counted_for, plain], salt=_SALT, compress=True)


def _brought(written: Written, signed: str) -> campaigns.Reach | None:
    try:
        counted_for, plain = signing.loads(signed, salt=_SALT, max_age=_COUNTED_SECONDS)
    except signing.BadSignature:
        return None
    if counted_for != written.counted_for:
        return None
    reasons, spreads, where, *rest = plain
    languages = {language: reach.Spread(*spread) for language, spread in spreads.items()}
    whereabouts = {quiet.Where(country, tuple(zones)): people for country, zones, people in where}
    return campaigns.Reach(reasons, languages, whereabouts, *rest)
