"""Where a campaign is: the only writer of its status.

Each move is made under the lock of the campaign's row, and only from the statuses it may start from; two people who act
in the same instant are told the truth. Whoever moves is written down.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from messaging import clock, wakeups
from messaging.outbound import outbox
from shifts import events
from shifts.campaigns.requests import (
    Checked,
    DifferentContent,
    Request,
    check_request,
    fingerprint,
    refused_words,
)
from shifts.campaigns.subject import CONVERSATION
from shifts.campaigns.texts import texts_of, versions_of
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, CampaignAct, CampaignVersion, Status

LIST = "campaigns"

# from → to
LEGAL: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SCHEDULED, Status.SENDING, Status.CANCELLED}),
    Status.SCHEDULED: frozenset({Status.SENDING, Status.CANCELLED}),
    Status.SENDING: frozenset({Status.PAUSED, Status.SENT, Status.CANCELLED}),
    Status.PAUSED: frozenset({Status.SENDING, Status.CANCELLED}),
    Status.SENT: frozenset(),
    Status.CANCELLED: frozenset(),
}


class NotAllowed(Exception):
    """The status of the campaign forbids it; the message says why and what may be done."""


class Changed(NotAllowed):
    """A draft is not what somebody was shown when they said yes to it."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(f"{campaign} was changed since you looked at it, so nothing was sent. Look at it again.")


def create(request: Request, *, actor: str) -> tuple[Campaign, bool]:
    """Make a campaign, and send or schedule it unless it is a draft. Returns it, and whether it is new.

    Raises:
        DifferentContent: the id is taken by a campaign with other content.
        ValidationError: field by field, what is wrong and what to do.
    """
    request = request.tidy()
    if (existing := _existing(request)) is not None:
        return existing, False
    checked = check_request(request)
    try:
        with transaction.atomic():
            return _make(request, checked, actor), True
    except IntegrityError:
        # Somebody made the same id in the same moment.
        if (existing := _existing(request)) is None:
            raise
        return existing, False


def edit(campaign_id: str, request: Request, *, actor: str) -> Campaign:
    """Change a campaign that has not begun. It stays a draft, or scheduled if a time is given.

    Raises:
        NotAllowed: it has begun.
        ValidationError: field by field, what is wrong and what to do.
    """
    request = request.tidy()
    checked = check_request(request)
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.status not in (Status.DRAFT, Status.SCHEDULED):
            raise NotAllowed(f"The campaign is {_words(campaign)}: it can be edited only before it is sent.")
        if campaign.status == Status.SCHEDULED and request.scheduled_at is None:
            raise ValidationError({"scheduled_at": ["The campaign is scheduled: give a time, or cancel it."]})
        _fill(campaign, request, checked)
        campaign.save()
        _attach(campaign, request, checked)
        _note(campaign, actor)
        if campaign.status == Status.SCHEDULED and campaign.scheduled_at:
            wakeups.wake_at(LIST, campaign.scheduled_at)
    return campaign


def send(campaign_id: str, *, actor: str, as_shown: str = "") -> Campaign:
    """Send a draft: at its time if it has one that is not past, else now.

    Args:
        campaign_id: which.
        actor: who of the staff.
        as_shown: the fingerprint of what they were shown and said yes to; blank when they were shown nothing.

    Raises:
        Changed: it is not what they were shown any more; nothing is sent.
        NotAllowed: it is no draft.
        ValidationError: its text can no longer be sent.
    """

    def act(campaign: Campaign) -> None:
        if as_shown and as_shown != fingerprint(campaign):
            raise Changed(campaign)
        if campaign.scheduled_at and campaign.scheduled_at > clock.now():
            _schedule(campaign, campaign.scheduled_at, actor)
        else:
            _start(campaign, actor)

    return _act(campaign_id, [Status.DRAFT], "sent", act)


def start_due(campaign_id: str) -> None:
    """Begin a scheduled campaign whose time has come. Nothing happens if somebody was quicker."""
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.status != Status.SCHEDULED or not campaign.scheduled_at or campaign.scheduled_at > clock.now():
            return
        try:
            _start(campaign, "")
        except ValidationError as problem:
            campaign.problem = " ".join(problem.messages)[:300]
            _end(campaign, Status.CANCELLED, "")


def pause(campaign_id: str, *, actor: str, problem: str = "") -> Campaign:
    """Let no further text leave until the campaign is resumed. What its number has claimed still goes out.

    Raises:
        NotAllowed: it is not being sent.
    """

    def act(campaign: Campaign) -> None:
        outbox.withhold(CONVERSATION, campaign.campaign_id)
        campaign.settling, campaign.problem = True, problem[:300]
        _move(campaign, Status.PAUSED, actor)

    return _act(campaign_id, [Status.SENDING], "paused", act)


def resume(campaign_id: str, *, actor: str) -> Campaign:
    """Go on with a paused campaign.

    Raises:
        NotAllowed: it is not paused.
    """

    def act(campaign: Campaign) -> None:
        campaign.settling, campaign.problem = True, ""
        _move(campaign, Status.SENDING, actor)

    return _act(campaign_id, [Status.PAUSED], "resumed", act)


def cancel(campaign_id: str, *, actor: str) -> Campaign:
    """Let no further text leave, ever. What its number has claimed still goes out.

    Raises:
        NotAllowed: it has ended.
    """

    def act(campaign: Campaign) -> None:
        if campaign.started_at:
            outbox.withhold(CONVERSATION, campaign.campaign_id)
            campaign.settling = True
        _end(campaign, Status.CANCELLED, actor)

    before_the_end = [Status.DRAFT, Status.SCHEDULED, Status.SENDING, Status.PAUSED]
    return _act(campaign_id, before_the_end, "cancelled", act)


def finish(campaign_id: str) -> None:
    """Note that every text has left or ended. Nothing happens while one has not."""
    with transaction.atomic():
        campaign = _locked(campaign_id)
        ready = campaign.status == Status.SENDING and campaign.expanded_at and not campaign.settling
        if ready and not outbox.is_under_way(CONVERSATION, campaign_id):
            _end(campaign, Status.SENT, "")


def _existing(request: Request) -> Campaign | None:
    existing = Campaign.objects.filter(campaign_id=request.campaign_id).first()
    if existing is not None and existing.content_hash != request.digest():
        raise DifferentContent(request.campaign_id)
    return existing


def _make(request: Request, checked: Checked, actor: str) -> Campaign:
    campaign = Campaign(campaign_id=request.campaign_id, created_at=clock.now(), created_by=actor)
    _fill(campaign, request, checked)
    campaign.save(force_insert=True)
    _attach(campaign, request, checked)
    _note(campaign, actor)
    if not request.draft and request.scheduled_at:
        _schedule(campaign, request.scheduled_at, actor)
    elif not request.draft:
        _start(campaign, actor)
    return campaign


def _fill(campaign: Campaign, request: Request, checked: Checked) -> None:
    campaign.campaign_message, campaign.footer = request.campaign_message, request.footer
    campaign.segment, campaign.origination_identity = checked.segment, request.origination_identity
    campaign.scheduled_at, campaign.content_hash = request.scheduled_at, request.digest()
    campaign.follows = checked.follows


def _attach(campaign: Campaign, request: Request, checked: Checked) -> None:
    """What stands in rows of its own."""
    campaign.shifts.set(checked.shifts)
    campaign.versions.all().delete()
    CampaignVersion.objects.bulk_create(
        CampaignVersion(campaign=campaign, language=one.language, message=one.message, footer=one.footer)
        for one in request.translations
    )


def _schedule(campaign: Campaign, at: datetime, actor: str) -> None:
    _move(campaign, Status.SCHEDULED, actor)
    wakeups.wake_at(LIST, at)


def _start(campaign: Campaign, actor: str) -> None:
    shifts, versions = list(campaign.shifts.all()), versions_of(campaign)
    if problems := refused_words(campaign.campaign_message, campaign.footer, shifts, versions):
        raise ValidationError(problems)
    said = texts_of(campaign)
    campaign.text, campaign.texts_by_language = said.own, dict(said.others)
    campaign.started_at = clock.now()
    campaign.last_member = audience_of(campaign).last()
    _move(campaign, Status.SENDING, actor)
    events.campaign_moved(campaign)


def _end(campaign: Campaign, status: Status, actor: str) -> None:
    campaign.ended_at = clock.now()
    _move(campaign, status, actor)
    events.campaign_moved(campaign)


def _act(campaign_id: str, sources: Collection[Status], done: str, act: Callable[[Campaign], None]) -> Campaign:
    with transaction.atomic():
        campaign = _locked(campaign_id)
        if campaign.status not in sources:
            possible = " or ".join(Status(source).label.lower() for source in sources)
            raise NotAllowed(f"The campaign is {_words(campaign)}. Only one that is {possible} can be {done}.")
        act(campaign)
    return campaign


def _locked(campaign_id: str) -> Campaign:
    # No key: a booking that only points to the campaign need not wait.
    return Campaign.objects.select_for_update(no_key=True, of=("self",)).get(campaign_id=campaign_id)


def _move(campaign: Campaign, to: Status, actor: str) -> None:
    if to not in LEGAL[Status(campaign.status)]:
        raise NotAllowed(f"The campaign is {_words(campaign)} and cannot become {to.label.lower()}.")
    campaign.status = to
    campaign.save()
    _note(campaign, actor)
    wakeups.wake(LIST)


def _note(campaign: Campaign, actor: str) -> None:
    CampaignAct.objects.create(campaign=campaign, at=clock.now(), status=campaign.status, actor=actor)


def _words(campaign: Campaign) -> str:
    return str(campaign.get_status_display()).lower()
