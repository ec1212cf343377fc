"""Other systems that hear of events: added, changed, switched off and on, deleted. Admin and API come here alike."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from messaging import clock, wakeups
from messaging.events import addresses, posting, sealing, signing, subscriptions, types
from messaging.events.publishing import WORK_LIST, Occasion, event
from messaging.models import WebhookDelivery, WebhookEndpoint, WebhookEvent, WebhookSubscription

# For so long the secret before the last one signs as well: time to bring the new one to the receiver.
OVERLAP = timedelta(hours=24)
SEE_PHONE_NUMBERS = "messaging.see_phone_numbers"
DELETED = "deleted-webhooks"


@dataclass(frozen=True, slots=True)
class Made:
    """A new endpoint or a new secret. The secret is shown to whoever asked for it, and to nobody ever again."""

    endpoint: WebhookEndpoint
    secret: str


def check_url(url: str) -> None:
    """Whether events may be sent to an address that is written so; what its name resolves to is asked at each delivery.

    Raises:
        ValidationError: no; the message says why.
    """
    try:
        addresses.parse(url, posting.rules())
    except addresses.Refused as problem:
        raise ValidationError(str(problem), code="refused_url") from problem


def check_types(event_types: Collection[str], user: Any = None, already: Collection[str] = ()) -> None:
    """Whether there are such types, and the user may see such events: else they could have them sent to themselves.

    Args:
        event_types: names.
        user: who chooses; None: somebody who may choose any.
        already: types that were chosen before, perhaps by somebody else; these may stay.

    Raises:
        ValidationError: no; the message says why.
    """
    known = types.chosen_from()
    if not event_types:
        raise ValidationError("Choose at least one type of event.", code="no_types")
    if strange := sorted(set(event_types) - set(known)):
        raise ValidationError(
            f"There is no type {', '.join(strange)}. There are: {', '.join(known)}.", code="unknown_types"
        )
    if user is not None:
        check_sender([name for name in event_types if name not in already], user)


def check_sender(event_types: Collection[str], user: Any) -> None:
    """Whether somebody may have events of these types sent to where they say: what they may not see, they may not.

    Events carry whole phone numbers. What is shown of them is masked where it leaves; what is sent is not.

    Raises:
        ValidationError: no; the message says why.
    """
    known = types.chosen_from()
    hidden = [name for name in event_types if name in known and not types.may_see(known[name], user)]
    if hidden:
        raise ValidationError(f"You may not see these events yourself: {', '.join(hidden)}.", code="hidden_types")
    if event_types and not user.has_perm(SEE_PHONE_NUMBERS):
        raise ValidationError("Events carry whole phone numbers, and you may not see these.", code="hidden_numbers")


def check_move(endpoint: WebhookEndpoint, user: Any) -> None:
    """Whether somebody may have an endpoint lead elsewhere: all that it would bring there they may see.

    Not only of the types that it has now: what waits of others still goes, and what it got can be delivered again.

    Raises:
        ValidationError: no; the message says why.
    """
    check_sender([one.event_type for one in endpoint.subscriptions.all()], user)
    hidden = set(types.every()) - set(types.seen_by(user))
    if hidden and endpoint.deliveries.filter(event__type__in=hidden).exists():
        raise ValidationError(
            "There are events for it that you may not see yourself, of types that it had before. Add another endpoint.",
            code="hidden_deliveries",
        )


@transaction.atomic
def create(*, name: str, url: str, event_types: Collection[str], by: str) -> Made:
    """Add an endpoint. Check its fields before.

    Raises:
        django.db.IntegrityError: there is one of this name.
    """
    secret = signing.new_secret()
    endpoint = WebhookEndpoint.objects.create(
        name=name, url=url, secret=sealing.seal(secret), created_at=clock.now(), created_by=by[:150]
    )
    set_types(endpoint, event_types)
    return Made(endpoint, secret)


@transaction.atomic
def change(
    endpoint: WebhookEndpoint,
    *,
    name: str | None = None,
    url: str | None = None,
    event_types: Collection[str] | None = None,
) -> None:
    """Change what is given, and nothing else. A new address is tried at once, and what the old one did is forgotten.

    Raises:
        django.db.IntegrityError: there is another of this name.
    """
    fields: dict[str, Any] = {}
    if name is not None and name != endpoint.name:
        fields["name"] = name
    if url is not None and url != endpoint.url:
        fields |= {"url": url, "next_try_at": None, "failures": 0, "failing_since": None}
    if fields:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**fields)
        for field, value in fields.items():
            setattr(endpoint, field, value)
        wakeups.wake(WORK_LIST)
    if event_types is not None:
        set_types(endpoint, event_types)


def set_types(endpoint: WebhookEndpoint, event_types: Collection[str]) -> None:
    """Have an endpoint hear of these types from now on. What waits for it already stays."""
    held = set(endpoint.subscriptions.values_list("event_type", flat=True))
    endpoint.subscriptions.exclude(event_type__in=event_types).delete()
    WebhookSubscription.objects.bulk_create(
        [
            WebhookSubscription(endpoint=endpoint, event_type=one)
            for one in dict.fromkeys(event_types)
            if one not in held
        ],
        ignore_conflicts=True,
    )
    subscriptions.forget()


@transaction.atomic
def rotate(endpoint: WebhookEndpoint) -> Made:
    """Give it a new secret. The one before it signs as well for OVERLAP; one before that ends at once."""
    row = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    secret = signing.new_secret()
    row.old_secret, row.old_secret_until = row.secret, clock.now() + OVERLAP
    try:
        sealing.unseal(row.old_secret)
    except sealing.CannotOpen:
        # Nobody can sign with it any more.
        row.old_secret, row.old_secret_until = "", None
    row.secret = sealing.seal(secret)
    row.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return Made(row, secret)


@transaction.atomic
def disable(pk: int, *, reason: str, by: str) -> bool:
    """Switch it off: nothing is delivered, and what happens from now on is not kept for it. Returns whether it was on.

    What waits already stays, for as long as messaging.events.dropping says.
    """
    was_on = WebhookEndpoint.objects.filter(pk=pk, disabled_at__isnull=True).update(
        disabled_at=clock.now(),
        disabled_reason=reason[:300],
        disabled_by=by[:150],
        dropped=0,
        dropped_through=None,
    )
    subscriptions.forget()
    return bool(was_on)


@transaction.atomic
def enable(pk: int) -> bool:
    """Switch it on, or try it at once if it is on: what waits is delivered, in order. Returns whether it was off."""
    row = WebhookEndpoint.objects.filter(pk=pk)
    was_off = row.filter(disabled_at__isnull=False).exists()
    row.update(disabled_at=None, disabled_reason="", disabled_by="", failures=0, failing_since=None, next_try_at=None)
    subscriptions.forget()
    wakeups.wake(WORK_LIST)
    return was_off


@transaction.atomic
def remove(endpoint: WebhookEndpoint) -> None:
    """Delete an endpoint: from now on nothing is delivered to it or kept for it, and its name is free.

    What it had may be a million rows: a worker deletes them, some at a time (messaging.events.deleting).
    """
    set_types(endpoint, ())
    # A name is unique, also among those that are gone.
    name = f"{endpoint.name[:60]} (deleted, {secrets.token_hex(8)})"
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        deleted_at=clock.now(), name=name, secret="", old_secret="", old_secret_until=None
    )
    wakeups.wake(DELETED)


@transaction.atomic
def send_test(endpoint: WebhookEndpoint, *, by: str) -> WebhookEvent:
    """Put a test event behind what waits for this endpoint."""
    data = {"endpoint": endpoint.name, "requested_by": by}
    row = event(types.TEST.name, Occasion(endpoint.name, data))
    row.save(force_insert=True)
    WebhookDelivery.objects.create(event=row, endpoint=endpoint)
    wakeups.wake(WORK_LIST)
    return row
