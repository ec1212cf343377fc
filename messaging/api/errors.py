"""Refusals of the rooms below, as answers of the API. Apart from base: rest_framework.views reads the settings that name base."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from messaging.text import BodyEmpty, BodyTooLong


def handler(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and the refusals of the rooms below as 400s on the field at fault."""
    if isinstance(problem, DjangoValidationError):
        detail = getattr(problem, "message_dict", None) or {"non_field_errors": problem.messages}
        problem = serializers.ValidationError(detail)
    elif isinstance(problem, BodyEmpty | BodyTooLong):
        problem = serializers.ValidationError({"body": [str(problem)]})
    return exception_handler(problem, context)
