"""Alerts as they came, and maintenance windows, over HTTP."""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import windows
from incidents.models import Alert, AlertSource, AlertState, MaintenanceWindow, Outcome
from incidents.models.alert_sources import valid_matchers
from messaging import clock
from messaging.api.base import Conflict, MomentField, NameOfRow, NothingToSay, StrictSerializer
from messaging.api.filters import OneOf, StrictFilters, moments
from messaging.api.resource import Resource


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """An alert, and what came of it."""

    source: Any = NameOfRow(slug_field="slug", read_only=True, help_text="Slug of its alert source.")
    incident: Any = NameOfRow(
        slug_field="incident_id", read_only=True, allow_null=True, help_text="The incident it opened or belongs to."
    )
    labels = serializers.DictField(
        child=serializers.CharField(allow_blank=True), read_only=True, help_text="What rules and windows go by."
    )

    class Meta:
        model = Alert
        fields = [
            "id",
            "source",
            "key",
            "state",
            "description",
            "url",
            "labels",
            "received_at",
            "outcome",
            "reason",
            "incident",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": {"help_text": "Grows with time."},
            "key": {"help_text": "What tells one trouble from another, within its source."},
            "state": {"help_text": "What it says of its trouble."},
            "description": {"help_text": "As people read it."},
            "url": {"help_text": "The best page about it; blank: it came with none."},
            "received_at": {"help_text": "When it came."},
            "outcome": {"help_text": "What came of it; waiting: it is about to be worked."},
        }


class AlertFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which alerts are listed."""

    source = django_filters.CharFilter(field_name="source__slug", help_text="Slug of an alert source.")
    state = OneOf(choices=AlertState.choices)
    outcome = OneOf(choices=Outcome.choices)
    incident = django_filters.CharFilter(field_name="incident__incident_id", help_text="Id of an incident.")
    after, before = moments("received_at")


@extend_schema_view(
    list=extend_schema(summary="Alerts, newest first"),
    retrieve=extend_schema(summary="One alert"),
)
class AlertViewSet(Resource, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Alert]):
    """Every alert that came, with what came of it. They come by their sources' doors."""

    queryset = Alert.objects.select_related("source", "incident")
    serializer_class = AlertSerializer
    filterset_class = AlertFilters
    filter_backends = [StrictFilters]
    lookup_value_regex = r"[0-9]{1,18}"


class MaintenanceWindowSerializer(StrictSerializer):
    """A time in which alerts are recorded and nobody is texted."""

    id = serializers.IntegerField(read_only=True, help_text="Grows with time.")
    source: Any = NameOfRow(
        slug_field="slug",
        queryset=AlertSource.objects.all(),
        required=False,
        allow_null=True,
        help_text="Slug of an alert source; null: all of them.",
    )
    when = serializers.CharField(
        source="matchers",
        required=False,
        allow_blank=True,
        max_length=300,
        validators=[valid_matchers],
        help_text="Only alerts with these labels: severity=critical, host=db-*. Blank: all.",
    )
    begins_at = MomentField(required=False, help_text="Left out: now.")
    ends_at = MomentField(help_text=f"At most {windows.LONGEST.days} days after its beginning.")
    reason = serializers.CharField(max_length=300, help_text="Why, for people.")
    created_by = serializers.CharField(read_only=True, help_text="Username of who made it.")
    ended_by = serializers.CharField(read_only=True, help_text="Username of who ended it early; else blank.")

    def create(self, validated_data: dict[str, Any]) -> MaintenanceWindow:
        """A new window."""
        given = {"source": None, "matchers": "", "begins_at": clock.now()} | validated_data
        return windows.make(**given)


@extend_schema_view(
    list=extend_schema(summary="Maintenance windows, newest first"),
    retrieve=extend_schema(summary="One maintenance window"),
    create=extend_schema(summary="Begin or plan a maintenance window"),
)
class MaintenanceWindowViewSet(
    Resource,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[MaintenanceWindow],
):
    """Times in which alerts are recorded and nobody is texted. What still fires at the end opens its incident then."""

    queryset = MaintenanceWindow.objects.select_related("source")
    serializer_class = MaintenanceWindowSerializer
    http_method_names = ["get", "head", "options", "post"]
    lookup_value_regex = r"[0-9]{1,18}"
    action_perms = {"end": "incidents.change_maintenancewindow"}

    def perform_create(self, serializer: Any) -> None:
        """With who made it."""
        serializer.save(actor=self.request.user.get_username())

    @extend_schema(
        summary="End it now",
        request=NothingToSay,
        responses={200: MaintenanceWindowSerializer, 409: OpenApiResponse(description="It is over.")},
    )
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End a window before its time; what fires still opens its incidents at once."""
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        try:
            window = windows.end(self.get_object(), actor=request.user.get_username())
        except windows.Over as problem:
            raise Conflict(str(problem)) from problem
        return Response(MaintenanceWindowSerializer(window).data)
