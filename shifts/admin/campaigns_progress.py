"""How far a campaign is, in words and figures: what its page shows, and asks for again while something can change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
        shares: everybody, by what became of their text; empty before it is sent.
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

    def values(self) -> dict[str, str]:
        """The figures by their names on the page."""
        own = {"recipients": self.recipients, "replied": self.replied, "booked": self.booked}
        return own | {share.key: share.shown for share in self.shares}


def tell(campaign: Campaign, now: datetime) -> Progress:
    """How far it is. A fixed number of queries."""
    if campaign.started_at is None:
        return _before(campaign, now)
    counts = campaigns.counts([campaign])[campaign.campaign_id]
    headline, detail = _sentences(campaign, counts, now)
    return Progress(
        status=campaign.status,
        label=label_of(campaign),
        tone=TONES[campaign.status] or "plain",
        headline=headline,
        detail=detail,
        trouble=_trouble(campaign),
        every=_every(campaign, now),
        shares=shares(counts),
        recipients=words.number(counts.recipients),
        replied=words.number(counts.replied),
        booked=words.number(counts.booked),
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


def _sentences(campaign: Campaign, counts: campaigns.Counts, now: datetime) -> tuple[str, str]:
    to_be_texted = counts.recipients - counts.suppressed
    sent = f"{words.number(counts.sent)} of {words.people(to_be_texted)} texted"
    match campaign.status:
        case Status.SENDING if campaign.expanded_at is None:
            return "The texts are being queued", f"{words.people(counts.recipients)} so far."
        case Status.SENDING:
            return sent, _remaining(campaign, counts.queued, now)
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


def _remaining(campaign: Campaign, people: int, now: datetime) -> str:
    """How long the texts that wait will take."""
    left = reads.parts_left(campaign, people) if people else {}
    mps = reads.mps_of(left)
    if not mps:
        return "The last texts are on their way."
    seconds = max(parts / mps[identity] for identity, parts in left.items() if identity in mps)
    return f"Done in {words.about(seconds)} {words.pace(mps)}, at {words.done_at(now, seconds)}."


def _trouble(campaign: Campaign) -> str:
    if campaign.status == Status.SENDING and (lane := reads.stopped_lane(campaign)):
        how, reason = ("paused", lane.paused_reason) if lane.paused_at else ("held", lane.held_reason)
        return f"Sending from {lane.origination_identity} is {how}, so texts of this campaign wait. {reason}".strip()
    return campaign.problem


def _every(campaign: Campaign, now: datetime) -> int:
    under_way = campaign.status in (Status.SENDING, Status.PAUSED) or campaign.settling
    recently = campaign.ended_at is not None and now - campaign.ended_at < _ECHO
    return _OFTEN if under_way or recently else 0
