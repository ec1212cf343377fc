"""ETag, If-Match and If-None-Match (RFC 9110, sections 8.8.3 and 13.1) for what stands at an address of its own.

A tag is made of what a GET answers: whatever changes the answer, from whichever side, changes the tag, and nothing has
to be counted up by those who write. So a change can be refused when somebody else has changed the row meanwhile.
"""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

MATCH, NONE_MATCH = "If-Match", "If-None-Match"
_LENGTH = 32


class PreconditionFailed(APIException):
    """If-Match names what is no more."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "It was changed since you read it. GET it again, and send your change with the new ETag."
    default_code = "precondition_failed"


def tag(data: Any) -> str:
    """The strong tag of an answer. Keyed: else who sees a masked number could find the whole one by trying."""
    whole = JSONRenderer().render(data)
    return f'"{salted_hmac("messaging.api.conditions", whole, algorithm="sha256").hexdigest()[:_LENGTH]}"'


def unchanged(request: Request, current: str) -> bool:
    """Whether the client has it, by If-None-Match. The weak form of our tag, as proxies make it, is good as well."""
    known = [one.removeprefix("W/") for one in parse_etags(request.headers.get(NONE_MATCH, ""))]
    return current in known or "*" in known


def if_unchanged(
    handler: Callable[..., HttpResponseBase],
    *,
    find: Callable[[], models.Model],
    read: Callable[..., Any],
    request: Request,
    **names: Any,
) -> HttpResponseBase:
    """Make a change if the row is still what If-Match names.

    The row is locked before it is read and until the change is committed, so of two who come with the same tag one has
    its way, and the other reads what that one wrote. On SQLite the transaction itself is the lock.

    Args:
        handler: makes the change.
        find: the row.
        read: answers a GET of it.
        request: has the header.
        names: what the address names.

    Raises:
        PreconditionFailed: it is another by now.
    """
    wanted = parse_etags(request.headers[MATCH])
    with transaction.atomic():
        row = find()
        held = type(row)._base_manager.select_for_update(no_key=True, of=("self",)).filter(pk=row.pk)
        if not held.exists():
            raise NotFound
        # Read anew: what waited for the lock knows what was there before.
        if "*" not in wanted and tag(read(request, **names).data) not in wanted:
            raise PreconditionFailed
        return handler(request, **names)
