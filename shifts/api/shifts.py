"""/shifts/: work that people book by texting its code, and booking it for them."""

from collections.abc import Callable
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, MomentField, PhoneNumberField, StrictModelSerializer, StrictSerializer
from messaging.api.filters import StrictFilters, moments
from messaging.api.resource import Resource
from shifts import booking, offers, selectors
from shifts.models import Booking, Employee, Shift

_STATUSES = [("available", "Available"), ("taken", "Taken")]
_CHANGE = "shifts.change_shift"


class HolderSerializer(serializers.Serializer[Any]):
    """Who has a place on a shift."""

    name = serializers.CharField(source="employee.contact.name", read_only=True, help_text="As it stands in lists.")
    phone_number = serializers.CharField(source="employee.contact.phone_number", read_only=True, help_text="E.164.")


class ShiftSerializer(StrictModelSerializer):
    """A shift, and who has it."""

    starts_at = MomentField(required=False, allow_null=True, help_text="When it begins; null when that is not said.")
    ends_at = MomentField(required=False, allow_null=True, help_text="When it ends; a shift with an end has a start.")
    places_left = serializers.IntegerField(read_only=True, help_text="Places that nobody holds.")
    shift_status = serializers.ChoiceField(
        choices=_STATUSES, read_only=True, help_text="available while a place is left."
    )
    employees = serializers.SerializerMethodField(help_text="Who holds a place, in the order of booking.")

    class Meta:
        model = Shift
        fields = [
            "shift_id",
            "shift_info",
            "starts_at",
            "ends_at",
            "places",
            "places_left",
            "shift_status",
            "employees",
        ]
        extra_kwargs = {"places": {"help_text": "How many people may hold it; 1 or more."}}

    @extend_schema_field(HolderSerializer(many=True))
    def get_employees(self, shift: Shift) -> Any:
        """Those who hold a place now; whoever dropped it is not named."""
        return HolderSerializer(shift.bookings.all(), many=True).data

    def create(self, fields: dict[str, Any]) -> Shift:
        """A new shift."""
        return offers.save(Shift(**fields))

    def update(self, shift: Shift, fields: dict[str, Any]) -> Shift:
        """An edited shift."""
        for name, value in fields.items():
            setattr(shift, name, value)
        return offers.save(shift)


class OnBehalfSerializer(StrictSerializer):
    """For whom."""

    phone_number = PhoneNumberField(help_text="The employee, E.164.")

    def employee(self) -> Employee:
        """The employee with this number, approved or not.

        Raises:
            ValidationError: when there is none.
        """
        number = self.validated_data["phone_number"]
        employee = selectors.employee_of(number)
        if employee is None:
            raise serializers.ValidationError({"phone_number": [f"There is no employee with the number {number}."]})
        return employee


class _StatusFilter(django_filters.ChoiceFilter):  # type: ignore[misc]
    """Shifts with a place left, or without."""

    def filter(self, shifts: QuerySet[Shift], value: str) -> QuerySet[Shift]:
        """As Shift.shift_status says it of one."""
        if not value:
            return shifts
        place_left = Q(booked__lt=F("places"))
        return shifts.filter(place_left if value == "available" else ~place_left)


class ShiftFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which shifts are listed."""

    shift_status = _StatusFilter(choices=_STATUSES, help_text="With a place left, or without.")
    status = _StatusFilter(choices=_STATUSES, help_text="The same as shift_status, by the name that other lists have.")
    after, before = moments("starts_at")


def _on_behalf(summary: str) -> Callable[[Any], Any]:
    """Marks a method as done to one shift on behalf of an employee."""

    def decorate(method: Any) -> Any:
        documented = extend_schema(
            summary=summary,
            request=OnBehalfSerializer,
            responses={200: ShiftSerializer, 409: OpenApiResponse(description="It cannot be; the detail says why.")},
        )
        # action forgets what was said before it.
        return documented(action(detail=True, methods=["post"])(method))

    return decorate


@extend_schema_view(
    list=extend_schema(summary="Shifts, newest first"),
    retrieve=extend_schema(summary="One shift, and who has it"),
)
class ShiftViewSet(Resource, viewsets.ReadOnlyModelViewSet[Shift]):
    """Shifts: add them, change them, book them for somebody. In the URL upper and lower case are the same."""

    queryset = Shift.objects.all()
    serializer_class = ShiftSerializer
    filterset_class = ShiftFilters
    filter_backends = [StrictFilters]
    lookup_field = "shift_id__iexact"
    lookup_url_kwarg = "shift_id"
    lookup_value_regex = "[A-Za-z0-9_-]{1,30}"
    action_perms = {"book": _CHANGE, "drop": _CHANGE}

    def get_queryset(self) -> QuerySet[Shift]:
        """With those who hold a place, in a fixed number of queries."""
        active = Booking.objects.filter(dropped_at__isnull=True).select_related("employee__contact")
        shifts = Shift.objects.prefetch_related(Prefetch("bookings", queryset=active))
        # Two who change different fields at once both have their way: the second reads what the first has written.
        return shifts.select_for_update(no_key=True) if self.action == "partial_update" else shifts

    @extend_schema(summary="Add a shift", responses={201: ShiftSerializer})
    def create(self, request: Request) -> Response:
        """A shift that people may book from now on. Nobody is texted: that is what campaigns are for."""
        serializer = ShiftSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self._shown(serializer.save()), status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change a shift")
    @transaction.atomic
    def partial_update(self, request: Request, shift_id: str) -> Response:
        """Change what is given and nothing else."""
        serializer = ShiftSerializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return Response(self._shown(serializer.save()))

    @extend_schema(
        summary="Delete a shift that nobody ever booked",
        responses={204: None, 409: OpenApiResponse(description="Somebody booked it; the detail says what to do.")},
    )
    def destroy(self, request: Request, shift_id: str) -> Response:
        """Delete it. What was booked once is kept, for who had which shift must stay known."""
        try:
            offers.delete(self.get_object())
        except offers.InUse as problem:
            raise Conflict(str(problem)) from problem
        return Response(status=status.HTTP_204_NO_CONTENT)

    @_on_behalf("Book it for an employee")
    def book(self, request: Request, shift_id: str) -> Response:
        """Give the employee a place, as if they had texted the code; nobody is texted."""

        def act(employee: Employee, code: str) -> str:
            summary = booking.book(employee, [code], source=Booking.Source.API, actor=request.user.get_username())
            return "" if summary.booked else _why_not_booked(summary)

        return self._act(request, act)

    @_on_behalf("Take an employee off it")
    def drop(self, request: Request, shift_id: str) -> Response:
        """Give the employee's place back, approved or not; nobody is texted."""

        def act(employee: Employee, code: str) -> str:
            dropped = booking.drop(employee, [code], by=request.user.get_username())
            return "" if dropped.dropped else _why_not_dropped(dropped)

        return self._act(request, act)

    def _act(self, request: Request, act: Callable[[Employee, str], str]) -> Response:
        shift = self.get_object()
        serializer = OnBehalfSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            refusal = act(serializer.employee(), shift.shift_id)
        except booking.NotApproved as problem:
            raise serializers.ValidationError({"phone_number": [str(problem)]}) from problem
        except Employee.DoesNotExist as gone:
            raise Conflict("The employee was deleted in the same moment.") from gone
        if refusal:
            raise Conflict(refusal)
        return Response(self._shown(shift))

    def _shown(self, shift: Shift) -> Any:
        return ShiftSerializer(self.get_queryset().get(pk=shift.pk)).data


def _why_not_booked(summary: booking.Summary) -> str:
    if summary.already_yours:
        return "They hold this shift already."
    if summary.overlapping:
        _, held = summary.overlapping[0]
        return f"It overlaps with {held}, which they hold. Take them off {held} first."
    if summary.unknown:
        return "The shift was deleted in the same moment."
    return "No place is left on it, or it has begun."


def _why_not_dropped(dropped: booking.Dropped) -> str:
    if dropped.begun:
        return "It has begun already: who had it stays as it is."
    if dropped.unknown:
        return "The shift was deleted in the same moment."
    return "They do not hold this shift."
