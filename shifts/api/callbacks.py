"""/callbacks/: who texted AGENT and waits for a person to call."""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, StrictModelSerializer
from messaging.api.filters import OneOf, PhoneNumber, StrictFilters, moments
from messaging.selectors import with_names
from shifts.calls import callbacks
from shifts.models import CallBack

_FOR_STAFF = (CallBack.Status.WAITING, CallBack.Status.CLOSED)
_ONLY_CLOSED = 'Only "closed" can be set: a person has dealt with it.'


class CallBackSerializer(StrictModelSerializer):
    """Somebody who wants to be called."""

    name = serializers.SerializerMethodField(help_text="Of the contact with this number; or blank.")
    status = serializers.ChoiceField(
        choices=CallBack.Status.choices,
        error_messages={"invalid_choice": _ONLY_CLOSED},
        help_text="waiting: for a person to call. Can be set to closed.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="What came of it; set with the status."
    )

    class Meta:
        model = CallBack
        fields = ["id", "phone_number", "name", "status", "requested_at", "reason", "ended_at", "closed_by", "note"]
        read_only_fields = ["id", "phone_number", "requested_at", "reason", "ended_at", "closed_by"]
        extra_kwargs = {
            "phone_number": {"help_text": "Whom to call, E.164."},
            "requested_at": {"help_text": "When they texted AGENT."},
            "reason": {"help_text": "Why Amazon Connect did not call them; or blank."},
            "ended_at": {"help_text": "When they were called by Amazon Connect, or when it was closed."},
            "closed_by": {"help_text": "Username of who closed it; or blank."},
        }

    def get_name(self, call_back: CallBack) -> str:
        """As with_names has found it."""
        return getattr(call_back, "person", None) or ""

    def validate_status(self, status: str) -> str:
        """The other statuses come about by themselves."""
        if status != CallBack.Status.CLOSED:
            raise serializers.ValidationError(_ONLY_CLOSED)
        return status


class CallBackFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which call backs are listed."""

    phone_number = PhoneNumber(help_text="Who wants to be called, E.164 (+ as %2B).")
    status = OneOf(choices=CallBack.Status.choices, help_text="May be repeated. Absent: waiting and closed.")
    after, before = moments("requested_at")

    def filter_queryset(self, queryset: QuerySet[CallBack]) -> QuerySet[CallBack]:
        """What is for staff, unless a status was asked for."""
        rows: QuerySet[CallBack] = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data["status"] else rows.filter(status__in=_FOR_STAFF)


@extend_schema_view(
    list=extend_schema(summary="Who waits for a call, and whose call back is closed, newest first"),
    retrieve=extend_schema(summary="One call back"),
)
class CallBackViewSet(viewsets.ReadOnlyModelViewSet[CallBack]):
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
