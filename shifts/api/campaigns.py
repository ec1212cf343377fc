"""/campaigns/: one text to everybody of a segment, and how far it is."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, NothingToSay, StrictSerializer
from messaging.api.filters import OneOf, StrictFilters, moments
from shifts import campaigns
from shifts.api.shifts import MomentField
from shifts.models import Campaign, Status

_CHANGE = "shifts.change_campaign"
_MOST_SHIFTS = 1000


class CampaignRequestSerializer(StrictSerializer):
    """What a campaign is made of; shifts.campaigns judges the rest."""

    campaign_id = serializers.CharField(max_length=64)
    campaign_message = serializers.CharField(
        error_messages={"blank": "Write what the text shall say."},
        help_text="What the text says, before the words on how to book.",
    )
    segment = serializers.CharField(max_length=100, help_text="The name of the segment that is texted.")
    shifts = serializers.ListField(
        child=serializers.CharField(max_length=30),
        required=False,
        allow_null=True,
        max_length=_MOST_SHIFTS,
        help_text="Codes of the shifts it is about.",
    )
    origination_identity = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=20,
        help_text="The number of ours that it is sent from. Absent: for each person the one they know, or the default.",
    )
    scheduled_at = MomentField(
        required=False, allow_null=True, help_text="When it is sent, in the future; absent: at once."
    )
    draft = serializers.BooleanField(
        required=False, default=False, help_text="Only keep it; it is sent by its action send."
    )
    footer = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="How to book, in your words. {codes} becomes the codes of the shifts. Absent: the usual words.",
    )

    def request(self) -> campaigns.Request:
        """The validated fields as campaigns takes them; null and absent are the same."""
        given = {name: value for name, value in self.validated_data.items() if value is not None}
        return campaigns.Request(**given | {"shifts": tuple(given.get("shifts", ()))})


class CountsSerializer(serializers.Serializer[campaigns.Counts]):
    """How many people, by what became of their text."""

    recipients = serializers.IntegerField(read_only=True, help_text="All of them, suppressed ones included.")
    queued = serializers.IntegerField(read_only=True, help_text="Not sent yet.")
    sent = serializers.IntegerField(read_only=True, help_text="Accepted by AWS, delivered ones included.")
    delivered = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    suppressed = serializers.IntegerField(read_only=True, help_text="Opted out, not approved, or otherwise forbidden.")
    unknown = serializers.IntegerField(read_only=True, help_text="AWS may or may not have it; never sent again.")
    cancelled = serializers.IntegerField(read_only=True)
    replied = serializers.IntegerField(read_only=True)
    booked = serializers.IntegerField(read_only=True)


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign as it is. The context brings ``counts``, by campaign id."""

    segment = serializers.CharField(source="segment.name", read_only=True)
    shifts: Any = serializers.SlugRelatedField(slug_field="shift_id", many=True, read_only=True)
    draft = serializers.SerializerMethodField(help_text="Whether it waits for its action send.")
    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields = [
            "campaign_id",
            "campaign_message",
            "footer",
            "segment",
            "shifts",
            "origination_identity",
            "scheduled_at",
            "draft",
            "status",
            "counts",
            "text",
            "problem",
            "created_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "text": {"help_text": "The text as it is sent; blank until sending begins. Until then see preview."},
            "problem": {"help_text": "Why it could not be sent; else blank."},
            "started_at": {"help_text": "When sending began; null until then."},
            "ended_at": {"help_text": "When its last text had left, or it was cancelled; null until then."},
        }

    def get_draft(self, campaign: Campaign) -> bool:
        """As it was asked for, until it is sent."""
        return campaign.status == Status.DRAFT

    @extend_schema_field(CountsSerializer)
    def get_counts(self, campaign: Campaign) -> Any:
        """Counted for all that are shown together."""
        return CountsSerializer(self.context["counts"][campaign.campaign_id]).data


class PreviewSerializer(serializers.Serializer[campaigns.Preview]):
    """What would happen if the campaign were sent now."""

    recipients = serializers.IntegerField(read_only=True, help_text="Who will be texted.")
    suppressed = serializers.IntegerField(read_only=True, help_text="Who of the segment will not be texted.")
    duplicates = serializers.IntegerField(read_only=True, help_text="Lines of lists that named somebody once more.")
    text = serializers.CharField(read_only=True, help_text="The text as it will look.")
    encoding = serializers.CharField(read_only=True, help_text="GSM or UCS-2.")
    parts = serializers.IntegerField(read_only=True, help_text="Of each text.")
    estimated_cost = serializers.DecimalField(
        max_digits=None,
        decimal_places=None,
        read_only=True,
        allow_null=True,
        help_text="Of all texts, a decimal string; null while prices are not known.",
    )
    estimated_cost_currency = serializers.SerializerMethodField(help_text="ISO 4217; null while the cost is.")
    estimated_seconds = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="How long sending takes at the MPS of the numbers."
    )
    problems = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What stands in the way, or should be known before."
    )
    suppressed_reasons = serializers.DictField(
        source="reasons", child=serializers.IntegerField(), read_only=True, help_text="Why not → how many people."
    )
    origination_identities = serializers.DictField(
        source="numbers",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="Number of ours → how many people.",
    )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_estimated_cost_currency(self, preview: campaigns.Preview) -> str | None:
        """Without a cost there is no currency."""
        return preview.currency or None


class CampaignFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which campaigns are listed."""

    status = OneOf(choices=Status.choices, help_text="May be repeated.")
    segment = django_filters.CharFilter(
        field_name="segment__name", lookup_expr="iexact", help_text="The name of the segment, in any case."
    )
    after, before = moments("created_at")


def _acts(summary: str) -> Callable[[Any], Any]:
    """Marks a method as an action on one campaign."""

    def decorate(method: Any) -> Any:
        documented = extend_schema(
            summary=summary,
            request=NothingToSay,
            responses={
                200: CampaignSerializer,
                409: OpenApiResponse(description="The status forbids it; the detail says why."),
            },
        )
        # action forgets what was said before it.
        return documented(action(detail=True, methods=["post"])(method))

    return decorate


class CampaignViewSet(viewsets.ReadOnlyModelViewSet[Campaign]):
    """Make campaigns, watch them, act on them."""

    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilters
    filter_backends = [StrictFilters]
    lookup_field = "campaign_id"
    lookup_value_regex = "[A-Za-z0-9._:-]{1,64}"
    action_perms = dict.fromkeys(("send", "pause", "resume", "cancel"), _CHANGE)

    def get_queryset(self) -> QuerySet[Campaign]:
        """With segment and shifts, in a fixed number of queries."""
        return Campaign.objects.select_related("segment").prefetch_related("shifts")

    @extend_schema(summary="Campaigns, newest first")
    def list(self, request: Request) -> Response:
        """A page, counted at once."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(_shown(page))

    @extend_schema(summary="One campaign, and how far it is")
    def retrieve(self, request: Request, campaign_id: str) -> Response:
        """One campaign, counted."""
        return Response(_shown([self.get_object()])[0])

    @extend_schema(
        summary="Make a campaign",
        request=CampaignRequestSerializer,
        responses={
            201: CampaignSerializer,
            200: OpenApiResponse(CampaignSerializer, description="It was there already, with the same content."),
            409: OpenApiResponse(description="The id is taken by a campaign with other content."),
        },
    )
    def create(self, request: Request) -> Response:
        """Send it at once, or when its time comes, or keep it as a draft. The same request again changes nothing."""
        serializer = CampaignRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            campaign, created = campaigns.create(serializer.request(), actor=request.user.get_username())
        except campaigns.DifferentContent as problem:
            raise Conflict(str(problem)) from problem
        return self._answer(campaign.campaign_id, status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    @_acts("Send a draft")
    def send(self, request: Request, campaign_id: str) -> Response:
        """Send it at once, or when its time comes if that is in the future."""
        return self._act(request, campaigns.send)

    @_acts("Pause it")
    def pause(self, request: Request, campaign_id: str) -> Response:
        """No further text leaves until it is resumed."""
        return self._act(request, campaigns.pause)

    @_acts("Go on")
    def resume(self, request: Request, campaign_id: str) -> Response:
        """Go on with a paused campaign."""
        return self._act(request, campaigns.resume)

    @_acts("Cancel it")
    def cancel(self, request: Request, campaign_id: str) -> Response:
        """No further text leaves, ever."""
        return self._act(request, campaigns.cancel)

    @extend_schema(summary="What sending it would do", responses=PreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, campaign_id: str) -> Response:
        """Who would be texted if it were sent now, with what, and for how much."""
        return Response(PreviewSerializer(campaigns.preview(self.get_object())).data)

    def _act(self, request: Request, act: Callable[..., Campaign]) -> Response:
        campaign = self.get_object()
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        try:
            act(campaign.campaign_id, actor=request.user.get_username())
        except campaigns.NotAllowed as problem:
            raise Conflict(str(problem)) from problem
        return self._answer(campaign.campaign_id)

    def _answer(self, campaign_id: str, code: int = status.HTTP_200_OK) -> Response:
        return Response(_shown([self.get_queryset().get(campaign_id=campaign_id)])[0], status=code)


def _shown(page: Sequence[Campaign]) -> Any:
    """Campaigns as JSON, counted together."""
    context = {"counts": campaigns.counts(page)}
    return CampaignSerializer(page, many=True, context=context).data
