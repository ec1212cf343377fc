"""What is answered below /api/ where no view of the API answers: problem details, as everywhere below it.

Django asks for these by the names handler400 … handler500 of config.urls; other addresses keep Django's own pages.
"""

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.encoding import escape_uri_path
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from messaging.api import problems
from messaging.api.errors import TryAgain

_API = "/api/"
_NOTHING = "There is nothing at this address. GET /api/v1/ lists what there is."
_FAULT = "Something is broken at our side; it stands in our log."


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """404, or the way to the same address with its last slash.

    Only for reading: Django's own redirect makes a GET of a POST, whose answer looks as if something had been done.
    """
    lacks_slash = not request.path_info.endswith("/") and resolve(f"{request.path_info}/").func is not unknown
    if lacks_slash and request.method in {"GET", "HEAD"}:
        return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
    detail = f"The address ends in a slash: {request.path}/" if lacks_slash else _NOTHING
    return _problem(request, HTTPStatus.NOT_FOUND, detail)


def _problem(request: HttpRequest, status: int, detail: str, **headers: str) -> JsonResponse:
    body = problems.problem(status, {"detail": detail}, instance=escape_uri_path(request.path))
    return JsonResponse(body, status=status, content_type=problems.MEDIA_TYPE, headers=headers)


def _or_page(page: Callable[..., HttpResponseBase], status: int, detail: str) -> Callable[..., HttpResponseBase]:
    def answer(request: HttpRequest, exception: Any = None) -> HttpResponseBase:
        if request.path_info.startswith(_API):
            return _problem(request, status, detail)
        return page(request, exception)

    return answer


handler400 = _or_page(defaults.bad_request, HTTPStatus.BAD_REQUEST, "The request cannot be understood.")
handler403 = _or_page(defaults.permission_denied, HTTPStatus.FORBIDDEN, "This may not be done.")
handler404 = _or_page(defaults.page_not_found, HTTPStatus.NOT_FOUND, _NOTHING)


def handler500(request: HttpRequest) -> HttpResponseBase:
    """A fault of ours; or a database that is away, found out before or after the view."""
    if not request.path_info.startswith(_API):
        return defaults.server_error(request)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        wait = {"Retry-After": str(TryAgain.wait)}
        return _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, TryAgain.default_detail, **wait)
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT)


def kind(request: HttpRequest, name: str) -> HttpResponse:
    """What a kind of problem means and what to do: to here the ``type`` of a problem leads."""
    if (found := problems.KINDS.get(name)) is None:
        return unknown(request)
    text = f"{found.title}\n\nHTTP {found.status}. {found.what_to_do}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
