"""API tokens: made by `manage.py create_token`, seen and revoked here.

knox registers a page of its own that makes tokens and shows them in a message, which stays in cookies and logs.
"""

from typing import Any

import knox.admin  # noqa: F401 - its page must be there before ours takes its place
from django.contrib import admin
from django.http import HttpRequest
from knox.models import AuthToken

from messaging.admin.base import Admin, display

admin.site.unregister(AuthToken)


@admin.register(AuthToken)
class AuthTokenAdmin(Admin):
    """API tokens. Deleting one revokes it at once."""

    nothing_yet = "No tokens yet"
    nothing_yet_hint = "manage.py create_token makes one for a system that uses the API."
    list_display = ("token", "user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("token_key", "user__username")
    fields = readonly_fields = ("token", "user", "created", "expiry")
    ordering = ("-created",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`manage.py create_token` makes them: its output goes to one person."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is good or it is revoked."""
        return False

    @display(description="Token begins with")
    def token(self, token: AuthToken) -> str:
        """As much of it as is known; the rest is a hash."""
        return f"{token.token_key}…"
