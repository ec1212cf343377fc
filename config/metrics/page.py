"""GET /metrics. Open to whoever has METRICS_TOKEN, or asks from METRICS_ALLOWED by a connection of their own."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from config.metrics.access import may_read
from config.metrics.collecting import latest

_HINT = "Metrics are for the inside: send METRICS_TOKEN as a bearer token, or ask from a network of METRICS_ALLOWED.\n"
# What proxies add, and a browser or Prometheus never does.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """How Textback stands, and what it has counted."""
    allowed = may_read(
        authorization=request.headers.get("Authorization", ""),
        address=request.META.get("REMOTE_ADDR"),
        token=settings.METRICS_TOKEN,
        allowed=settings.METRICS_ALLOWED,
        forwarded=any(name in request.META for name in _FORWARDED),
    )
    if not allowed:
        refused = HttpResponse(_HINT, status=403, content_type="text/plain; charset=utf-8")
        # Whoever scans the internet asks for this; one warning for each would tell nothing.
        refused._has_been_logged = True  # type: ignore[attr-defined]
        return refused
    return HttpResponse(latest(), content_type=CONTENT_TYPE_LATEST)
