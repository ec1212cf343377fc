"""Incidents over HTTP: the same functions that people reach by text and staff in the admin."""

from collections.abc import Callable
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import lifecycle, selectors
from incidents.api.serializers import (
    ActionSerializer,
    DeclineSerializer,
    IncidentSerializer,
    NoteSerializer,
    OpenIncidentSerializer,
)
from incidents.lifecycle.opening import ACTIONS
from incidents.models import Incident, Status
from messaging.api.base import Conflict
from messaging.api.filters import OneOf, StrictFilters, moments
from messaging.api.resource import Resource

_CHANGE = "incidents.change_incident"
_CONFLICT = OpenApiResponse(description="The status forbids it; the detail says why.")


class IncidentFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which incidents are listed."""

    status = OneOf(choices=Status.choices)
    after, before = moments("opened_at")


def _acts(request: type[ActionSerializer], summary: str) -> Callable[[Any], Any]:
    """Marks a method as an action on one incident."""

    def decorate(method: Any) -> Any:
        documented = extend_schema(
            request=request, responses={200: IncidentSerializer, 409: _CONFLICT}, summary=summary
        )
        # action forgets what was said before it.
        return documented(action(detail=True, methods=["post"])(method))

    return decorate


@extend_schema_view(
    list=extend_schema(summary="List incidents, newest first"),
    retrieve=extend_schema(summary="One incident, with its timeline"),
)
class IncidentViewSet(Resource, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Incident]):
    """Open incidents, watch them, act on them."""

    queryset = Incident.objects.all()
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilters
    filter_backends = [StrictFilters]
    lookup_field = "incident_id"
    # An id may hold slashes; where it is followed by the name of an action, the name is not part of it.
    lookup_value_regex = rf"[A-Za-z0-9](?:(?!/(?:{'|'.join(ACTIONS)})/?$)[A-Za-z0-9._:/-]){{0,63}}?"
    action_perms = dict.fromkeys(ACTIONS, _CHANGE)

    def get_queryset(self) -> QuerySet[Incident]:
        """With contacts and timeline, in a fixed number of queries."""
        return selectors.with_everything()

    @extend_schema(
        summary="Open an incident",
        request=OpenIncidentSerializer,
        responses={
            201: IncidentSerializer,
            200: OpenApiResponse(IncidentSerializer, description="It was open already, with the same content."),
            409: OpenApiResponse(description="The id is taken by an incident with other content."),
        },
    )
    def create(self, request: Request) -> Response:
        """Open an incident and text its first contact. The same request again returns the same incident."""
        serializer = OpenIncidentSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            incident, created = lifecycle.open_incident(serializer.request(), actor=request.user.get_username())
        except lifecycle.DifferentContent as problem:
            raise Conflict(str(problem)) from problem
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response(self._shown(incident.incident_id), status=code)

    @_acts(ActionSerializer, "Somebody takes it: the contact, or else you")
    def acknowledge(self, request: Request, incident_id: str) -> Response:
        """Acknowledge the incident."""
        return self._act(request, lifecycle.acknowledge, ActionSerializer)

    @_acts(DeclineSerializer, "A contact cannot take it")
    def decline(self, request: Request, incident_id: str) -> Response:
        """Decline on behalf of a contact."""
        return self._act(request, lifecycle.decline, DeclineSerializer)

    @_acts(ActionSerializer, "Go on to the next step at once")
    def escalate(self, request: Request, incident_id: str) -> Response:
        """Escalate now."""
        return self._act(request, lifecycle.escalate, ActionSerializer)

    @_acts(ActionSerializer, "Withdraw it")
    def cancel(self, request: Request, incident_id: str) -> Response:
        """Cancel an open incident; those who were asked are told."""
        return self._act(request, lifecycle.cancel, ActionSerializer)

    @_acts(ActionSerializer, "Close what has ended")
    def resolve(self, request: Request, incident_id: str) -> Response:
        """Resolve an incident that is no longer open."""
        return self._act(request, lifecycle.resolve, ActionSerializer)

    @_acts(NoteSerializer, "Write on the timeline")
    def note(self, request: Request, incident_id: str) -> Response:
        """Add a note, whatever the status."""
        return self._act(request, lifecycle.add_note, NoteSerializer)

    def _act(self, request: Request, act: Callable[..., lifecycle.Outcome], form: type[ActionSerializer]) -> Response:
        incident = self.get_object()
        serializer = form(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            act(incident.incident_id, actor=request.user.get_username(), **serializer.given())
        except lifecycle.NotAContact as problem:
            raise serializers.ValidationError({"contact": [str(problem)]}) from problem
        except lifecycle.NotAllowed as problem:
            raise Conflict(str(problem)) from problem
        return Response(self._shown(incident.incident_id))

    def _shown(self, incident_id: str) -> Any:
        return IncidentSerializer(self.get_queryset().get(incident_id=incident_id)).data
