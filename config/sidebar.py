"""The admin's sidebar: what people work with first, in their words, and only what they may see."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from messaging import selectors
from messaging.events import selectors as webhooks
from optout import selectors as optout
from shifts.calls import callbacks

# Counting further would read a table that may be large, on each page.
_MOST_COUNTED = 99


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar; of its items, the one that the page belongs to is marked."""

    def _item(
        title: str, icon: str, app: str, model: str, *, page: str = "changelist", badge: Callable[[], str] | None = None
    ) -> dict[str, Any]:
        # What stands beside an item that somebody does not see need not be counted for them.
        count = badge() if badge and request.user.has_perm(f"{app}.view_{model}") else ""
        return {
            "title": title,
            "icon": icon,
            "link": reverse(f"admin:{app}_{model}_{page}"),
            "permission": _may_view(app, model),
            **({"badge": count, "badge_variant": "danger"} if count else {}),
        }

    groups: list[dict[str, Any]] = [
        {
            "title": "Work",
            "items": [
                _item("Incidents", "warning", "incidents", "incident"),
                _item("Alerts", "notifications_active", "incidents", "alert"),
                _item("Campaigns", "campaign", "shifts", "campaign"),
                _item("Week of shifts", "calendar_view_week", "shifts", "shift", page="week"),
                _item("Shifts", "event_available", "shifts", "shift"),
                _item("Call backs", "phone_callback", "shifts", "callback", badge=_call_backs),
                _item("Inbox", "inbox", "messaging", "inboundmessage", page="inbox", badge=_waiting),
                _item("Texts received", "mark_chat_read", "messaging", "inboundmessage"),
                _item("Texts sent", "send", "messaging", "outboundmessage"),
                _item("Consent", "how_to_reg", "optout", "consent"),
                _item("Consent history", "history", "optout", "consentevent"),
                _item("Review list", "rate_review", "optout", "plea", badge=_pleas),
                _item("Not authorised", "no_accounts", "shifts", "unauthorisedtext"),
            ],
        },
        {
            "title": "Set up",
            "separator": True,
            "items": [
                _item("Employees", "badge", "shifts", "employee"),
                _item("Segments", "groups", "shifts", "segment"),
                _item("Imports", "upload_file", "shifts", "rosterimport"),
                _item("Escalation policies", "stairs", "incidents", "escalationpolicy"),
                _item("Alert sources", "sensors", "incidents", "alertsource"),
                _item("Maintenance windows", "event_busy", "incidents", "maintenancewindow"),
                _item("Contacts", "contacts", "messaging", "contact"),
                _item("Numbers", "dialpad", "messaging", "originationidentity", badge=_stopped),
                _item("Budgets", "savings", "messaging", "budget"),
                _item("Countries", "public", "messaging", "countryrule"),
                _item("Keywords", "quickreply", "messaging", "keyword"),
                _item("Texts to people", "translate", "messaging", "texttemplate"),
                _item("Prices per part", "payments", "messaging", "partprice"),
                _item("Webhook endpoints", "webhook", "messaging", "webhookendpoint", badge=_webhooks_off),
            ],
        },
        {
            "title": "Administration",
            "separator": True,
            "collapsible": True,
            "items": [
                _item("Users", "person", "auth", "user"),
                _item("Groups", "group", "auth", "group"),
                _item("API tokens", "key", "knox", "authtoken"),
                _item("Changes", "manage_history", "admin", "logentry"),
                _item("Failed logins", "lock", "axes", "accessattempt"),
                _item("Erasures", "person_off", "messaging", "privacyrecord"),
                _item("Erasures under way", "hourglass", "messaging", "erasurerequest"),
                _item("Delivery events", "receipt_long", "messaging", "deliveryevent"),
                _item("Webhook deliveries", "outbox", "messaging", "webhookdelivery"),
                _item("Alert deliveries", "move_to_inbox", "incidents", "alertdelivery"),
            ],
        },
    ]
    _mark([item for group in groups for item in group["items"]], request.path)
    return groups


def _mark(items: list[dict[str, Any]], path: str) -> None:
    """Mark the item that a page belongs to: of those whose address it begins with, the longest.

    Left to itself, Unfold marks every item whose address is part of the path: the texts received, below which the inbox
    lies, together with the inbox.
    """
    here = max((item["link"] for item in items if path.startswith(item["link"])), key=len, default=None)
    for item in items:
        item["active"] = item["link"] == here


def _waiting() -> str:
    """How many texts wait for a person."""
    return _number(len(selectors.waiting_for_staff().values_list("pk")[: _MOST_COUNTED + 1]))


def _pleas() -> str:
    """How many texts may be pleas to stop, and wait for a person."""
    return _number(len(optout.waiting_pleas().order_by().values_list("pk")[: _MOST_COUNTED + 1]))


def _call_backs() -> str:
    """How many employees wait to be called."""
    return _number(len(callbacks.queue().order_by().values_list("pk")[: _MOST_COUNTED + 1]))


def _stopped() -> str:
    """How many numbers send nothing until somebody mends something, and how many for the moment."""
    lanes = {"paused": selectors.paused_lanes(), "held": selectors.held_lanes()}
    counts = {how: len(found.values_list("pk")) for how, found in lanes.items()}
    return ", ".join(f"{count} {how}" for how, count in counts.items() if count)


def _webhooks_off() -> str:
    """How many systems hear of nothing any more, until somebody mends something."""
    return _number(len(webhooks.disabled().order_by().values_list("pk")[: _MOST_COUNTED + 1]))


def _number(count: int) -> str:
    return f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else str(count or "")


def _may_view(app: str, model: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app}.view_{model}")
