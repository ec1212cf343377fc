"""Whole phone numbers are for those who may see them; others read the country and the last two digits.

Done where answers leave instead of on each page: none can forget it, lists, files and the API included. A token is its
user's: it shows what that user may see, or whoever may make a token would see everything by it. Our own numbers are no
secret, nor is a number that the request itself names: who may not see a number may still look for one that they know,
and the links to further pages must lead somewhere.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import urlencode

from config.masking import numbers_in, numbers_masked
from messaging.models import OriginationIdentity

PERMISSION = "messaging.see_phone_numbers"
_API = "api/v1/"
# What a body names people by.
_FIELDS = ("phone_number", "first_contact", "second_contact", "contact")
_MOST_NAMED = 5
_IN_ADDRESS = re.compile(r"\+[1-9]\d{6,14}")
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
            _mask(request, response)
        return response


def _shows_people(request: HttpRequest) -> bool:
    # A request that Django refused before it knew where it was going has no match.
    match = request.resolver_match
    if match is None:
        return False
    return match.app_name == "admin" or match.route.startswith(_API)


def _may_see(request: HttpRequest) -> bool:
    # Whoever has a token is made known by the API alone (REST framework's request sets it). Somebody who is not logged
    # in is shown nobody.
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


def _mask(request: HttpRequest, response: Any) -> None:
    if not response.get("Content-Type", "").startswith(_READ_BY_PEOPLE):
        return
    keep = _sought(request) | frozenset(OriginationIdentity.objects.values_list("identity", flat=True))
    if request.resolver_match and request.resolver_match.app_name != "admin":
        keep |= _known(request)
    if response.streaming:
        # Files are made of whole rows: no number lies across two pieces.
        response.streaming_content = _masked(response.streaming_content, keep)
    else:
        response.content = numbers_masked(response.content.decode(response.charset), keep).encode(response.charset)


def _known(request: HttpRequest) -> frozenset[str]:
    """Numbers that the asker named. A few at most: who sends thousands is guessing whose is shown."""
    sent = getattr(request, "textback_sent", None)
    fields = [sent.get(name) for name in _FIELDS] if isinstance(sent, Mapping) else []
    named = [value for value in fields if isinstance(value, str) and _IN_ADDRESS.fullmatch(value)]
    return frozenset([*named, *_IN_ADDRESS.findall(unquote(request.get_full_path()))[:_MOST_NAMED]])


def _masked(pieces: Iterable[bytes], keep: Collection[str]) -> Iterator[bytes]:
    for piece in pieces:
        yield numbers_masked(piece.decode(), keep).encode()
