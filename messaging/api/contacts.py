"""/contacts/: the people behind phone numbers, by whose names incidents and texts call them."""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from messaging.api.base import Conflict, StrictModelSerializer
from messaging.api.filters import PhoneNumber, StrictFilters
from messaging.api.resource import Resource
from messaging.models import Contact
from messaging.validators import validate_time_zone


class ContactSerializer(StrictModelSerializer):
    """The person behind a phone number."""

    class Meta:
        model = Contact
        fields = ["phone_number", "name", "language", "time_zone"]
        extra_kwargs = {
            "phone_number": {"help_text": "E.164. It cannot be changed."},
            "name": {"help_text": "How texts and lists call them; blank: by their number."},
            "language": {"help_text": "In which texts are written to them, such as en or es; blank: as usual."},
            "time_zone": {"help_text": "Such as America/Los_Angeles, for the times in their texts; blank: as usual."},
        }

    def validate_phone_number(self, number: str) -> str:
        """It is what a contact is known by."""
        if self.instance is not None and self.instance.phone_number != number:
            raise serializers.ValidationError("It cannot be changed. Add a contact with the new number instead.")
        return number

    def validate_time_zone(self, name: str) -> str:
        """One that there is."""
        try:
            validate_time_zone(name)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem
        return name

    def create(self, fields: dict[str, Any]) -> Contact:
        """Raises Conflict when somebody adds the same number in the same moment."""
        try:
            return Contact.objects.create(**fields)
        except IntegrityError as problem:
            raise Conflict("Somebody added this number in the same moment. Change that contact.") from problem

    def update(self, contact: Contact, fields: dict[str, Any]) -> Contact:
        """Change what is given and nothing else: others may be changing the rest."""
        for name, value in fields.items():
            setattr(contact, name, value)
        contact.save(update_fields=list(fields))
        return contact


class ContactFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Which contacts are listed."""

    phone_number = PhoneNumber(help_text="E.164 (+ as %2B).")


@extend_schema_view(
    list=extend_schema(summary="Contacts, newest first"),
    retrieve=extend_schema(summary="One contact"),
    create=extend_schema(summary="Add a contact"),
    partial_update=extend_schema(summary="Change a contact", description="Change what is given."),
)
class Contacts(
    Resource,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet[Contact],
):
    """People whom incidents and shifts write to. Naming somebody in an incident needs no contact; a name is nicer."""

    queryset = Contact.objects.order_by("-id")
    serializer_class = ContactSerializer
    filterset_class = ContactFilters
    filter_backends = [StrictFilters]
    lookup_field = "phone_number"
    lookup_value_regex = r"[^/]+"
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_object(self) -> Contact:
        """The contact. What is no number is nobody's, and PostgreSQL would refuse to look for some of it."""
        if not self.kwargs["phone_number"].isprintable():
            self.kwargs["phone_number"] = ""
        return super().get_object()
