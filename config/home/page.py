"""The page, put together. Its queries are counted by tests/config/test_home.py: their number does not grow."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from config.home import charts, needs
from messaging import clock, daily


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What config/templates/admin/index.html shows (settings.UNFOLD)."""
    now = clock.now()
    clocks, open_count = needs.open_incidents(request.user)
    waiting = list(needs.waiting(request.user))
    drawn = list(charts.drawn(request.user, daily.recent(now)))
    return context | {
        "title": "Home",
        "clocks": clocks,
        "open_count": f"{needs.MOST}+" if open_count > needs.MOST else open_count,
        "needs": waiting,
        "charts": drawn,
        # Days are counted once, for everybody.
        "zone": timezone.get_default_timezone_name(),
        "sees_nothing": not request.user.is_superuser and not request.user.get_all_permissions(),
    }
