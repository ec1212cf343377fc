"""Whole phone numbers are for those who may see them; others read the country and the last two digits.

Done where answers leave instead of on each page: none can forget it, lists, files and what a browser asks the API for
included. Systems with a token get what they may read as it is. Our own numbers are no secret. Who may not see a number
may still look for one that they know: what they have typed is told back to them as it is, in links to further pages as
well, which would lead nowhere otherwise.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import urlencode

from config.masking import numbers_in, numbers_masked
from messaging.models import OriginationIdentity

PERMISSION = "messaging.see_phone_numbers"
_API = "api/v1/"
_READ_BY_PEOPLE = ("text/", "application/json", "application/problem+json")
# How the page of a row remembers the search of the list that it was opened from.
_OF_THE_LIST = "_changelist_filters"


class Numbers:
    """Middleware; below the one that knows who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with numbers masked unless its reader may see them."""
        response = self._get_response(request)
        if _shows_people(request) and not _may_see(request):
            _mask(response, _sought(request))
        return response


def _shows_people(request: HttpRequest) -> bool:
    # A request that Django refused before it knew where it was going has no match.
    match = request.resolver_match
    if match is None:
        return False
    # A token is a system's: what it may read, it needs whole. A person's session is the admin's by another door.
    by_token = getattr(request, "auth", None) is not None
    return match.app_name == "admin" or (match.route.startswith(_API) and not by_token)


def _may_see(request: HttpRequest) -> bool:
    # Somebody who is not logged in is shown nobody.
    return request.user.is_anonymous or request.user.has_perm(PERMISSION)


def _sought(request: HttpRequest) -> frozenset[str]:
    """The number that somebody looks for, as typed and as an address repeats it; on the page of a row, in its list.

    One of a request, as a search has it: whoever gives more guesses.
    """
    words = request.GET.get(SEARCH_VAR, "")
    if not words and _OF_THE_LIST in request.GET:
        words = QueryDict(request.GET[_OF_THE_LIST]).get(SEARCH_VAR, "")
    found = numbers_in(f"{words}\n{urlencode({SEARCH_VAR: words})}")
    return found if len(numbers_in(words)) <= 1 else frozenset()


def _mask(response: Any, sought: frozenset[str]) -> None:
    if not response.get("Content-Type", "").startswith(_READ_BY_PEOPLE):
        return
    keep = sought | frozenset(OriginationIdentity.objects.values_list("identity", flat=True))
    if response.streaming:
        # Files are made of whole rows: no number lies across two pieces.
        response.streaming_content = _masked(response.streaming_content, keep)
    else:
        response.content = numbers_masked(response.content.decode(response.charset), keep).encode(response.charset)


def _masked(pieces: Iterable[bytes], keep: Collection[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield numbers_masked(piece.decode(), keep).encode()
