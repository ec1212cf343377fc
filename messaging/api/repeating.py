"""Idempotency-Key: a POST that is sent again is answered as the first time, and done once.

The header of the IETF draft draft-ietf-httpapi-idempotency-key-header-07, on every POST, by the client's choice. What
was answered with success is kept for a day; a refusal changed nothing and is not kept: it can be mended and sent with
the same key. messaging.remembering says what a crash in between does.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, cast

from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from messaging import remembering
from messaging.api.base import Conflict

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
# A string of RFC 8941 has quotes; most clients leave them out.
_QUOTED = re.compile(r'\A"(.*)"\Z')
_KEY = re.compile(rf"[!-~](?:[ -~]{{0,{LONGEST - 2}}}[!-~])?")
_SOON_SECONDS = 1
_ILLEGIBLE = f"It was done with this {HEADER}, but the answer was kept with a SECRET_KEY of before. Look what is there."

Handler = Callable[..., HttpResponseBase]


class KeyReused(APIException):
    """The key belongs to another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = (
        f"This {HEADER} was sent before with another address or another body. Make a new key for a new request."
    )
    default_code = "key_reused"


class InProgress(Conflict):
    """The first request with this key is not answered yet."""

    default_detail = f"A request with this {HEADER} is being worked on. Send it again in a moment."
    default_code = "request_in_progress"
    wait = _SOON_SECONDS


def once(handler: Handler, *, together: bool, request: Request, **names: Any) -> HttpResponseBase:
    """Do what a POST asks for, unless it was done before; then answer as the first time.

    Args:
        handler: does it, and answers.
        together: whether the change and the memory of it may be one transaction. Where not, a crash between them lets
            it be done again: only for what changes nothing when it is done twice.
        request: has the header.
        names: what the address names.

    Raises:
        ValidationError, KeyReused, InProgress: as the header is.
        Conflict: it was done, and the answer cannot be read any more.
    """
    # Before the key: a body that cannot be read is refused for what it is.
    fingerprint = _fingerprint(request)
    try:
        held = remembering.claim(cast("int", request.user.pk), _key(request), fingerprint)
    except remembering.OtherContent as problem:
        raise KeyReused from problem
    except remembering.StillRunning as problem:
        raise InProgress from problem
    except remembering.Illegible as problem:
        raise Conflict(_ILLEGIBLE) from problem
    if isinstance(held, remembering.Answer):
        return _again(held)
    try:
        with transaction.atomic() if together else nullcontext():
            answer = handler(request, **names)
            done = status.is_success(answer.status_code)
            if done:
                remembering.keep(held, _answer(answer))
    except remembering.Overtaken as problem:
        raise InProgress from problem
    except BaseException:
        remembering.release(held)
        raise
    if not done:
        remembering.release(held)
    return answer


def _key(request: Request) -> str:
    given = request.headers[HEADER].strip()
    key = found[1] if (found := _QUOTED.match(given)) else given
    if not _KEY.fullmatch(key):
        raise serializers.ValidationError(
            {HEADER: [f"Give 1 to {LONGEST} printable characters of ASCII, such as a UUID."]}
        )
    return key


def _fingerprint(request: Request) -> str:
    """Of what the request says: the order of names in an object, and spaces around them, say nothing."""
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if isinstance(data, MultiValueDict):
        for name, values in sorted(cast("Iterable[tuple[str, list[Any]]]", data.lists())):
            for value in values:
                told.update(f"\n{name}\n".encode())
                told.update(_digest(value) if hasattr(value, "chunks") else str(value).encode(errors="replace"))
    else:
        told.update(json.dumps(data, sort_keys=True).encode())
    return told.hexdigest()


def _digest(file: Any) -> bytes:
    whole = hashlib.sha256()
    for piece in file.chunks():
        whole.update(piece)
    file.seek(0)
    return whole.digest()


def _answer(answer: Any) -> remembering.Answer:
    body = JSONRenderer().render(answer.data) if answer.data is not None else b""
    return remembering.Answer(answer.status_code, body.decode())


def _again(answer: remembering.Answer) -> HttpResponse:
    # As careful as the first answer may have been: some are shown once.
    headers = {REPLAYED: "true", "Cache-Control": "no-store"}
    kind = {"content_type": "application/json"} if answer.body else {}
    return HttpResponse(answer.body, status=answer.status_code, headers=headers, **kind)
