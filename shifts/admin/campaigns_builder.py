"""What the form of a campaign shows beside itself while it is written: the text on a phone, and what it would do.

Two questions, answered by the functions that the page of a campaign and the API ask. What the text is like is asked at
each key stroke. Whom it reaches takes a second where a segment is large: it is asked when segment or number change, and
its answer comes back with every later question, signed, so that nobody counts twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from messaging import clock, text
from messaging.admin.base import Admin
from shifts import campaigns
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.admin.campaigns_forms import CampaignForm
from shifts.campaigns import cautions, reach
from shifts.campaigns.audience import Audience, Everybody
from shifts.campaigns.preview import NOBODY
from shifts.campaigns.requests import render
from shifts.campaigns.unanswered import Unanswered
from shifts.models import Campaign, Segment, Shift

# Longer ones than AWS takes are counted as well, but a page need not count a book.
_LONGEST = 10_000
# Somebody waits for the answer: of larger segments it says that there are more.
MOST_COUNTED = 200_000
_SALT = "shifts.admin.campaigns_builder"
# People come and go: after so long they are counted anew.
_COUNTED_SECONDS = 600
_NOBODY = campaigns.Reach({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class _Written:
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

    @property
    def audience(self) -> Audience | None:
        """Whom it is for; None while nobody is chosen."""
        if self.follows:
            return Unanswered(self.follows)
        return Everybody(self.segment.pk) if self.segment else None

    @property
    def counted_for(self) -> str:
        """What a count of that audience is true for."""
        to = f"after {self.follows.pk}" if self.follows else f"in {self.segment.pk if self.segment else 0}"
        return f"{to} from {self.origination_identity}"

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
        )


class BuilderAdmin(Admin):
    """Shows it beside the form, and answers what the form asks."""

    change_form_outer_after_template = "shifts/admin/campaign_builder.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """The form, with whom it asks and what for."""
        form: Any = context["adminform"].form
        if isinstance(form, CampaignForm):
            context["builder"] = {
                "url": reverse("admin:shifts_campaign_size"),
                "campaign": obj.pk if obj else "",
                "follows": form.follows.pk if form.follows else "",
            }
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def get_urls(self) -> list[URLPattern]:
        """With the address that the form asks."""
        view = self.admin_site.admin_view
        return [path("size/", view(require_POST(self.size_view)), name="shifts_campaign_size"), *super().get_urls()]

    def size_view(self, request: HttpRequest) -> JsonResponse:
        """The whole text as it would be sent now, its size, whom it reaches once that is counted, and what is wrong.

        With ``count`` it is counted, unless ``reach`` brings what was counted before.
        """
        if not (self.has_add_permission(request) or request.user.has_perm("shifts.change_campaign")):
            raise PermissionDenied
        written = _read(request.POST)
        reached, counted = _counted(written, request.POST)
        body = render(written.message, written.footer, written.shifts)
        at = written.at if written.at and written.at > clock.now() else None
        told = campaigns.foresee(body, reached or _NOBODY, shifts=written.shifts, at=at)
        return JsonResponse(
            _size(body)
            | {
                "sender": written.origination_identity or reads.only_number() or "your number",
                "refused": _refused(written),
                "people": _people(told, reached) if reached else None,
                "warnings": _warnings(written, told, reached),
                "reach": counted,
                "uncounted": written.audience is not None and reached is None,
            }
        )


def _read(data: QueryDict) -> _Written:
    message, footer = (data.get(name, "")[:_LONGEST] for name in ("campaign_message", "footer"))
    chosen = [pk for one in data.getlist("shifts") if (pk := _key(one))]
    at, errors = _time(data)
    return _Written(
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


def _counted(written: _Written, data: QueryDict) -> tuple[campaigns.Reach | None, str]:
    """Whom it reaches, as counted before or now, and the same for the form to bring along; None: not counted."""
    audience = written.audience
    if audience is None:
        return None, ""
    if (brought := _brought(written, data.get("reach", ""))) is not None:
        return brought, data["reach"]
    if not data.get("count"):
        return None, ""
    found = reach.count(
        audience, last=None, origination_identity=written.origination_identity, most=MOST_COUNTED
    )
    return found, _signed(written, found)


def _signed(written: _Written, found: campaigns.Reach) -> str:
    plain = [
        *(dict(one) for one in (found.reasons, found.numbers, found.countries)),
        [[list(zones), people] for zones, people in found.zones.items()],
        *(found.duplicates, found.problem, found.is_whole),
    ]
    return signing.dumps([written.counted_for, plain], salt=_SALT, compress=True)


def _brought(written: _Written, signed: str) -> campaigns.Reach | None:
    try:
        counted_for, plain = signing.loads(signed, salt=_SALT, max_age=_COUNTED_SECONDS)
    except signing.BadSignature:
        return None
    if counted_for != written.counted_for:
        return None
    reasons, numbers, countries, zones, *rest = plain
    return campaigns.Reach(reasons, numbers, countries, {tuple(names): people for names, people in zones}, *rest)


def _size(body: str) -> dict[str, Any]:
    size = text.measure(body)
    return {
        "text": body,
        "encoding": size.encoding,
        "length": size.length,
        "limit": size.limit,
        "parts": size.parts,
        "fits": size.fits,
        "strange": cautions.strange(body),
    }


def _refused(written: _Written) -> dict[str, list[str]]:
    """What would be refused if it were saved so, by field; what is still empty is not complained of."""
    refused = dict(written.errors)
    try:
        campaigns.check_request(written.request())
    except ValidationError as problem:
        refused = problem.message_dict | refused
    if written.campaign is None and Campaign.objects.filter(campaign_id=written.campaign_id).exists():
        refused.setdefault("campaign_id", ["There is a campaign with this id. Choose another."])
    missing = {
        "campaign_id": not written.campaign_id,
        "campaign_message": not written.message.strip(),
        "segment": written.segment is None,
    }
    return {name: told for name, told in refused.items() if not missing.get(name)}


def _people(told: campaigns.Preview, reached: campaigns.Reach) -> dict[str, str]:
    """How many, for how much and how long, in words."""
    more = "" if reached.is_whole else "more than "
    mps = reads.mps_of(told.numbers)
    takes = "" if told.estimated_seconds is None else f"{words.about(told.estimated_seconds)} {words.pace(mps)}"
    reasons = ", ".join(f"{words.number(people)} {why.lower()}" for why, people in told.reasons.items())
    cost = "" if told.estimated_cost is None else words.money(told.estimated_cost, told.currency)
    return {
        "recipients": f"{more}{words.people(told.recipients)}",
        "suppressed": f"{more}{words.number(told.suppressed)}: {reasons}" if told.suppressed else "nobody",
        "duplicates": f"{more}{words.number(told.duplicates)}, texted once" if told.duplicates else "none",
        "cost": f"{more}{cost}" if cost else "not known",
        "takes": f"{more}{takes}" if takes else "-",
    }


def _warnings(written: _Written, told: campaigns.Preview, reached: campaigns.Reach | None) -> list[str]:
    """What stands in the way, and what somebody should know; a text that is too long is refused at its field."""
    size = text.measure(told.text)
    instead = {NOBODY: _why_nobody(written, told) if reached else ""}
    if not size.fits:
        instead[str(text.BodyTooLong(size))] = ""
    said = (instead.get(sentence, sentence) for sentence in (*told.problems, *told.warnings))
    return [sentence for sentence in said if sentence]


def _why_nobody(written: _Written, told: campaigns.Preview) -> str:
    if told.suppressed:
        return NOBODY
    if written.follows:
        return f"Nobody would be texted: everybody who got {written.follows} has answered."
    return f"Nobody would be texted: nobody is in {written.segment}. Import a list into it, or add employees, first."
