"""Campaigns: the list with how far each is, the form that writes one, and its page (shifts.admin.campaigns_page)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from messaging.admin.base import back_to
from shifts import campaigns
from shifts.admin import campaigns_languages as further
from shifts.admin.campaigns_actions import ActingAdmin
from shifts.admin.campaigns_builder import BuilderAdmin
from shifts.admin.campaigns_forms import CampaignForm
from shifts.admin.campaigns_list import ListAdmin
from shifts.admin.campaigns_page import PageAdmin
from shifts.models import Campaign, Status

# Of a row's key as an address says it: no longer one fits into the database.
_LONGEST_KEY = 18
_SAVED = "Nothing is sent yet. Read below what would happen, then send it."


@admin.register(Campaign)
class CampaignAdmin(ListAdmin, ActingAdmin, BuilderAdmin, PageAdmin):
    """Campaigns. Written by the form, which makes drafts; all else is done by actions."""

    warn_unsaved_form = True

    class Media:
        css = {"all": ("messaging/pages.css", "shifts/campaign.css", "shifts/campaign-builder.css")}
        js = (
            Script("messaging/follow.js", defer=True),
            Script("shifts/campaign.js", defer=True),
            Script("shifts/campaign-builder.js", defer=True),
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the form changes; the page shows. See has_act_permission."""
        return self.is_form(request) and self.has_act_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An id answers for ever."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """With the form of a campaign that exists."""
        form = path("<path:object_id>/form/", self.admin_site.admin_view(self.form_view), name="shifts_campaign_form")
        return [form, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        """With segments."""
        rows: QuerySet[Campaign] = super().get_queryset(request).select_related("segment", "follows")
        return rows

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """None for the page, which has no fields. A follow-up is for no segment."""
        if obj is not None and not self.is_form(request):
            return ()
        first = obj.follows if obj else self._followed(request)
        to = (
            ("When", {"fields": ("scheduled_at", "origination_identity"), "description": _to_whom(first)})
            if first
            else ("To whom, and when", {"fields": ("segment", "scheduled_at", "origination_identity")})
        )
        what = [("What people read", {"fields": ("campaign_message", "shifts", "footer")})]
        if self.has_change_permission(request, obj) if obj else self.has_add_permission(request):
            # Who may only look sees them on the page.
            what += further.fieldsets(obj or first)
        return (*what, to) if obj else ((None, {"fields": ("campaign_id",)}), *what, to)

    def get_form(self, request: HttpRequest, obj: Campaign | None = None, change: bool = False, **options: Any) -> Any:
        """The form has fields which are no columns."""
        if obj is None and (first := self._followed(request)):
            return type("FollowUpForm", (CampaignForm,), {"first": first})
        if obj is None or self.is_form(request):
            return CampaignForm
        return super().get_form(request, obj, change=change, **options)

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """None beside the form."""
        return [] if self.is_form(request) else super().get_actions_detail(request, object_id)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form of a new campaign, or of one that follows another: ?follows= says which."""
        first = self._followed(request)
        if first and not campaigns.is_over(first) and self.has_add_permission(request):
            self.message_user(request, f"{first} can be followed when it has been sent.", messages.ERROR)
            return back_to(request, "shifts_campaign_change", first.pk)
        title = f"Follow {first}" if first else "Write a campaign"
        own = {"title": title, "show_save_and_continue": False, "show_save_and_add_another": False}
        try:
            answer: HttpResponse = super().add_view(request, form_url, own | (extra_context or {}))
        except (campaigns.DifferentContent, ValidationError) as problem:
            # Something has changed since the form was checked.
            told = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
            self.message_user(request, " ".join(told), messages.ERROR)
            return back_to(request, "shifts_campaign_add")
        return answer

    def form_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form of a campaign that has not begun."""
        own = {"title": "Edit the campaign", "show_save_and_continue": False, "show_save_and_add_another": False}
        try:
            answer: HttpResponse = self.changeform_view(request, object_id, "", own)
        except campaigns.NotAllowed as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return back_to(request, "shifts_campaign_change", object_id)
        except ValidationError as problem:
            # Something has changed since the form was checked.
            self.message_user(request, " ".join(problem.messages), messages.ERROR)
            return back_to(request, "shifts_campaign_form", object_id)
        return answer

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        """Writing is campaigns'."""
        actor = request.user.get_username()
        if change:
            campaigns.edit(obj.campaign_id, form.request(), actor=actor)
        else:
            campaign, _ = campaigns.create(form.request(), actor=actor)
            obj.pk, obj.campaign_id = campaign.pk, campaign.campaign_id

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Campaigns has written the shifts."""

    def response_add(self, request: HttpRequest, obj: Campaign, post_url_continue: str | None = None) -> HttpResponse:
        """To the page, which tells what would happen."""
        return self._to_page(request, obj)

    def response_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        """To the page, which tells what would happen."""
        return self._to_page(request, obj)

    def _followed(self, request: HttpRequest) -> Campaign | None:
        """The campaign that a new one is to follow, as its address says."""
        pk = request.GET.get("follows", "")
        if not (pk.isascii() and pk.isdecimal() and len(pk) < _LONGEST_KEY):
            return None
        return Campaign.objects.select_related("segment", "follows").filter(pk=pk).first()

    def _to_page(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        level = messages.SUCCESS
        if campaign.status == Status.DRAFT:
            self.message_user(request, f"Campaign {campaign} is saved. {_SAVED}", level)
        else:
            self.message_user(request, f"Campaign {campaign} is saved.", level)
        if self.has_view_permission(request):
            return back_to(request, "shifts_campaign_change", campaign.pk)
        return back_to(request, "index")


def _to_whom(first: Campaign) -> str:
    return format_html(
        'To those who got <a class="campaign-go" href="{}">{}</a> (segment {}), have not replied, and hold none of its '
        "shifts: decided at the moment of sending. Who has opted out or is not approved by then gets no text.",
        reverse("admin:shifts_campaign_change", args=(first.pk,)),
        first,
        first.segment,
    )
