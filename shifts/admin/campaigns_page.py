"""The page of one campaign: before it is sent what would happen, afterwards what does, kept up to date."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.text import slugify

from messaging import clock, text
from messaging.admin.base import Admin
from messaging.admin.files import as_csv
from shifts import campaigns
from shifts.admin import campaigns_funnel as funnel
from shifts.admin import campaigns_languages as further
from shifts.admin import campaigns_progress as progress
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.campaigns.texts import text_of
from shifts.models import Campaign, Status

_MOST_NOT_TEXTED = 20
_MOST_BOOKINGS = 50
_MOST_FOLLOW_UPS = 20

User = AbstractBaseUser | AnonymousUser


class PageAdmin(Admin):
    """Shows a campaign as what it does instead of as fields."""

    change_form_outer_before_template = "shifts/admin/campaign.html"

    def get_urls(self) -> list[URLPattern]:
        """With the figures that the page asks for, and the file of those who were not texted."""
        view = self.admin_site.admin_view
        own = [
            path("<path:object_id>/progress/", view(self.progress_view), name="shifts_campaign_progress"),
            path("<path:object_id>/not-texted/", view(self.not_texted_view), name="shifts_campaign_not_texted"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *arguments: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """With the campaign, unless it is being written."""
        if obj is not None and not self.is_form(request):
            context |= _context(_find(obj.pk), clock.now(), request.user) | {"show_close": False}
        answer: HttpResponse = super().render_change_form(request, context, *arguments, obj=obj, **options)
        return answer

    def is_form(self, request: HttpRequest) -> bool:
        """Whether a campaign that exists is being written, not looked at."""
        return bool(request.resolver_match and request.resolver_match.url_name == "shifts_campaign_form")

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far it is, for the page that shows it; 304 while that is the same."""
        campaign = self._viewed(request, object_id)
        told = progress.tell(campaign, clock.now())
        answer = JsonResponse(
            {
                "status": told.status,
                "headline": told.headline,
                "detail": told.detail,
                "trouble": told.trouble,
                "trouble_url": _trouble_url(told, request.user),
                "every": told.every,
                "values": told.values(),
                "people": {share.key: share.people for share in told.shares},
                "funnel": render_to_string("shifts/admin/campaign_funnel.html", _funnel(campaign, told, request.user)),
                "lists": render_to_string("shifts/admin/campaign_lists.html", _lists(campaign, request.user)),
            }
        )
        etag = quote_etag(sha256(answer.content).hexdigest()[:32])
        unchanged = get_conditional_response(request, etag=etag)
        shown = unchanged or answer
        shown["ETag"] = etag
        return shown

    def not_texted_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """CSV of who got no text and why."""
        campaign = self._viewed(request, object_id)
        name = f"not-texted-{slugify(campaign.campaign_id)}.csv"
        return as_csv(name, reads.not_texted_table(campaign))

    def _viewed(self, request: HttpRequest, object_id: str) -> Campaign:
        """The campaign, for those who may see campaigns."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        return _find(object_id)


def _find(pk: int | str) -> Campaign:
    campaign = Campaign.objects.select_related("segment", "follows").filter(pk=pk).first()
    if campaign is None:
        raise Http404
    return campaign


def _context(campaign: Campaign, now: datetime, user: User) -> dict[str, Any]:
    told = progress.tell(campaign, now)
    context: dict[str, Any] = {
        "campaign": campaign,
        "progress": told,
        "campaign_trouble_url": _trouble_url(told, user),
        "campaign_text": campaign.text or text_of(campaign),
        "campaign_sender": campaign.origination_identity or reads.only_number() or "your number",
        "campaign_shifts": [shift.shift_id for shift in campaign.shifts.all()],
        "campaign_acts": [(act, act.get_status_display()) for act in campaign.acts.all()],
        "campaign_follow_ups": list(campaign.follow_ups.order_by("id")[:_MOST_FOLLOW_UPS]),
        "campaign_progress_url": reverse("admin:shifts_campaign_progress", args=(campaign.pk,)),
        **_funnel(campaign, told, user),
        **_lists(campaign, user),
    }
    if campaign.started_at is None and campaign.status != Status.CANCELLED:
        context |= _preview(campaign)
    context["campaign_languages"] = further.shown(campaign, context.get("preview"))
    return context


def _trouble_url(told: progress.Progress, user: User) -> str:
    """For those who may go there."""
    may = user.has_perm("messaging.view_originationidentity") or user.has_perm("messaging.change_originationidentity")  # type: ignore[union-attr]
    return told.trouble_url if may else ""


def _preview(campaign: Campaign) -> dict[str, Any]:
    told = campaigns.preview(campaign, exactly=False)
    mps = reads.mps_of(told.numbers)
    takes = "" if told.estimated_seconds is None else f"{words.about(told.estimated_seconds)} {words.pace(mps)}"
    return {
        "preview": told,
        "preview_people": words.number(told.recipients),
        "preview_cost": "" if told.estimated_cost is None else words.money(told.estimated_cost, told.currency),
        "preview_takes": takes if told.recipients else "",
        "preview_size": text.measure(told.text),
        "preview_strange": text.rare(told.text),
        "preview_languages": [
            (f"In {one.name}" if one.language else one.name, words.people(one.recipients), further.size(one))
            for one in told.languages
        ],
        "preview_numbers": [
            (identity, words.people(people), f"{words.count_of(mps.get(identity, 0), 'part')} a second")
            for identity, people in sorted(told.numbers.items())
        ],
    }


def _funnel(campaign: Campaign, told: progress.Progress, user: User) -> dict[str, Any]:
    """From recipients to bookings; what it cost, once it is over."""
    if told.counts is None or not told.counts.recipients:
        return {}
    return {
        "funnel": funnel.steps(campaign, told.counts, user),
        "funnel_cost": funnel.cost(campaign) if campaign.ended_at else "",
    }


def _lists(campaign: Campaign, user: User) -> dict[str, Any]:
    """Who booked, who replied and who was not texted."""
    if campaign.started_at is None:
        return {}
    booked = reads.bookings(campaign)
    counted, is_all = reads.not_texted_by_reason(campaign)
    lists = funnel.lists_of(campaign, user)
    return {
        "bookings": list(booked[:_MOST_BOOKINGS]),
        "bookings_total": booked.count(),
        "not_texted": [
            (message, name, reads.reason_of(message)) for message, name in reads.not_texted(campaign, _MOST_NOT_TEXTED)
        ],
        "not_texted_reasons": [
            (*one, lists.campaign_texts(status__exact=one[2], error_code__exact=one[3])) for one in counted
        ],
        "not_texted_is_all": is_all,
        "not_texted_url": reverse("admin:shifts_campaign_not_texted", args=(campaign.pk,)),
        "replies_url": lists.replies(),
        "texts_url": lists.texts(),
    }
