"""Consent over HTTP: the same ledger that people reach by text and on their page, and staff in the admin."""

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.filters import StrictFilters
from messaging.api.resource import Resource
from optout import ledger, links
from optout.api.filters import HistoryFilters, StandingFilters
from optout.api.serializers import (
    ConsentEventSerializer,
    ConsentLinkRequestSerializer,
    ConsentLinkSerializer,
    ConsentRequestSerializer,
    ConsentSerializer,
    standing,
)
from optout.ledger import Entry
from optout.models import ConsentEvent, Source


class ConsentViewSet(Resource, viewsets.GenericViewSet[ConsentEvent]):
    """How somebody stands with a number of ours; opting out and in on their behalf; links to their own page."""

    queryset = ConsentEvent.objects.all()
    serializer_class = ConsentSerializer
    filterset_class = StandingFilters
    filter_backends = [StrictFilters]
    pagination_class = None

    @extend_schema(
        operation_id="consent_retrieve",
        summary="How somebody stands with a number of ours",
        parameters=[
            OpenApiParameter(name, required=True, description=field.extra["help_text"])
            for name, field in StandingFilters.base_filters.items()
        ],
        responses=ConsentSerializer,
    )
    def list(self, request: Request) -> Response:
        """One object: what was said of this number or of every number, whichever is later, is what counts."""
        nothing = self.get_queryset().none()
        # Refuses what is missing, misspelt, wrong or given twice.
        self.filter_queryset(nothing)
        asked = StandingFilters(request.query_params, queryset=nothing).form
        asked.full_clean()
        return Response(standing(**asked.cleaned_data))

    @extend_schema(
        summary="Opt somebody out or in",
        request=ConsentRequestSerializer,
        responses={status.HTTP_201_CREATED: ConsentSerializer},
    )
    def create(self, request: Request) -> Response:
        """Record what somebody said elsewhere, as of now; nobody is texted. The answer says how they stand then."""
        serializer = ConsentRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        ledger.record(Entry(**said, source=Source.API, actor=request.user.get_username()))
        return Response(standing(said["phone_number"], said["origination_identity"]), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Make a link to somebody's preferences page",
        request=ConsentLinkRequestSerializer,
        responses={status.HTTP_200_OK: ConsentLinkSerializer},
    )
    @action(detail=False, methods=["post"])
    def link(self, request: Request) -> Response:
        """A signed link, good for some weeks. Send it to that phone alone: whoever has it may opt it out and in."""
        serializer = ConsentLinkRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = links.make(**serializer.validated_data)
        return Response(ConsentLinkSerializer({"url": made.url(request), "expires_at": made.expires_at}).data)


@extend_schema_view(list=extend_schema(summary="What was said of consent, the latest recorded first"))
class HistoryViewSet(Resource, mixins.ListModelMixin, viewsets.GenericViewSet[ConsentEvent]):
    """The ledger of consent: everything ever said, by which way and when. Nothing in it is changed or deleted."""

    queryset = ConsentEvent.objects.all()
    serializer_class = ConsentEventSerializer
    filterset_class = HistoryFilters
    filter_backends = [StrictFilters]
