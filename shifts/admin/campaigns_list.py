"""The list of campaigns: how far each is, and what to do first while there are none."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.views import ChangeList

from messaging import clock
from messaging.admin.base import Admin, action, back_to, display
from messaging.selectors import answerable_numbers
from shifts import campaigns
from shifts.admin import campaigns_words as words
from shifts.admin.campaigns_progress import TONES, label_of, shares
from shifts.models import Campaign, SegmentMember, Shift


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


class ListAdmin(Admin):
    """Lists them."""

    list_before_template = "shifts/admin/campaigns_first.html"
    list_display = ("campaign_id", "status_label", "to_whom", "when", "reached", "replied", "booked")
    list_filter = ("status",)
    list_select_related = ("segment", "follows")
    list_per_page = 25
    search_fields = ("campaign_id", "campaign_message", "segment__name")
    search_help_text = "An id, words of the message, or a segment."
    show_full_result_count = False
    show_add_link = False
    sortable_by = ()
    actions_list = ("write",)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """With figures."""
        return _WithCounts

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With what to do first, while there is no campaign."""
        steps = [] if Campaign.objects.exists() else first_steps(request)
        answer: HttpResponse = super().changelist_view(request, {"campaign_steps": steps} | (extra_context or {}))
        return answer

    @action(description="Write a campaign", url_path="write", permissions=["add"], icon="edit_square")
    def write(self, request: HttpRequest) -> HttpResponse:
        """To the form."""
        return back_to(request, "shifts_campaign_add")

    @display(description="Status", label=TONES)
    def status_label(self, campaign: Campaign) -> tuple[str, str]:
        """In the colour of its meaning."""
        return campaign.status, label_of(campaign)

    @display(description="To")
    def to_whom(self, campaign: Campaign) -> str:
        """The segment, or whom it follows."""
        return f"who did not answer {campaign.follows}" if campaign.follows else str(campaign.segment)

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
        """How many have the text, in words and as a bar."""
        counts = _counts(campaign)
        if not campaign.started_at:
            return "-"
        parts = format_html_join(
            "",
            '<span class="campaign-part tone-{}" style="flex-grow: {}"></span>',
            ((share.tone, share.people) for share in shares(counts) if share.people),
        )
        return format_html(
            '<span class="campaign-row">delivered {} of {}'
            '<span class="campaign-bar" aria-hidden="true">{}</span></span>',
            words.number(counts.delivered),
            words.number(counts.recipients),
            parts,
        )

    @display(description="Replied")
    def replied(self, campaign: Campaign) -> str:
        """People who texted back about it."""
        return words.number(_counts(campaign).replied) if campaign.started_at else "-"

    @display(description="Booked")
    def booked(self, campaign: Campaign) -> str:
        """People who hold a shift through it."""
        return words.number(_counts(campaign).booked) if campaign.started_at else "-"


def first_steps(request: HttpRequest) -> list[dict[str, Any]]:
    """What a campaign needs, in order: what it is, whether it is there, and where it is made by those who may."""
    user = request.user
    needs = (
        (
            "A number of ours that people can answer",
            answerable_numbers().exists(),
            ("messaging.add_originationidentity", "messaging_originationidentity_add", "Add one"),
        ),
        (
            "A segment with people in it: those whom you text",
            SegmentMember.objects.exists(),
            ("shifts.add_rosterimport", "shifts_rosterimport_add", "Import a list"),
        ),
        (
            "Shifts that they can book",
            Shift.objects.exists(),
            ("shifts.add_shift", "shifts_shift_add", "Add one"),
        ),
        ("A campaign that offers them", False, ("shifts.add_campaign", "shifts_campaign_add", "Write it")),
    )
    return [
        {"what": what, "done": done, "url": reverse(f"admin:{page}") if user.has_perm(permission) else "", "how": how}
        for what, done, (permission, page, how) in needs
    ]


def _counts(campaign: Campaign) -> campaigns.Counts:
    return getattr(campaign, "counts", None) or campaigns.Counts()
