"""/webhook-endpoints/: other systems that hear of events."""

from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from messaging.api.base import Conflict, NothingToSay, StrictModelSerializer, StrictSerializer
from messaging.api.filters import StrictFilters, read_moment
from messaging.api.resource import Resource
from messaging.events import endpoints, redelivery, selectors
from messaging.models import WebhookEndpoint

_CHANGE = "messaging.change_webhookendpoint"


class WebhookEndpointSerializer(StrictModelSerializer):
    """Another system that hears of events."""

    event_types = serializers.ListField(
        child=serializers.CharField(max_length=50),
        max_length=100,
        help_text="Names of types: GET /api/v1/event-types/ lists them.",
    )
    active = serializers.BooleanField(
        required=False,
        help_text="Off: nothing is delivered, and what happens from then on is not kept for it. On again: what waited "
        "is delivered, in order.",
    )
    waits_since = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the oldest event that waits happened; null when none does."
    )

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id",
            "name",
            "url",
            "event_types",
            "active",
            "disabled_reason",
            "disabled_at",
            "failing_since",
            "next_try_at",
            "delivered_at",
            "waits_since",
            "dropped",
            "dropped_through",
            "old_secret_until",
            "created_at",
        ]
        read_only_fields = [
            "id",
            "disabled_reason",
            "disabled_at",
            "failing_since",
            "next_try_at",
            "delivered_at",
            "dropped",
            "dropped_through",
            "old_secret_until",
            "created_at",
        ]
        extra_kwargs = {
            "id": {"help_text": "What it is found by."},
            "disabled_at": {"help_text": "Since when it is off; null while it is on."},
            "created_at": {"help_text": "When it was added."},
            "url": {"help_text": "Where events are sent to, by POST: https, and a host of the public internet."},
            "disabled_reason": {"help_text": "Why nothing is delivered, and what to do; else blank."},
            "failing_since": {"help_text": "Since when nothing could be delivered; null while it can."},
            "next_try_at": {"help_text": "When it is tried again; null when that is at once or not at all."},
            "delivered_at": {"help_text": "When an event was last delivered; null: never."},
            "dropped": {"help_text": "Events that waited too long, since it was switched off the last time."},
            "dropped_through": {"help_text": "When the newest of them happened; null when none was dropped."},
            "old_secret_until": {"help_text": "Until then the secret before the last one signs as well; else null."},
        }

    def to_representation(self, endpoint: WebhookEndpoint) -> dict[str, Any]:
        """With its types, and whether it is on."""
        endpoint.event_types = [one.event_type for one in endpoint.subscriptions.all()]  # type: ignore[attr-defined]
        endpoint.active = endpoint.disabled_at is None  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(endpoint)
        return shown

    def validate_url(self, url: str) -> str:
        """It may be called, as far as its form tells; elsewhere events go only by somebody who may see them."""
        try:
            endpoints.check_url(url)
            if self.instance and self.instance.url != url:
                endpoints.check_move(self.instance, self.context["request"].user)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem
        return url

    def validate_event_types(self, event_types: list[str]) -> list[str]:
        """There are such types, and the user may see them."""
        held = [one.event_type for one in self.instance.subscriptions.all()] if self.instance else []
        try:
            endpoints.check_types(event_types, self.context["request"].user, already=held)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem
        return event_types


class NewWebhookEndpointSerializer(WebhookEndpointSerializer):
    """An endpoint with a secret that was just made. It is shown this once."""

    secret = serializers.CharField(read_only=True, help_text="What signatures are verified with. Shown this once.")

    class Meta(WebhookEndpointSerializer.Meta):
        fields = [*WebhookEndpointSerializer.Meta.fields, "secret"]


class RedeliverSerializer(StrictSerializer):
    """Since when."""

    since = serializers.CharField(max_length=40, help_text="ISO 8601 with offset: 2026-07-01T09:00:00Z.")

    def validate_since(self, since: str) -> Any:
        """A time with offset."""
        try:
            return read_moment(since)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem


class CountSerializer(serializers.Serializer[Any]):
    """How many."""

    deliveries = serializers.IntegerField(read_only=True, help_text="Deliveries that wait now because of this.")


_SAME_NAME = "There is an endpoint of this name. Change that one, or choose another name."


@extend_schema_view(
    list=extend_schema(summary="Who hears of events, newest first"),
    retrieve=extend_schema(summary="One endpoint"),
    destroy=extend_schema(summary="Remove an endpoint, with all that waits for it"),
)
class WebhookEndpoints(Resource, ModelViewSet[WebhookEndpoint]):
    """Other systems that hear of events, by signed requests (Standard Webhooks)."""

    queryset = WebhookEndpoint.objects.all()
    serializer_class = WebhookEndpointSerializer
    filter_backends = [StrictFilters]
    lookup_value_regex = r"[0-9]{1,18}"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    action_perms = {"rotate": _CHANGE, "test": _CHANGE, "redeliver": _CHANGE}

    def get_queryset(self) -> Any:
        """With types and what waits, in a fixed number of queries."""
        return selectors.endpoints()

    @extend_schema(summary="Add an endpoint", responses={201: NewWebhookEndpointSerializer})
    def create(self, request: Request) -> Response:
        """Add it. The answer has its secret, which is never shown again."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = serializer.validated_data
        try:
            with transaction.atomic():
                made = endpoints.create(
                    name=given["name"],
                    url=given["url"],
                    event_types=given["event_types"],
                    by=request.user.get_username(),
                )
                if not given.get("active", True):
                    self._switch_off(made.endpoint, request)
        except IntegrityError as problem:
            raise Conflict(_SAME_NAME) from problem
        return self._with_secret(made, status.HTTP_201_CREATED)

    @extend_schema(summary="Change an endpoint, or switch it off or on")
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given and nothing else."""
        endpoint = self.get_object()
        serializer = self.get_serializer(endpoint, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        active = given.pop("active", None)
        try:
            with transaction.atomic():
                endpoints.change(endpoint, **given)
                if active is False:
                    self._switch_off(endpoint, request)
                elif active and endpoint.disabled_at:
                    endpoints.enable(endpoint.pk)
        except IntegrityError as problem:
            raise Conflict(_SAME_NAME) from problem
        return Response(self.get_serializer(self.get_queryset().get(pk=endpoint.pk)).data)

    def perform_destroy(self, endpoint: WebhookEndpoint) -> None:
        """At once; a worker then deletes all that it had. The log of changes says who."""
        with transaction.atomic():
            who: Any = self.request.user.pk
            LogEntry.objects.log_actions(who, [endpoint], DELETION, change_message="By the API.")
            endpoints.remove(endpoint)

    @extend_schema(
        summary="Give it a new secret",
        request=NothingToSay,
        responses={200: OpenApiResponse(NewWebhookEndpointSerializer, description="The one before signs for a day.")},
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """The answer has the new secret, which is never shown again. For 24 hours both sign."""
        endpoint = self.get_object()
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        return self._with_secret(endpoints.rotate(endpoint), status.HTTP_200_OK)

    @extend_schema(summary="Send a test event", request=NothingToSay, responses={202: CountSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Put a test behind what waits for this endpoint; a worker sends it."""
        endpoint = self.get_object()
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        endpoints.send_test(endpoint, by=request.user.get_username())
        return Response(CountSerializer({"deliveries": 1}).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Deliver everything since a time once more",
        request=RedeliverSerializer,
        responses={202: CountSerializer},
    )
    @action(detail=True, methods=["post"])
    def redeliver(self, request: Request, pk: str) -> Response:
        """All events of its types since then that are kept, in order, also those from before it was added."""
        endpoint = self.get_object()
        serializer = RedeliverSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        count = redelivery.since(endpoint, serializer.validated_data["since"])
        return Response(CountSerializer({"deliveries": count}).data, status=status.HTTP_202_ACCEPTED)

    def _switch_off(self, endpoint: WebhookEndpoint, request: Request) -> None:
        user = request.user.get_username()
        endpoints.disable(endpoint.pk, reason=f"Switched off by {user}.", by=user)

    def _with_secret(self, made: endpoints.Made, code: int) -> Response:
        row = self.get_queryset().get(pk=made.endpoint.pk)
        row.secret = made.secret
        answer = Response(NewWebhookEndpointSerializer(row, context=self.get_serializer_context()).data, status=code)
        answer["Cache-Control"] = "no-store"
        return answer
