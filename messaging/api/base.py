"""What every resource of the API shares: strict input, permissions, pages, and refusals that say what to do."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import permissions, serializers, status
from rest_framework.exceptions import APIException
from rest_framework.pagination import CursorPagination

from messaging.validators import validate_phone_number


class Conflict(APIException):
    """The request contradicts what is already so; the detail says what, and what may be done instead."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The request conflicts with the present state."
    default_code = "conflict"


class _Strict:
    """Refuses unknown fields instead of ignoring them: a misspelt field must not pass in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields = self.fields  # type: ignore[attr-defined]
            unknown = {str(name): ["There is no such field."] for name in data if name not in fields}
            fixed = {
                name: ["This field cannot be set."] for name in data if name in fields and fields[name].read_only
            }
            if unknown or fixed:
                raise serializers.ValidationError(unknown | fixed)
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(_Strict, serializers.Serializer[Any]):
    """A serializer that refuses unknown fields."""


class StrictModelSerializer(_Strict, serializers.ModelSerializer[Any]):
    """A model serializer that refuses unknown fields."""


class PhoneNumberField(serializers.CharField):
    """A phone number in E.164."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 16)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Raises ValidationError when it is no possible phone number in E.164."""
        value: str = super().to_internal_value(data)
        try:
            validate_phone_number(value)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem
        return value


class ModelPermissions(permissions.DjangoModelPermissions):
    """Django's model permissions, for reading as well. A view names further ones per action in ``action_perms``."""

    perms_map = permissions.DjangoModelPermissions.perms_map | {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "OPTIONS": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the user may do this; an action listed in the view's ``action_perms`` needs that permission."""
        wanted: dict[str, str] = getattr(view, "action_perms", {})
        action = getattr(view, "action", None)
        if action in wanted:
            return bool(request.user and request.user.is_authenticated and request.user.has_perm(wanted[action]))
        return super().has_permission(request, view)


class NewestFirst(CursorPagination):
    """Pages by cursor, newest first: stable while rows are added, and as quick on the last page as on the first."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 500

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The view's own ``cursor_ordering`` where it has one."""
        ordering = getattr(view, "cursor_ordering", self.ordering)
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

