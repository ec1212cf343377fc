"""/employees/ and /segments/: who may be offered shifts, and the named lists they are in."""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.base import Conflict, PhoneNumberField, StrictModelSerializer, StrictSerializer
from messaging.api.filters import PhoneNumber, StrictFilters
from messaging.api.resource import Resource
from shifts import people, selectors
from shifts.api.imports import ImportsFiles
from shifts.models import Employee, Segment

_TRUTH = {"true": True, "false": False}
_MOST_SEGMENTS = 200


class EmployeeSerializer(StrictSerializer):
    """Somebody who may be offered shifts. What a PATCH leaves out stays."""

    phone_number = PhoneNumberField(source="contact.phone_number", help_text="E.164. It cannot be changed.")
    name = serializers.CharField(
        source="contact.name", required=False, allow_blank=True, max_length=150, help_text="As it stands in lists."
    )
    approved = serializers.BooleanField(
        required=False, help_text="Whether they may book and are texted by campaigns. New ones are, unless you say no."
    )
    segments = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=_MOST_SEGMENTS,
        help_text="Names of segments, which must exist. They replace those before.",
    )
    language = serializers.CharField(
        source="contact.language", required=False, allow_blank=True, max_length=10, help_text="Such as en, or pt-BR."
    )

    def to_representation(self, employee: Employee) -> dict[str, Any]:
        """The segments by name."""
        return {
            "phone_number": employee.contact.phone_number,
            "name": employee.contact.name,
            "approved": employee.approved,
            "segments": sorted((segment.name for segment in employee.segments.all()), key=str.casefold),
            "language": employee.contact.language,
        }

    def validate_phone_number(self, number: str) -> str:
        """It is what an employee is known by."""
        if self.instance is not None and self.instance.contact.phone_number != number:
            raise serializers.ValidationError("It cannot be changed. Add an employee with the new number instead.")
        return number

    def save(self, **_: Any) -> Employee:
        """Add or change the employee."""
        given = {**self.validated_data}
        contact = given.pop("contact", {})
        number = contact.pop("phone_number", None)
        if self.instance is None:
            return people.add_employee(number, **contact, **given)
        employee, _created = people.save_employee(self.instance.contact.phone_number, **contact, **given)
        return employee


class _TruthField(forms.Field):
    """true or false; another word must not answer with all there is."""

    def to_python(self, value: Any) -> bool | None:
        if value and str(value).lower() not in _TRUTH:
            raise DjangoValidationError("Write true or false.")
        return _TRUTH.get(str(value).lower())


class _Truth(django_filters.Filter):  # type: ignore[misc]
    field_class = _TruthField


class _InSegment(django_filters.CharFilter):  # type: ignore[misc]
    """Those in a segment, its name in any case."""

    def filter(self, employees: QuerySet[Employee], value: str) -> QuerySet[Employee]:
        if not value:
            return employees
        segment = selectors.find_segment(value)
        return employees.filter(memberships__segment=segment) if segment else employees.none()


class EmployeeFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which employees are listed."""

    phone_number = PhoneNumber(field_name="contact__phone_number", help_text="E.164 (+ as %2B).")
    approved = _Truth(help_text="true or false.")
    segment = _InSegment(help_text="The name of a segment, in any case.")


_NO_DELETE = OpenApiResponse(description="It is in use; the detail says by what.")


@extend_schema_view(
    list=extend_schema(summary="Employees, newest first"),
    retrieve=extend_schema(summary="One employee"),
    destroy=extend_schema(summary="Forget an employee", responses={204: None, 409: _NO_DELETE}),
)
class EmployeeViewSet(Resource, mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet[Employee]):
    """People who may be offered shifts."""

    queryset = Employee.objects.select_related("contact").prefetch_related("segments").order_by("-id")
    serializer_class = EmployeeSerializer
    filterset_class = EmployeeFilters
    filter_backends = [StrictFilters]
    lookup_field = "contact__phone_number"
    lookup_url_kwarg = "phone_number"
    lookup_value_regex = r"[^/]+"

    def get_object(self) -> Employee:
        """The employee. What is no number is nobody's, and PostgreSQL would refuse to look for some of it."""
        if not self.kwargs["phone_number"].isprintable():
            self.kwargs["phone_number"] = ""
        return super().get_object()

    @extend_schema(summary="Add an employee", responses={201: EmployeeSerializer})
    def create(self, request: Request) -> Response:
        """Add an employee. A contact with this number becomes theirs."""
        return Response(self._saved(EmployeeSerializer(data=request.data)), status=status.HTTP_201_CREATED)

    @extend_schema(summary="Change an employee", responses=EmployeeSerializer)
    def partial_update(self, request: Request, phone_number: str) -> Response:
        """Change what is given."""
        return Response(self._saved(EmployeeSerializer(self.get_object(), data=request.data, partial=True)))

    def perform_destroy(self, employee: Employee) -> None:
        """Raises Conflict for somebody who has or had a booking."""
        try:
            people.delete_employee(employee)
        except people.InUse as problem:
            raise Conflict(str(problem)) from problem

    def _saved(self, serializer: EmployeeSerializer) -> Any:
        serializer.is_valid(raise_exception=True)
        return EmployeeSerializer(self.get_queryset().get(pk=serializer.save().pk)).data


class SegmentSerializer(StrictModelSerializer):
    """A named list of employees."""

    size = serializers.IntegerField(read_only=True, help_text="How many employees are in it, approved or not.")

    class Meta:
        model = Segment
        fields = ["name", "size"]

    def create(self, fields: dict[str, Any]) -> Segment:
        """A new segment."""
        return people.create_segment(fields["name"])


@extend_schema_view(
    list=extend_schema(summary="Segments, newest first"),
    retrieve=extend_schema(summary="One segment"),
    create=extend_schema(summary="Add a segment"),
    destroy=extend_schema(summary="Delete a segment", responses={204: None, 409: _NO_DELETE}),
)
class SegmentViewSet(
    Resource, ImportsFiles, mixins.CreateModelMixin, mixins.DestroyModelMixin, viewsets.ReadOnlyModelViewSet[Segment]
):
    """Named lists of employees that campaigns are sent to. In the URL upper and lower case are the same."""

    queryset = people.with_sizes().order_by("-id")
    serializer_class = SegmentSerializer
    filter_backends = [StrictFilters]
    lookup_field = "name"
    lookup_value_regex = r"[^/]+"

    def get_object(self) -> Segment:
        """The segment, however its name is written."""
        found = selectors.find_segment(self.kwargs["name"])
        # No segment has no name.
        self.kwargs["name"] = found.name if found else ""
        return super().get_object()

    def perform_create(self, serializer: Any) -> None:
        """Answered with its size as any other."""
        segment = serializer.save()
        segment.size = segment.members.count()

    def perform_destroy(self, segment: Segment) -> None:
        """Raises Conflict for the segment of a campaign."""
        try:
            people.remove_segment(segment)
        except people.InUse as problem:
            raise Conflict(str(problem)) from problem
