"""Consent in words: of which number, how somebody stands, and what recording came to."""

from datetime import datetime

from django.contrib import messages
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from optout import selectors
from optout.ledger import Recorded
from optout.models import Action, Source, State
from optout.standing import Standing

WHO_HAS_NAME = '<span class="flex flex-col text-right lg:text-left">{}<span class="text-base-500">{}</span></span>'
STATES = {State.OPTED_OUT.value: "warning", State.OPTED_IN.value: "success"}
ACTIONS = {Action.OPT_OUT.value: "warning", Action.OPT_IN.value: "success"}
_LEADS_TO = {Action.OPT_OUT.value: State.OPTED_OUT.value, Action.OPT_IN.value: State.OPTED_IN.value}


def who(phone_number: str, name: str | None) -> str:
    """A phone number in a list, and below it the name if there is one."""
    return format_html(WHO_HAS_NAME, phone_number, name) if name else phone_number


def ours(scope: str) -> str:
    """The number of ours that something concerns."""
    return scope or "every number"


def moment(at: datetime) -> str:
    """A moment in the admin's time zone."""
    return date_format(localtime(at), "DATETIME_FORMAT")


def stands(standing: Standing) -> str:
    """A state, since when and by which way."""
    return f"{State(standing.state).label} since {moment(standing.since)} ({Source(standing.source).label.lower()})"


def outcome(recorded: Recorded) -> tuple[str, int]:
    """How the person stands after what was recorded, and the level of that message."""
    event = recorded.event
    now = selectors.standing_with(event.phone_number, event.scope)
    state = now.state if now else _LEADS_TO[event.action]
    preposition = "in to" if state == State.OPTED_IN else "out of"
    texts = f"texts from {'every number of ours' if event.every_number else event.scope}"
    if now and state != _LEADS_TO[event.action]:
        later = f"that was said later ({moment(now.latest_at)}), and the latest word decides."
        return f"Recorded, but {event.phone_number} stays opted {preposition} {texts}: {later}", messages.WARNING
    if not recorded.changed:
        return f"{event.phone_number} was opted {preposition} {texts} before, and stays so.", messages.INFO
    return f"{event.phone_number} is opted {preposition} {texts}.", messages.SUCCESS
