"""The page of one campaign: before it is sent what would happen, afterwards what does, kept up to date."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from messaging import clock, text
from messaging.admin.base import Admin
from messaging.admin.files import as_csv
from shifts import campaigns
from shifts.admin import campaigns_progress as progress
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.campaigns.requests import render, text_of
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign, Shift, Status

_MOST_NOT_TEXTED = 20
_MOST_BOOKINGS = 50
# Longer ones than AWS takes are counted as well, but a page need not count a book.
_LONGEST = 10_000
_MOST_STRANGE = 5


class PageAdmin(Admin):
    """Shows a campaign as what it does instead of as fields."""

    change_form_outer_before_template = "shifts/admin/campaign.html"

    def get_urls(self) -> list[URLPattern]:
        """With the figures that the page asks for, the file of those who were not texted, and the counter."""
        view = self.admin_site.admin_view
        own = [
            path("size/", view(require_POST(self.size_view)), name="shifts_campaign_size"),
            path("<path:object_id>/progress/", view(self.progress_view), name="shifts_campaign_progress"),
            path("<path:object_id>/not-texted/", view(self.not_texted_view), name="shifts_campaign_not_texted"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With the campaign; or, for its form, with where the counter counts."""
        if obj is not None and not self.is_form(request):
            context |= _context(_find(obj.pk), clock.now()) | {"show_close": False}
        else:
            context["campaign_size_url"] = reverse("admin:shifts_campaign_size")
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def is_form(self, request: HttpRequest) -> bool:
        """Whether a campaign that exists is being written, not looked at."""
        return bool(request.resolver_match and request.resolver_match.url_name == "shifts_campaign_form")

    def progress_view(self, request: HttpRequest, object_id: str) -> JsonResponse:
        """How far it is, for the page that shows it."""
        campaign = self._viewed(request, object_id)
        told = progress.tell(campaign, clock.now())
        return JsonResponse(
            {
                "status": told.status,
                "headline": told.headline,
                "detail": told.detail,
                "trouble": told.trouble,
                "every": told.every,
                "values": told.values(),
                "people": {share.key: share.people for share in told.shares},
                "lists": render_to_string("shifts/admin/campaign_lists.html", _lists(campaign)),
            }
        )

    def not_texted_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """CSV of who got no text and why."""
        campaign = self._viewed(request, object_id)
        name = f"not-texted-{slugify(campaign.campaign_id)}.csv"
        return as_csv(name, reads.not_texted_table(campaign))

    def size_view(self, request: HttpRequest) -> JsonResponse:
        """The whole text as it would be sent now, and its size."""
        if not (self.has_add_permission(request) or request.user.has_perm("shifts.change_campaign")):
            raise PermissionDenied
        message, footer = (request.POST.get(name, "")[:_LONGEST] for name in ("campaign_message", "footer"))
        chosen = [int(pk) for pk in request.POST.getlist("shifts") if pk.isdecimal() and len(pk) < 18]
        body = render(message, footer, list(Shift.objects.filter(pk__in=chosen)))
        size = text.measure(body)
        return JsonResponse(
            {
                "text": body,
                "encoding": size.encoding,
                "length": size.length,
                "limit": size.limit,
                "parts": size.parts,
                "fits": size.fits,
                "strange": _strange(body) if size.encoding != text.GSM else "",
            }
        )

    def _viewed(self, request: HttpRequest, object_id: str) -> Campaign:
        """The campaign, for those who may see campaigns."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        return _find(object_id)


def _strange(body: str) -> str:
    """The first characters that make a text UCS-2."""
    strange = dict.fromkeys(one for one in body if text.measure(one).encoding != text.GSM)
    return " ".join(list(strange)[:_MOST_STRANGE])


def _find(pk: int | str) -> Campaign:
    campaign = Campaign.objects.select_related("segment").filter(pk=pk).first()
    if campaign is None:
        raise Http404
    return campaign


def _context(campaign: Campaign, now: datetime) -> dict[str, Any]:
    context = {
        "campaign": campaign,
        "progress": progress.tell(campaign, now),
        "campaign_text": campaign.text or text_of(campaign),
        "campaign_sender": campaign.origination_identity or reads.only_number() or "your number",
        "campaign_shifts": [shift.shift_id for shift in campaign.shifts.all()],
        "campaign_acts": [(act, act.get_status_display()) for act in campaign.acts.all()],
        "campaign_progress_url": reverse("admin:shifts_campaign_progress", args=(campaign.pk,)),
        **_lists(campaign),
    }
    if campaign.started_at is None and campaign.status != Status.CANCELLED:
        context |= _preview(campaign)
    return context


def _preview(campaign: Campaign) -> dict[str, Any]:
    told = campaigns.preview(campaign)
    mps = reads.mps_of(told.numbers)
    takes = "" if told.estimated_seconds is None else f"{words.about(told.estimated_seconds)} {words.pace(mps)}"
    return {
        "preview": told,
        "preview_people": words.number(told.recipients),
        "preview_cost": "" if told.estimated_cost is None else words.money(told.estimated_cost, told.currency),
        "preview_takes": takes if told.recipients else "",
        "preview_size": text.measure(told.text),
        "preview_strange": _strange(told.text) if told.encoding != text.GSM else "",
        "preview_numbers": [
            (identity, words.people(people), f"{words.count_of(mps.get(identity, 0), 'part')} a second")
            for identity, people in sorted(told.numbers.items())
        ],
    }


def _lists(campaign: Campaign) -> dict[str, Any]:
    """Who booked, who replied and who was not texted."""
    if campaign.started_at is None:
        return {}
    booked = reads.bookings(campaign)
    subject = urlencode({"conversation": CONVERSATION, "subject__exact": campaign.campaign_id})
    return {
        "bookings": _rows(booked),
        "bookings_total": booked.count(),
        "not_texted": [
            (message, name, reads.reason_of(message)) for message, name in reads.not_texted(campaign, _MOST_NOT_TEXTED)
        ],
        "not_texted_url": reverse("admin:shifts_campaign_not_texted", args=(campaign.pk,)),
        "replies_url": f"{reverse('admin:messaging_inboundmessage_changelist')}?{subject}",
        "texts_url": f"{reverse('admin:messaging_outboundmessage_changelist')}?{subject}",
    }


def _rows(booked: QuerySet[Any]) -> list[Any]:
    return list(booked[:_MOST_BOOKINGS])
