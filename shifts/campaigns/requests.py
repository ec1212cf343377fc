"""What a campaign is made from, and what is wrong with it, field by field."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import ValidationError

from messaging import clock
from messaging.selectors import answerable_numbers
from shifts import selectors
from shifts.campaigns import texts
from shifts.campaigns.texts import Version
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, Segment, Shift, Status
from shifts.models.campaigns import ID_PATTERN

# What is wrong, by field. A ValidationError of ``translations`` has the language as its code.
Problems = dict[str, list[str | ValidationError]]


class DifferentContent(Exception):
    """There is a campaign with this id already, made with other content."""

    def __init__(self, campaign_id: str) -> None:
        super().__init__(
            f"Campaign {campaign_id} exists with other content. Give a new campaign another id, "
            "or send exactly the same content to get the one that exists."
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What a campaign is made from.

    Attributes:
        segment: the name of the segment; blank for a follow-up, which is for people of the first campaign.
        follows: the id of the campaign that this one follows: it goes to those who have not answered it. Blank: to
            everybody of the segment.
        shifts: codes of the shifts it offers; may be empty.
        origination_identity: the number to send from; blank lets messaging choose for each person.
        scheduled_at: when to send, aware; None: at once.
        footer: how to book; blank: the usual words.
        draft: nothing is sent before somebody says so.
        translations: the message and how to book in further languages, each once.
    """

    campaign_id: str
    campaign_message: str
    segment: str
    shifts: tuple[str, ...] = ()
    origination_identity: str = ""
    scheduled_at: datetime | None = None
    footer: str = ""
    draft: bool = False
    follows: str = ""
    translations: tuple[Version, ...] = ()

    def tidy(self) -> "Request":
        """Without spaces at the ends and repeated codes, in one order."""
        return replace(
            self,
            campaign_id=self.campaign_id.strip(),
            campaign_message=self.campaign_message.strip(),
            segment=self.segment.strip(),
            shifts=tuple(sorted({code.strip().upper() for code in self.shifts})),
            origination_identity=self.origination_identity.strip(),
            footer=self.footer.strip(),
            follows=self.follows.strip(),
            translations=tuple(sorted((one.tidy() for one in self.translations), key=lambda one: one.language)),
        )

    def digest(self) -> str:
        """The content as asked for: a repeat says the same."""
        scheduled_at = self.scheduled_at.timestamp() if self.scheduled_at else None
        said: list[object] = [
            self.campaign_message,
            # A follow-up is for the people of the first campaign, whether or not their segment is said.
            "" if self.follows else self.segment.upper(),
            self.shifts,
            self.origination_identity,
            scheduled_at,
            self.footer,
            self.draft,
        ]
        if self.follows:
            # Those without it were written down before there were any.
            said.append(self.follows)
        if self.translations:
            # Likewise.
            said.append([[one.language, one.message, one.footer] for one in self.translations])
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that can be sent, with its rows."""

    segment: Segment
    shifts: Sequence[Shift]
    follows: Campaign | None = None


def check_request(request: Request) -> Checked:
    """Look up what a request names.

    Raises:
        ValidationError: field by field, what is wrong and what to do.
    """
    request = request.tidy()
    problems: Problems = {}
    _check_own_fields(request, problems)
    follows = _check_followed(request.follows, problems) if request.follows else None
    segment = _check_segment(request, follows, problems)
    shifts = list(Shift.objects.filter(shift_id__in=selectors.existing(request.shifts)))
    if unknown := set(request.shifts) - {shift.shift_id.upper() for shift in shifts}:
        problems["shifts"] = [f"There is no shift with the code {code}." for code in sorted(unknown)]
    _check_number(request.origination_identity, problems)
    problems |= refused_words(request.campaign_message, request.footer, shifts, request.translations)
    if problems or segment is None:
        raise ValidationError(problems)
    return Checked(segment, shifts, follows)


def is_over(campaign: Campaign) -> bool:
    """Whether it has texted people and is over, so that it is settled who got its text: then it may be followed."""
    return campaign.started_at is not None and campaign.status in (Status.SENT, Status.CANCELLED)


def fingerprint(campaign: Campaign) -> str:
    """What would be sent to whom if a draft were sent now: two that differ are not the same campaign to its people.

    Who is approved or has opted out is no part of it.
    """
    later = campaign.scheduled_at is not None and campaign.scheduled_at > clock.now()
    said = texts.texts_of(campaign)
    content = [campaign.content_hash, said.own, dict(said.others), audience_of(campaign).last(), later]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def refused_words(message: str, footer: str, shifts: Sequence[Shift], versions: Sequence[Version]) -> Problems:
    """What is wrong with the words in each language, by field; a message that is missing is another's to tell."""
    problems: Problems = {}
    if message and (problem := texts.too_long(message, footer, shifts)):
        problems["campaign_message"] = [problem]
    if refused := texts.refused(versions, shifts):
        problems["translations"] = [ValidationError(told, code=language) for language, told in refused]
    return problems


def _check_own_fields(request: Request, problems: Problems) -> None:
    try:
        Campaign._meta.get_field("campaign_id").clean(request.campaign_id, None)
    except ValidationError as problem:
        problems["campaign_id"] = [*problem.messages]
    if not request.campaign_message:
        problems["campaign_message"] = ["Write what people shall read."]
    if request.scheduled_at and request.scheduled_at <= clock.now():
        problems["scheduled_at"] = ["This time is past. Give a later one, or none to send at once."]


def _check_followed(campaign_id: str, problems: Problems) -> Campaign | None:
    # No id is anything else, and PostgreSQL would refuse to look for some.
    looked_for = campaign_id if re.fullmatch(ID_PATTERN, campaign_id) else ""
    campaign = Campaign.objects.select_related("segment").filter(campaign_id=looked_for).first()
    if campaign is None:
        problems["follows"] = [f"There is no campaign {campaign_id!r}."]
    elif not is_over(campaign):
        status = campaign.get_status_display().lower()
        when = "It can be followed when it has been sent, or was cancelled on the way."
        problems["follows"] = [f"Campaign {campaign_id} is {status}. {when}"]
    return campaign


def _check_segment(request: Request, follows: Campaign | None, problems: Problems) -> Segment | None:
    if request.follows and (not request.segment or follows is None):
        return follows.segment if follows else None
    segment = selectors.find_segment(request.segment)
    if segment is None:
        problems["segment"] = [f"There is no segment {request.segment!r}. Make it, or import a list into it, first."]
    elif follows and segment != follows.segment:
        problems["segment"] = [
            f"{follows} was sent to {follows.segment}, and so is what follows it. Leave the segment out."
        ]
    return segment


def _check_number(identity: str, problems: Problems) -> None:
    usable = answerable_numbers()
    if identity and not usable.filter(identity=identity).exists():
        problems["origination_identity"] = [
            f"{identity} is no active number that people can answer. Choose another, or make it so in the admin."
        ]
    elif not usable.exists():
        problems["origination_identity"] = ["There is no active number that people can answer. Add one in the admin."]
