"""/events/: what other systems were told, and /event-types/: what they can be told."""

import json
from datetime import datetime
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import NothingToSay, StrictModelSerializer
from messaging.api.filters import OneOf, StrictFilters, moments
from messaging.api.resource import Resource
from messaging.events import redelivery, selectors, types
from messaging.models import WebhookDelivery, WebhookEvent


class DeliverySerializer(StrictModelSerializer):
    """How far an event is on its way to an endpoint."""

    endpoint = serializers.CharField(source="endpoint.name", read_only=True, help_text="Name of the endpoint.")
    delivered_at = serializers.SerializerMethodField(help_text="When it was delivered; null until then.")
    # A plain string in the schema: with its choices it would share a name there with other statuses.
    status = serializers.CharField(read_only=True, help_text="waiting, delivered or skipped.")

    class Meta:
        model = WebhookDelivery
        fields = ["endpoint", "status", "attempts", "attempted_at", "delivered_at"]
        read_only_fields = fields
        extra_kwargs = {
            "attempts": {"help_text": "How often it was tried."},
            "attempted_at": {"help_text": "When it was last tried; null: never yet."},
        }

    def get_delivered_at(self, row: WebhookDelivery) -> datetime | None:
        """Only of what was."""
        return row.ended_at if row.status == WebhookDelivery.Status.DELIVERED else None


class EventSerializer(StrictModelSerializer):
    """An event as it is sent, and to whom."""

    id = serializers.CharField(source="event_id", read_only=True, help_text="The webhook-id of every try.")
    api_version = serializers.SerializerMethodField(help_text="Of the form of data.")
    data: Any = serializers.SerializerMethodField(help_text="As its type says: GET /api/v1/event-types/.")
    deliveries = DeliverySerializer(many=True, read_only=True, help_text="How far it is to each endpoint.")

    class Meta:
        model = WebhookEvent
        fields = ["id", "type", "occurred_at", "api_version", "data", "deliveries"]
        read_only_fields = fields
        extra_kwargs = {
            "type": {"help_text": "What happened: GET /api/v1/event-types/ lists the types."},
            "occurred_at": {"help_text": "When it happened."},
        }

    def get_api_version(self, event: WebhookEvent) -> str:
        """As it was when it happened."""
        return str(json.loads(event.body)["api_version"])

    @extend_schema_field(serializers.DictField())
    def get_data(self, event: WebhookEvent) -> Any:
        """As it was when it happened."""
        return json.loads(event.body)["data"]


class EventTypeSerializer(serializers.Serializer[Any]):
    """What another system can hear of."""

    type = serializers.CharField(source="name", read_only=True, help_text="Its name, such as incident.opened.")
    description = serializers.CharField(source="what", read_only=True, help_text="When it happens.")
    schema = serializers.DictField(
        source="json_schema", read_only=True, help_text="JSON schema of data; references are into /api/schema/."
    )
    example = serializers.DictField(read_only=True, help_text="Such data.")


def _types() -> list[tuple[str, str]]:
    return [(name, name) for name in types.every()]


class EventFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which events are listed."""

    type = OneOf(choices=_types, help_text="May be repeated.")
    after, before = moments("occurred_at")


@extend_schema_view(
    list=extend_schema(summary="What other systems were told, newest first"),
    retrieve=extend_schema(summary="One event"),
)
class Events(Resource, viewsets.ReadOnlyModelViewSet[WebhookEvent]):
    """Events that some endpoint wanted to hear of, of the types that the user may see. Kept for some weeks."""

    queryset = WebhookEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilters
    filter_backends = [StrictFilters]
    lookup_field = "event_id"
    lookup_value_regex = "[A-Za-z0-9_]{1,40}"
    action_perms = {"redeliver": "messaging.change_webhookendpoint"}

    def get_queryset(self) -> QuerySet[WebhookEvent]:
        """Those that the user may see, with deliveries, in a fixed number of queries."""
        return selectors.events().filter(type__in=types.seen_by(self.request.user))

    @extend_schema(summary="Deliver it once more", request=NothingToSay, responses=EventSerializer)
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, event_id: str) -> Response:
        """To every endpoint that it went to, with the same id."""
        event = self.get_object()
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        redelivery.event_again(event)
        return Response(EventSerializer(self.get_queryset().get(pk=event.pk)).data)


class EventTypes(Resource, viewsets.GenericViewSet[WebhookEvent]):
    """What other systems can hear of."""

    queryset = WebhookEvent.objects.none()
    serializer_class = EventTypeSerializer
    pagination_class = None
    filter_backends = [StrictFilters]

    @extend_schema(
        summary="Types of events, with an example of each",
        responses={status.HTTP_200_OK: EventTypeSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        """All of them, whether the user may see such events or not."""
        self.filter_queryset(self.get_queryset())
        return Response(EventTypeSerializer(list(types.every().values()), many=True).data)
