"""Campaigns: the list with how far each is, the form that writes one, and its page (shifts.admin.campaigns_page)."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.views import ChangeList

from messaging import clock
from messaging.admin.base import action, back_to, display
from shifts import campaigns
from shifts.admin import campaigns_words as words
from shifts.admin.campaigns_actions import ActingAdmin
from shifts.admin.campaigns_forms import CampaignForm
from shifts.admin.campaigns_page import PageAdmin
from shifts.admin.campaigns_progress import TONES, label_of
from shifts.models import Campaign, Status

_SAVED = "Nothing is sent yet. Read below what would happen, then send it."


class _WithCounts(ChangeList):  # type: ignore[misc]
    """A page of campaigns, each with its figures: counted together for the page."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """The rows of the page."""
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        counts = campaigns.counts(rows)
        for campaign in rows:
            campaign.counts = counts[campaign.campaign_id]
        self.result_list = rows


@admin.register(Campaign)
class CampaignAdmin(ActingAdmin, PageAdmin):
    """Campaigns. Written by the form, which makes drafts; all else is done by actions."""

    list_display = ("campaign_id", "status_label", "segment", "when", "reached", "booked")
    list_filter = ("status",)
    list_select_related = ("segment",)
    list_per_page = 25
    search_fields = ("campaign_id", "campaign_message", "segment__name")
    search_help_text = "An id, words of the message, or a segment."
    show_full_result_count = False
    show_add_link = False
    sortable_by = ()
    actions_list = ("write",)
    warn_unsaved_form = True
    fieldsets = (
        ("What people read", {"fields": ("campaign_message", "shifts", "footer")}),
        ("To whom, and when", {"fields": ("segment", "scheduled_at", "origination_identity")}),
    )
    add_fieldsets = ((None, {"fields": ("campaign_id",)}), *fieldsets)

    class Media:
        css = {"all": ("shifts/campaign.css",)}
        js = (Script("shifts/campaign.js", defer=True),)

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
        rows: QuerySet[Campaign] = super().get_queryset(request).select_related("segment")
        return rows

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """With figures."""
        return _WithCounts

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """None for the page, which has no fields."""
        if obj is None:
            return self.add_fieldsets
        return self.fieldsets if self.is_form(request) else ()

    def get_form(self, request: HttpRequest, obj: Campaign | None = None, change: bool = False, **options: Any) -> Any:
        """The form has fields which are no columns."""
        if obj is None or self.is_form(request):
            return CampaignForm
        return super().get_form(request, obj, change=change, **options)

    def get_actions_detail(self, request: HttpRequest, object_id: Any = None) -> Any:
        """None beside the form."""
        return [] if self.is_form(request) else super().get_actions_detail(request, object_id)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form of a new campaign."""
        own = {"title": "Write a campaign", "show_save_and_continue": False, "show_save_and_add_another": False}
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

    @action(description="Write a campaign", url_path="write", permissions=["add"], icon="edit_square")
    def write(self, request: HttpRequest) -> HttpResponse:
        """To the form."""
        return back_to(request, "shifts_campaign_add")

    @display(description="Status", label=TONES)
    def status_label(self, campaign: Campaign) -> tuple[str, str]:
        """In the colour of its meaning."""
        return campaign.status, label_of(campaign)

    @display(description="When")
    def when(self, campaign: Campaign) -> str:
        """When it was sent, or will be."""
        now = clock.now()
        if campaign.started_at:
            return words.moment(campaign.started_at, now)
        if campaign.scheduled_at:
            return words.moment(campaign.scheduled_at, now)
        return "-" if campaign.ended_at else "when you send it"

    @display(description="Progress")
    def reached(self, campaign: Campaign) -> str:
        """How many have the text."""
        counts = _counts(campaign)
        if not campaign.started_at:
            return "-"
        return f"delivered {words.number(counts.delivered)} of {words.number(counts.recipients)}"

    @display(description="Booked")
    def booked(self, campaign: Campaign) -> str:
        """People who hold a shift through it."""
        return words.number(_counts(campaign).booked) if campaign.started_at else "-"

    def _to_page(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        level = messages.SUCCESS
        if campaign.status == Status.DRAFT:
            self.message_user(request, f"Campaign {campaign} is saved. {_SAVED}", level)
        else:
            self.message_user(request, f"Campaign {campaign} is saved.", level)
        if self.has_view_permission(request):
            return back_to(request, "shifts_campaign_change", campaign.pk)
        return back_to(request, "index")


def _counts(campaign: Campaign) -> campaigns.Counts:
    return getattr(campaign, "counts", None) or campaigns.Counts()
