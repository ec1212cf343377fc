"""The facts of webhooks in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime

from messaging.events import dropping, selectors
from messaging.models import WebhookAttempt, WebhookEndpoint

_MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class State:
    """How an endpoint stands: a word, its tone, and a sentence."""

    word: str
    tone: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Card:
    """What the page of an endpoint says above its form."""

    state: State
    facts: Sequence[tuple[str, str]]
    tries: Sequence[WebhookAttempt]
    log_url: str


def state(endpoint: WebhookEndpoint, now: datetime) -> State:
    """How it stands."""
    if endpoint.disabled_at:
        since = f"Off since {moment(endpoint.disabled_at)}: {endpoint.disabled_reason}"
        if endpoint.disabled_by:
            return State("off", "plain", f"{since} What happens now is not kept for it.")
        kept = f"What happens now waits for it: {dropping.off_days()} days, {dropping.off_events():,} events at most."
        return State("off", "danger", f"{since} {kept}")
    if endpoint.failing_since:
        return State("failing", "warning", f"Nothing could be delivered since {moment(endpoint.failing_since)}.")
    return State("on", "success", "Events are delivered as they happen.")


def card(endpoint: WebhookEndpoint, now: datetime, log_url: str, seen: Sequence[str]) -> Card:
    """All of it; the endpoint comes with ``waits_since``. Tries of events of the types that somebody sees."""
    tries = WebhookAttempt.objects.filter(endpoint=endpoint, delivery__event__type__in=seen)
    tries = tries.select_related("delivery__event")
    return Card(state(endpoint, now), list(_facts(endpoint, now)), list(tries.order_by("-id")[:_MOST_TRIES]), log_url)


def _facts(endpoint: WebhookEndpoint, now: datetime) -> list[tuple[str, str]]:
    facts = [("Last delivery", moment(endpoint.delivered_at) if endpoint.delivered_at else "None yet")]
    waits_since = getattr(endpoint, "waits_since", None)
    if waits_since:
        count = selectors.waiting(endpoint)
        most = count == selectors.COUNTED_TO
        facts.append(("Waiting", f"{count}{' or more' if most else ''}, the oldest since {moment(waits_since)}"))
    else:
        facts.append(("Waiting", "Nothing"))
    if endpoint.dropped and endpoint.dropped_through:
        many = "event" if endpoint.dropped == 1 else "events"
        facts.append(("Dropped", f"{endpoint.dropped:,} {many}, the last of {moment(endpoint.dropped_through)}"))
    if endpoint.failing_since and not endpoint.disabled_at:
        facts.append(("Failed tries in a row", str(endpoint.failures)))
        at = endpoint.next_try_at
        facts.append(("Next try", moment(at) if at and at > now else "Now"))
    if endpoint.old_secret_until and endpoint.old_secret_until > now:
        facts.append(("Old secret", f"Signs as well until {moment(endpoint.old_secret_until)}"))
    return facts


def moment(at: datetime) -> str:
    """A time as staff read it."""
    return date_format(localtime(at), "DATETIME_FORMAT")


def took(milliseconds: int) -> str:
    """How long a try took."""
    return f"{milliseconds} ms" if milliseconds < 10_000 else f"{timedelta(milliseconds=milliseconds).seconds} s"
