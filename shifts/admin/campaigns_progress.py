"""How far a campaign is, in words and figures: what its page shows, and asks for again while something can change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from shifts import campaigns
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.models import Campaign, Status

TONES = {
    Status.DRAFT.value: "",
    Status.SCHEDULED.value: "info",
    Status.SENDING.value: "primary",
    Status.PAUSED.value: "warning",
    Status.SENT.value: "success",
    Status.CANCELLED.value: "",
}
# News of the last texts still comes for a while after the end.
_ECHO = timedelta(minutes=10)
_OFTEN, _SELDOM = 2_000, 10_000
# Over which the rate is measured.
_LATELY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the people: what became of their text. ``always`` is shown for nobody as well."""

    key: str
    label: str
    tone: str
    people: int
    always: bool = True

    @property
    def shown(self) -> str:
        """The figure."""
        return words.number(self.people)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is.

    Attributes:
        every: milliseconds until the page asks again; 0 when nothing can change by itself any more.
        trouble: what keeps texts from leaving, and what to do; blank when nothing does.
        trouble_url: where that can be mended; blank when it is here, or nothing is to be mended.
        shares: everybody, by what became of their text; empty before it is sent.
        rate: how fast texts leave, in words; blank while none does.
        counts: None before it is sent.
    """

    status: str
    label: str
    tone: str
    headline: str
    detail: str
    trouble: str
    every: int
    shares: tuple[Share, ...] = ()
    recipients: str = "0"
    replied: str = "0"
    booked: str = "0"
    rate: str = ""
    trouble_url: str = ""
    counts: campaigns.Counts | None = None

    def values(self) -> dict[str, str]:
        """The figures by their names on the page."""
        own = {"recipients": self.recipients, "replied": self.replied, "booked": self.booked, "rate": self.rate}
        return own | {share.key: share.shown for share in self.shares}


def tell(campaign: Campaign, now: datetime) -> Progress:
    """How far it is. A fixed number of queries."""
    if campaign.started_at is None:
        return _before(campaign, now)
    counts = campaigns.counts([campaign])[campaign.campaign_id]
    rate = _rate(campaign, now)
    headline, detail = _sentences(campaign, counts, now, rate)
    trouble, trouble_url = _trouble(campaign)
    return Progress(
        status=campaign.status,
        label=label_of(campaign),
        tone=TONES[campaign.status] or "plain",
        headline=headline,
        detail=detail,
        trouble=trouble,
        every=_every(campaign, now),
        shares=shares(counts),
        recipients=words.number(counts.recipients),
        replied=words.number(counts.replied),
        booked=words.number(counts.booked),
        rate=words.rate(rate) if rate else "",
        trouble_url=trouble_url,
        counts=counts,
    )


def label_of(campaign: Campaign) -> str:
    """The status in words."""
    return str(campaign.get_status_display())


def shares(counts: campaigns.Counts) -> tuple[Share, ...]:
    """Everybody, by what became of their text."""
    return (
        Share("delivered", "Delivered", "success", counts.delivered),
        Share("on_the_way", "On the way", "primary", counts.sent - counts.delivered),
        Share("queued", "Waiting", "plain", counts.queued),
        Share("failed", "Failed", "danger", counts.failed),
        Share("suppressed", "Suppressed", "warning", counts.suppressed),
        Share("unknown", "Unknown", "unknown", counts.unknown, always=False),
        Share("cancelled", "Cancelled", "cancelled", counts.cancelled, always=False),
    )


def _before(campaign: Campaign, now: datetime) -> Progress:
    headline, detail, every = "Nothing is sent before you say so", "", 0
    if campaign.status == Status.CANCELLED:
        headline = "Cancelled before anybody was texted"
    elif campaign.status == Status.SCHEDULED and campaign.scheduled_at:
        headline, every = f"Will be sent: {words.moment(campaign.scheduled_at, now)}", _SELDOM
    elif campaign.scheduled_at:
        headline = f"Meant for {words.moment(campaign.scheduled_at, now)}; nothing is sent before you schedule it"
        if campaign.scheduled_at <= now:
            detail = "This time is past: it would be sent at once."
    return Progress(
        campaign.status,
        label_of(campaign),
        TONES[campaign.status] or "plain",
        headline,
        detail,
        campaign.problem,
        every,
    )


def _sentences(campaign: Campaign, counts: campaigns.Counts, now: datetime, rate: float) -> tuple[str, str]:
    to_be_texted = counts.recipients - counts.suppressed
    if campaign.status == Status.SENT and not to_be_texted:
        return "Nobody was texted", _why_nobody(campaign, counts)
    sent = f"{words.number(counts.sent)} of {words.people(to_be_texted)} texted"
    match campaign.status:
        case Status.SENDING if campaign.expanded_at is None:
            return "The texts are being queued", f"{words.people(counts.recipients)} so far."
        case Status.SENDING:
            return sent, _remaining(campaign, counts.queued, now, rate)
        case Status.PAUSED:
            wait = "waits" if counts.queued == 1 else "wait"
            not_yet = f"{words.people(counts.queued)} {wait} for you to resume it." if counts.queued else ""
            return sent, not_yet
        case Status.CANCELLED:
            rest = "The texts that have not left are being withdrawn." if campaign.settling else ""
            return sent, rest
        case _:
            took = ""
            if campaign.started_at and campaign.ended_at:
                took = f"It took {words.about((campaign.ended_at - campaign.started_at).total_seconds())}."
            return f"{sent}, {words.number(counts.delivered)} delivered", took


def _why_nobody(campaign: Campaign, counts: campaigns.Counts) -> str:
    if counts.suppressed:
        return f"{words.people(counts.suppressed)} had opted out, or were not approved."
    if campaign.follows:
        return f"Everybody who got {campaign.follows} had answered."
    return f"Nobody was in {campaign.segment}."


def _rate(campaign: Campaign, now: datetime) -> float:
    """Texts a second that left lately; 0 when none did, or nothing can leave."""
    if campaign.status != Status.SENDING or campaign.started_at is None:
        return 0
    since = max(now - _LATELY, campaign.started_at)
    seconds = max((now - since).total_seconds(), 1)
    return reads.texts_lately(campaign, since) / seconds


def _remaining(campaign: Campaign, people: int, now: datetime, rate: float) -> str:
    """How long the texts that wait will take: as fast as lately, or, before that is known, as the numbers may send."""
    left = reads.parts_left(campaign, people) if people else {}
    mps = reads.mps_of(left)
    if not mps:
        return "The last texts are on their way."
    if rate and campaign.started_at and campaign.started_at <= now - _LATELY:
        seconds, how = people / rate, f"at {words.rate(rate)}"
    else:
        seconds = max(parts / mps[identity] for identity, parts in left.items() if identity in mps)
        how = words.pace(mps)
    return f"Done in {words.about(seconds)} {how}, at {words.done_at(now, seconds)}."


def _trouble(campaign: Campaign) -> tuple[str, str]:
    """What keeps texts from leaving and what to do, and where."""
    if campaign.status != Status.SENDING or not (lane := reads.stopped_lane(campaign)):
        return campaign.problem, ""
    identity = lane.origination_identity
    if lane.paused_at is None and lane.held_at is None:
        return f"Texts of this campaign wait. {lane.limited_reason}", ""
    if lane.paused_at is None:
        told = f"Sending from {identity} is held, so texts of this campaign wait. {lane.held_reason}".strip()
        return f"{told} It is tried again by itself, and goes on when it can be told who has opted out.", ""
    told = f"Sending from {identity} is paused, so texts of this campaign wait. {lane.paused_reason}".strip()
    page = reverse("admin:messaging_originationidentity_change", args=(identity.pk,))
    return f"{told} When that is mended, resume sending on the page of the number.", page


def _every(campaign: Campaign, now: datetime) -> int:
    under_way = campaign.status in (Status.SENDING, Status.PAUSED) or campaign.settling
    recently = campaign.ended_at is not None and now - campaign.ended_at < _ECHO
    if under_way:
        return _OFTEN
    return _SELDOM if recently else 0
