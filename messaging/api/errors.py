"""Refusals of the rooms below, as answers of the API.

Apart from base: rest_framework.views reads the settings that name base.
"""

import logging
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import InterfaceError, OperationalError
from django.utils.encoding import escape_uri_path
from django.utils.functional import Promise
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ErrorDetail, ParseError
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from messaging.api import problems
from messaging.api.parsers import BodyTooLarge
from messaging.outbound.guards import CannotBeTold, CannotTell
from messaging.text import BodyEmpty, BodyTooLong

logger = logging.getLogger(__name__)

_SOON_SECONDS = 10


class TryAgain(APIException):
    """Nothing is wrong with the request; it cannot be answered now. Nearly always nothing has changed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = (
        "It cannot be answered now. Send it again in some seconds; what changes something, once you have seen that it "
        "was not done."
    )
    default_code = "try_again"
    wait = _SOON_SECONDS


class ConsentUnreadable(TryAgain):
    """Who has opted out cannot be read or recorded; then nobody is texted, and nobody is made known who might be."""

    default_detail = (
        "It cannot be told now who has opted out, so nothing was done. Send it again in some seconds. If it goes on, "
        "see held_reason at /api/v1/origination-identities/ and the log."
    )
    default_code = "consent_unreadable"


def handler(problem: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, and the refusals of the rooms below: 400s on the field at fault, 503 for what passes.

    Each is answered as problem details; an exception may have further ``members`` for them.
    """
    translated = _translated(problem)
    if isinstance(translated, TryAgain) and not isinstance(problem, TryAgain):
        logger.error("The API could not answer %s", _what(context), exc_info=problem)
    answer = exception_handler(translated, context)
    if answer is not None:
        body = problems.problem(
            answer.status_code,
            answer.data,
            code=_code(translated),
            instance=_address(context),
            members=getattr(translated, "members", None),
        )
        answer.data = _writable(body)
        answer.content_type = problems.MEDIA_TYPE
    return answer


def _code(problem: Exception) -> str:
    return str(getattr(problem, "default_code", ""))


def _address(context: dict[str, Any]) -> str:
    request = context.get("request")
    return escape_uri_path(request.path) if request is not None else ""


def _translated(problem: Exception) -> Exception:
    match problem:
        case DjangoValidationError():
            detail = dict(getattr(problem, "message_dict", None) or {NON_FIELD_ERRORS: problem.messages})
            if NON_FIELD_ERRORS in detail:
                detail[api_settings.NON_FIELD_ERRORS_KEY] = detail.pop(NON_FIELD_ERRORS)
            return serializers.ValidationError(detail)
        case BodyEmpty() | BodyTooLong():
            return serializers.ValidationError({"body": [str(problem)]})
        case CannotTell() | CannotBeTold():
            return ConsentUnreadable()
        case OperationalError() | InterfaceError():
            # The database is away, restarts, or somebody else has written for too long.
            return TryAgain()
        case RequestDataTooBig():
            return BodyTooLarge()
        case RecursionError():
            return ParseError("The body is nested too deeply.")
    return problem


def _what(context: dict[str, Any]) -> str:
    request = context.get("request")
    return f"{request.method} {request.path}" if request is not None else "a request"


def _writable(detail: Any) -> Any:
    """The same without half an emoji, which has no UTF-8 form: refusals repeat what was sent, names of fields too."""
    match detail:
        case ErrorDetail():
            return ErrorDetail(_whole(str(detail)), detail.code)
        case str() | Promise():
            return _whole(str(detail))
        case list() | tuple():
            return [_writable(item) for item in detail]
        case dict():
            return {_whole(str(key)): _writable(value) for key, value in detail.items()}
    return detail


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
