"""Filters of lists, as strict as bodies: a misspelt or empty parameter must not answer with all there is."""

import re
from datetime import UTC, datetime
from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.settings import api_settings

from messaging.validators import SHORT_CODE, validate_identity, validate_phone_number

_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


class StrictFilters(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter, and a 400 for parameters that are unknown, empty, or given twice where one is meant."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Filter a list; a single object is found by its id, and takes no parameters."""
        filters = {} if view.detail else self._filters(queryset, view)
        known = set() if view.detail else {*filters, *_of_pages(view)}
        problems: dict[str, list[str]] = {}
        for name, values in request.query_params.lists():
            several = isinstance(filters.get(name), django_filters.MultipleChoiceFilter)
            if name == api_settings.URL_FORMAT_OVERRIDE:
                continue
            if name not in known:
                problems[name] = [f"There is no such parameter. There are: {', '.join(sorted(known)) or 'none'}."]
            elif not all(values):
                problems[name] = ["Give a value, or leave the parameter out."]
            elif len(values) > 1 and not several:
                problems[name] = ["Give one value only."]
        if problems:
            raise serializers.ValidationError(problems)
        filtered: QuerySet[Any] = queryset if view.detail else super().filter_queryset(request, queryset, view)
        return filtered

    def _filters(self, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        filterset = self.get_filterset_class(view, queryset)
        return dict(filterset.base_filters) if filterset else {}


def _of_pages(view: Any) -> list[str]:
    paginator = getattr(view, "paginator", None)
    names = [getattr(paginator, "cursor_query_param", None), getattr(paginator, "page_size_query_param", None)]
    return [name for name in names if name]


class _NumberField(forms.CharField):
    """A number in a URL. A + that was not encoded arrives as a space, and is taken for what it was."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, strip=False)

    def clean(self, value: Any) -> Any:
        value = super().clean(value)
        if value.startswith(" "):
            value = f"+{value[1:]}"
        if value:
            self.check(value)
        return value

    def check(self, value: str) -> None:
        """E.164, or a short code."""
        if not SHORT_CODE.fullmatch(value):
            validate_phone_number(value)


class _IdentityField(_NumberField):
    """A number, short code or sender ID of ours."""

    def check(self, value: str) -> None:
        validate_identity(value)


def read_moment(text: str) -> datetime:
    """A time in ISO 8601 with offset.

    Raises:
        ValidationError: it is none; the message shows how to write one.
    """
    problem = ValidationError(
        "Write a time in ISO 8601 with offset: 2026-07-01T09:00:00Z, or 2026-07-01T11:00:00+02:00."
    )
    try:
        moment = parse_datetime(text)
        if moment is None or moment.tzinfo is None:
            raise problem
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise problem from reason


class _MomentField(forms.Field):
    """A time with offset; without one nobody knows when it is."""

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        return read_moment(_LOST_PLUS.sub("+", str(value)))


class PhoneNumber(django_filters.CharFilter):  # type: ignore[misc]
    """Rows of one phone number."""

    field_class = _NumberField


class Identity(django_filters.CharFilter):  # type: ignore[misc]
    """Rows of one origination identity."""

    field_class = _IdentityField


class Moment(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """Rows at or after, or before, a time."""

    field_class = _MomentField


class OneOf(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Rows with one of the values given; the parameter may be repeated. Values are those of a model's choices."""

    def __init__(self, **options: Any) -> None:
        # A column of the row itself never repeats it; DISTINCT would read the whole table before the first page.
        choices = options["choices"]
        values = ", ".join(str(value) for value, _ in (choices() if callable(choices) else choices))
        told = {"invalid_choice": f"%(value)s is none of the values. There are: {values}."}
        super().__init__(**options, distinct=False, error_messages=told)


class TextFilters(django_filters.FilterSet):  # type: ignore[misc]
    """What outbound and inbound lists share. Ranges of time are half open, so that neighbours do not overlap."""

    conversation = django_filters.CharFilter(help_text="Key of the conversation that owns the text: incidents, …")
    subject = django_filters.CharFilter(help_text="What the text is about, within its conversation: an incident's id.")


def moments(field: str) -> tuple[Moment, Moment]:
    """The filters ``after`` and ``before`` on a field."""
    return (
        Moment(field_name=field, lookup_expr="gte", help_text=f"{field} at this time or later. ISO 8601 with offset."),
        Moment(field_name=field, lookup_expr="lt", help_text=f"{field} before this time. ISO 8601 with offset."),
    )
