"""The admin's page of failed logins: seen, and forgotten, which unlocks."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from config.security.logins import ADDRESS_FAILURE_LIMIT
from messaging.admin.base import Admin, display

_COLOURS = {"Locked": "danger", "Counted": "warning", "Over": "info"}


@admin.register(AccessAttempt)
class FailedLoginAdmin(Admin):
    """Failed logins of one name from one address and browser. Deleting a row forgets them, and so unlocks."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "standing")
    search_fields = ("username", "ip_address")
    search_help_text = "A user name or an address."
    ordering = ("-attempt_time",)
    fields = readonly_fields = (
        "username",
        "ip_address",
        "failures_since_start",
        "attempt_time",
        "standing",
        "user_agent",
        "path_info",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are counted, not written."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Likewise."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with what may be done."""
        title = "Failed logins: delete those of a colleague to unlock them at once"
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    @display(description="Now", label=_COLOURS)
    def standing(self, attempt: AccessAttempt) -> str:
        """Whether it keeps somebody out now. Browsers count together, so a row may be locked by its neighbours."""
        cool_off = settings.AXES_COOLOFF_TIME
        now, recent = timezone.now(), AccessAttempt.objects.filter(ip_address=attempt.ip_address)
        if attempt.attempt_time < now - cool_off:
            return "Over"
        recent = recent.filter(attempt_time__gte=now - cool_off)
        whole = sum(recent.values_list("failures_since_start", flat=True))
        name = sum(recent.filter(username=attempt.username).values_list("failures_since_start", flat=True))
        locked = name >= settings.AXES_FAILURE_LIMIT or whole >= ADDRESS_FAILURE_LIMIT
        return "Locked" if locked else "Counted"
