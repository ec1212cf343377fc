"""/campaigns/: one text to everybody of a segment, and how far it is."""

from collections.abc import Callable, Sequence
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, NothingToSay
from messaging.api.filters import OneOf, StrictFilters, moments
from messaging.api.resource import Resource
from shifts import campaigns
from shifts.api.campaigns_fields import CampaignRequestSerializer, CampaignSerializer, PreviewSerializer
from shifts.models import Campaign, Status

_CHANGE = "shifts.change_campaign"


class CampaignFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which campaigns are listed."""

    status = OneOf(choices=Status.choices, help_text="May be repeated.")
    segment = django_filters.CharFilter(
        field_name="segment__name", lookup_expr="iexact", help_text="The name of the segment, in any case."
    )
    follows = django_filters.CharFilter(
        field_name="follows__campaign_id", help_text="The id of the campaign that is followed."
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


class CampaignViewSet(Resource, viewsets.ReadOnlyModelViewSet[Campaign]):
    """Make campaigns, watch them, act on them."""

    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    filterset_class = CampaignFilters
    filter_backends = [StrictFilters]
    lookup_field = "campaign_id"
    lookup_value_regex = "[A-Za-z0-9._:-]{1,64}"
    action_perms = dict.fromkeys(("send", "pause", "resume", "cancel"), _CHANGE)

    def get_queryset(self) -> QuerySet[Campaign]:
        """With segment, shifts and translations, in a fixed number of queries."""
        return Campaign.objects.select_related("segment", "follows").prefetch_related("shifts", "versions")

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
