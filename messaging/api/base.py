"""What every resource of the API shares: strict input, permissions, and pages. Refusals are in messaging.api.errors."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import permissions, serializers, status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

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
            known = ", ".join(name for name, field in fields.items() if not field.read_only)
            none = f"There is no such field. There are: {known}." if known else "There is no such field."
            unknown = {str(name): [none] for name in data if name not in fields}
            fixed = {name: ["This field cannot be set."] for name in data if name in fields and fields[name].read_only}
            if unknown or fixed:
                raise serializers.ValidationError(unknown | fixed)
        return super().to_internal_value(data)  # type: ignore[misc]


class StrictSerializer(_Strict, serializers.Serializer[Any]):
    """A serializer that refuses unknown fields."""


class StrictModelSerializer(_Strict, serializers.ModelSerializer[Any]):
    """A model serializer that refuses unknown fields."""


class NothingToSay(StrictSerializer):
    """The body of an action that needs none: empty, or an empty object."""


class NameOfRow(serializers.SlugRelatedField[Any]):
    """A row by its name. What no database can hold names none, on every database."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError when there is no such row."""
        if isinstance(data, str) and "\x00" in data:
            self.fail("invalid")
        return super().to_internal_value(data)


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


class MomentField(serializers.DateTimeField):
    """A time with offset; without one nobody knows when it is."""

    default_error_messages = {
        "invalid": "Write a time in ISO 8601 with offset: 2026-07-01T09:00:00Z, or 2026-07-01T11:00:00+02:00."
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Raises ValidationError for a time without offset."""
        if value.tzinfo is None:
            self.fail("invalid")
        return super().enforce_timezone(value)


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
    """Pages by cursor, newest first: stable while rows are added, and as quick on the last page as on the first.

    The order must be unique: DRF's cursor loses rows where more than a thousand share a value, and a campaign queues
    more than that in one moment. Hence the id, which grows with time, and not the time itself.
    """

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 500
    page_size_query_description = "Rows on a page, at most 500."

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The view's own ``cursor_ordering`` where it has one."""
        ordering = getattr(view, "cursor_ordering", self.ordering)
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)

    def get_page_size(self, request: Request) -> int | None:
        """What the client asks for, if it is a number; more than the most is answered with the most."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and 0 < len(asked) < 10 and int(asked)):
            raise serializers.ValidationError({"page_size": [f"Give a whole number from 1 to {self.max_page_size}."]})
        return min(int(asked), self.max_page_size)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """One page. A cursor that somebody made up is the client's fault, not ours."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, DjangoValidationError) as problem:
            raise _no_such_cursor() from problem

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor asked for; one that cannot be read is a 400, as any bad parameter."""
        try:
            return super().decode_cursor(request)
        except NotFound as problem:
            raise _no_such_cursor() from problem


def _no_such_cursor() -> serializers.ValidationError:
    return serializers.ValidationError({"cursor": ["This is no cursor of ours. Take next or previous as they are."]})
