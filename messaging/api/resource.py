"""What every view of the API does beside its own: requests sent twice, changes that meet, rates, and caches."""

from collections.abc import Callable
from functools import partial
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from messaging.api import conditions, repeating


class Resource(APIView):
    """First base of every view set. Headers that are not sent cost nothing."""

    # Actions whose change cannot be in one transaction with the memory of it. Done twice they change nothing more.
    apart: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who asks, and may they? Then what the headers ask for is put around what is done."""
        super().initial(request, *args, **kwargs)
        view: Any = self
        # Keys belong to users: what comes by another kind of token is known by its own content.
        if request.method == "POST" and repeating.HEADER in request.headers and request.user.is_authenticated:
            self._around(request, partial(repeating.once, together=view.action not in self.apart))
        elif request.method in {"PATCH", "DELETE"} and conditions.MATCH in request.headers:
            self._around(request, partial(conditions.if_unchanged, find=view.get_object, read=view.retrieve))

    def _around(self, request: Request, outer: Callable[..., Any]) -> None:
        """Put a function around the method that answers: dispatch looks for it here, after initial."""
        name = str(request.method).lower()
        inner = getattr(self, name, None)
        # A method that is not allowed is refused as it is.
        if inner is not None and name in self.http_method_names:
            setattr(self, name, lambda request, **names: outer(inner, request=request, **names))

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> Any:
        """Refuse. Strangers are counted: they are refused before anybody else is."""
        if not request.user.is_authenticated:
            self.check_throttles(request)
        return super().permission_denied(request, message, code)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """With the tag of what is there, or 304 when the client has it; and with how much may still be asked."""
        if current := self._tag(request, response):
            if request.method in {"GET", "HEAD"} and conditions.unchanged(request, current):
                response = Response(status=304)
            response["ETag"] = current
        # Not for others, and asked for again each time: with its tag that costs little.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response = super().finalize_response(request, response, *args, **kwargs)
        # What was sent, for those who mask what is answered: the asker knows the numbers that they named.
        request._request.textback_sent = getattr(request, "_full_data", None)  # type: ignore[attr-defined]
        for name, value in getattr(request, "rate_headers", {}).items():
            response[name] = value
        return response

    def _tag(self, request: Request, response: Any) -> str:
        """Of what a GET of this address answers; empty where that is not what this is."""
        shows_it = request.method in {"GET", "HEAD", "PATCH"} and response.status_code == 200
        data = getattr(response, "data", None)
        single = getattr(self, "detail", False)
        return conditions.tag(data) if single and shows_it and data is not None else ""
