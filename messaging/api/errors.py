"""Refusals of the rooms below, as answers of the API.

Apart from base: rest_framework.views reads the settings that name base.
"""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from messaging.text import BodyEmpty, BodyTooLong


def handler(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and the refusals of the rooms below as 400s on the field at fault."""
    if isinstance(problem, DjangoValidationError):
        detail = dict(getattr(problem, "message_dict", None) or {NON_FIELD_ERRORS: problem.messages})
        if NON_FIELD_ERRORS in detail:
            detail[api_settings.NON_FIELD_ERRORS_KEY] = detail.pop(NON_FIELD_ERRORS)
        problem = serializers.ValidationError(detail)
    elif isinstance(problem, BodyEmpty | BodyTooLong):
        problem = serializers.ValidationError({"body": [str(problem)]})
    return exception_handler(problem, context)
