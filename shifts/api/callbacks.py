"""/callbacks/: who texted AGENT and waits for a person to call."""

from collections.abc import Collection
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, StrictModelSerializer
from messaging.api.filters import OneOf, PhoneNumber, StrictFilters, moments
from messaging.api.resource import Resource
from messaging.selectors import with_names
from shifts.calls import callbacks
from shifts.models import CallBack

Status = CallBack.Status
# What callers know of each status. Who of the staff is calling, and whom nobody reached, are between the staff: a call
# back that is taken still waits, and one that was given up is closed.
_SEEN = {
    Status.PLACING: Status.PLACING,
    Status.CALLED: Status.CALLED,
    Status.WAITING: Status.WAITING,
    Status.TAKEN: Status.WAITING,
    Status.CLOSED: Status.CLOSED,
    Status.FAILED: Status.CLOSED,
}
_CHOICES = [(status.value, status.label) for status in dict.fromkeys(_SEEN.values())]
_FOR_STAFF = (Status.WAITING, Status.CLOSED)
_ONLY_CLOSED = 'Only "closed" can be set: a person has dealt with it.'


class CallBackSerializer(StrictModelSerializer):
    """Somebody who wants to be called."""

    name = serializers.SerializerMethodField(help_text="Of the contact with this number; or blank.")
    status = serializers.ChoiceField(
        choices=_CHOICES,
        error_messages={"invalid_choice": _ONLY_CLOSED},
        help_text="waiting: a person calls them. Can be set to closed.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="What came of it; set with the status."
    )

    class Meta:
        model = CallBack
        fields = ["id", "phone_number", "name", "status", "requested_at", "reason", "ended_at", "closed_by", "note"]
        read_only_fields = ["id", "phone_number", "requested_at", "reason", "ended_at", "closed_by"]
        extra_kwargs = {
            "id": {"help_text": "Its id in the address."},
            "phone_number": {"help_text": "Whom to call, E.164."},
            "requested_at": {"help_text": "When they texted AGENT."},
            "reason": {"help_text": "Why Amazon Connect did not call them; or blank."},
            "ended_at": {"help_text": "When they were called by Amazon Connect, or when it was closed."},
            "closed_by": {"help_text": "Username of who closed it; or blank."},
        }

    def to_representation(self, call_back: CallBack) -> dict[str, Any]:
        """With the status that callers know."""
        fields: dict[str, Any] = super().to_representation(call_back)
        return fields | {"status": _SEEN[Status(call_back.status)].value}

    def get_name(self, call_back: CallBack) -> str:
        """As with_names has found it."""
        return getattr(call_back, "person", None) or ""

    def validate_status(self, status: str) -> str:
        """The other statuses come about by themselves."""
        if status != Status.CLOSED:
            raise serializers.ValidationError(_ONLY_CLOSED)
        return status


class _StatusFilter(OneOf):
    """Call backs in these statuses, as callers know them."""

    def filter(self, call_backs: QuerySet[CallBack], values: list[str]) -> QuerySet[CallBack]:
        """Those that are shown so."""
        return call_backs.filter(status__in=_shown_as(values)) if values else call_backs


class CallBackFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which call backs are listed."""

    phone_number = PhoneNumber(help_text="Who wants to be called, E.164 (+ as %2B).")
    status = _StatusFilter(choices=_CHOICES, help_text="May be repeated. Absent: waiting and closed.")
    after, before = moments("requested_at")

    def filter_queryset(self, queryset: QuerySet[CallBack]) -> QuerySet[CallBack]:
        """What is for staff, unless a status was asked for."""
        rows: QuerySet[CallBack] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["status"] else rows.filter(status__in=_shown_as(_FOR_STAFF))


def _shown_as(statuses: Collection[str]) -> list[Status]:
    """The statuses of rows that callers see as one of these."""
    return [status for status, seen in _SEEN.items() if seen in statuses]


@extend_schema_view(
    list=extend_schema(summary="Who waits for a call, and whose call back is closed, newest first"),
    retrieve=extend_schema(summary="One call back"),
)
class CallBackViewSet(Resource, viewsets.ReadOnlyModelViewSet[CallBack]):
    """The staff's queue of people who texted AGENT. Those whom Amazon Connect calls are listed by status only."""

    queryset = CallBack.objects.all()
    serializer_class = CallBackSerializer
    filterset_class = CallBackFilters
    filter_backends = [StrictFilters]
    lookup_value_regex = r"\d+"

    def get_queryset(self) -> QuerySet[CallBack]:
        """With names, in one query."""
        return with_names(CallBack.objects.all(), "phone_number")

    @extend_schema(
        summary="Close it: a person has dealt with it",
        request=CallBackSerializer,
        responses={
            200: CallBackSerializer,
            409: OpenApiResponse(description="It does not wait for a person; the detail says why."),
        },
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set the status to closed, with a note if there is one."""
        call_back = self.get_object()
        serializer = CallBackSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        given: dict[str, Any] = serializer.validated_data
        try:
            callbacks.close(call_back.pk, actor=request.user.get_username(), note=given.get("note", ""))
        except callbacks.NotAllowed as problem:
            raise Conflict(str(problem)) from problem
        return Response(CallBackSerializer(self.get_queryset().get(pk=call_back.pk)).data)
