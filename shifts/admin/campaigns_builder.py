"""What the form of a campaign shows beside itself while it is written: the text on a phone, and what it would do.

Two questions, answered by the functions that the page of a campaign and the API ask. What the text is like is asked at
each key stroke. Whom it reaches takes a second where a segment is large: it is asked when segment or number change, and
its answer comes back with every later question, signed, so that nobody counts twice.
"""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from messaging import clock, text
from messaging.admin.base import Admin
from shifts import campaigns
from shifts.admin import campaigns_languages as further
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.admin.campaigns_forms import CampaignForm
from shifts.admin.campaigns_written import Written, counted, read
from shifts.campaigns.preview import NOBODY
from shifts.campaigns.texts import Texts, compose, name
from shifts.models import Campaign

_NOBODY = campaigns.Reach({}, {}, {})


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
        written = read(request.POST)
        reached, signed = counted(written, request.POST)
        said = compose(
            written.message, written.footer, written.shifts, [one for one in written.versions if one.message]
        )
        at = written.at if written.at and written.at > clock.now() else None
        told = campaigns.foresee(said, reached or _NOBODY, shifts=written.shifts, at=at)
        return JsonResponse(
            _size(said.own)
            | {
                "languages": _languages(written, said, told),
                "sender": written.origination_identity or reads.only_number() or "your number",
                "refused": _refused(written),
                "people": _people(told, reached) if reached else None,
                "warnings": _warnings(written, told, reached),
                "reach": signed,
                "uncounted": written.audience is not None and reached is None,
            }
        )


def _size(body: str) -> dict[str, Any]:
    size = text.measure(body)
    return {
        "text": body,
        "encoding": size.encoding,
        "length": size.length,
        "limit": size.limit,
        "parts": size.parts,
        "fits": size.fits,
        "strange": text.rare(body),
    }


def _languages(written: Written, said: Texts, told: campaigns.Preview) -> list[dict[str, Any]]:
    """The texts of further languages: those written, and those that people have whom it would reach."""
    people = {one.language: one.recipients for one in told.languages}
    shown = {one.language for one in written.versions} | set(people)
    found = [
        _size(text) | {"language": language, "name": name(language), "people": _reading(people.get(language, 0))}
        for language, text in said.others.items()
        if language in shown
    ]
    if not found:
        return []
    others = sum(count for language, count in people.items() if said.of(language) == said.own)
    return [_size(said.own) | {"language": "", "name": "Everybody else", "people": _reading(others)}, *found]


def _reading(people: int) -> str:
    return words.people(people) if people else ""


def _refused(written: Written) -> dict[str, list[str]]:
    """What would be refused if it were saved so, by field; what is still empty is not complained of."""
    refused = dict(written.errors)
    try:
        campaigns.check_request(written.request())
    except ValidationError as problem:
        refused = further.by_field(problem) | refused
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


def _warnings(written: Written, told: campaigns.Preview, reached: campaigns.Reach | None) -> list[str]:
    """What stands in the way, and what somebody should know; a text that is too long is refused at its field."""
    size = text.measure(told.text)
    instead = {NOBODY: _why_nobody(written, told) if reached else ""}
    if not size.fits:
        instead[str(text.BodyTooLong(size))] = ""
    said = (instead.get(sentence, sentence) for sentence in (*told.problems, *told.warnings))
    return [sentence for sentence in said if sentence]


def _why_nobody(written: Written, told: campaigns.Preview) -> str:
    if told.suppressed:
        return NOBODY
    if written.follows:
        return f"Nobody would be texted: everybody who got {written.follows} has answered."
    return f"Nobody would be texted: nobody is in {written.segment}. Import a list into it, or add employees, first."
