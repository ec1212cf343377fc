"""One text to many people: a few thousand rows by one statement."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from messaging import clock, counted, numbers, text, wakeups
from messaging.contracts import Broadcast
from messaging.events import texts as events
from messaging.lookups import OneOf, adapted_list, unpacked
from messaging.models import OutboundMessage, Status
from messaging.outbound import guards

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """Whom a broadcast may be sent to: the number it leaves from for each, and why others must not get it.

    A refusal is (error code, reason). ``doubt`` says why guards could not be asked; blank when they were.
    """

    identities: Mapping[str, str]
    refusals: Mapping[str, tuple[str, str]]
    doubt: str = ""


def judge(phone_numbers: Collection[str], *, origination_identity: str | None, expects_reply: bool) -> Judged:
    """Choose the number for each recipient and ask the guards, a fixed number of queries for any number of people.

    A guard that cannot be asked refuses nobody here: it is asked again before each text is sent.

    Raises:
        messaging.numbers.NoOriginationIdentity: there is no number to send from.
    """
    identities = numbers.choose_for_all(phone_numbers, wanted=origination_identity, expects_reply=expects_reply)
    try:
        with transaction.atomic():
            refused = guards.refusals(list(identities.items()))
    except guards.CannotTell as problem:
        logger.exception("A send guard could not be asked; the texts wait")
        return Judged(identities, {}, doubt=str(problem))
    return Judged(identities, {number: ("GUARD", reason[:500]) for (number, _), reason in refused.items()})


def queue_for_all(
    broadcast: Broadcast,
    phone_numbers: Collection[str],
    refused: Mapping[str, tuple[str, str]] | None = None,
    bodies: Mapping[str, str] | None = None,
) -> int:
    """Queue a text to each of these people, unless they have their row already. Returns how many rows were made.

    Memory grows with the number of people: give it a few thousand at a time. Whoever must not get the text has a row
    as well, ``suppressed``, with the reason.

    Args:
        broadcast: the text.
        phone_numbers: to whom, E.164, each once.
        refused: whom the conversation itself forbids, each with (error code, reason).
        bodies: what those read whose text is another than the broadcast's, in their language for example. Guards are
            asked once for all; each further body is a further statement.

    Raises:
        messaging.text.BodyEmpty: nothing but white space.
        messaging.text.BodyTooLong: longer than AWS takes.
        messaging.numbers.NoOriginationIdentity: there is no number to send from.
    """
    others = bodies or {}
    sizes = {body: text.check(body) for body in {broadcast.body, *others.values()}}
    judged = judge(
        phone_numbers, origination_identity=broadcast.origination_identity, expects_reply=broadcast.expects_reply
    )
    refusals = {**judged.refusals, **(refused or {})}
    now = clock.now()
    common: dict[str, Any] = {
        "conversation": broadcast.conversation,
        "subject": broadcast.subject,
        "message_type": broadcast.message_type,
        "priority": broadcast.priority,
        "delivery_policy": broadcast.delivery_policy,
        "expects_reply": broadcast.expects_reply,
        "actor": broadcast.actor,
        "due_at": now,
        "queued_at": now,
    }

    def said(body: str, identity: str) -> dict[str, Any]:
        size = sizes[body]
        own = {"body": body, "encoding": size.encoding, "parts": size.parts, "origination_identity": identity}
        return common | own

    made, any_allowed = 0, False
    for body, identities in _by_body(judged.identities, broadcast.body, others).items():
        allowed: dict[str, list[str]] = {}
        for number, identity in identities.items():
            if number not in refusals:
                allowed.setdefault(identity, []).append(number)
        for identity, recipients in allowed.items():
            made += _insert(said(body, identity), broadcast.key_prefix, recipients)
        any_allowed = any_allowed or bool(allowed)
    by_reason: dict[tuple[str, str, tuple[str, str]], list[str]] = {}
    for number, refusal in refusals.items():
        body = others.get(number, broadcast.body)
        by_reason.setdefault((body, judged.identities[number], refusal), []).append(number)
    for (body, identity, refusal), recipients in by_reason.items():
        made += _insert_ended(said(body, identity) | _ended(refusal, now), broadcast.key_prefix, recipients)
    if any_allowed:
        wakeups.wake("lanes")
    return made


def _by_body(identities: Mapping[str, str], body: str, others: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """People and their numbers of ours, by what they read."""
    if not others:
        return {body: identities}
    found: dict[str, dict[str, str]] = {}
    for number, identity in identities.items():
        found.setdefault(others.get(number, body), {})[number] = identity
    return {**found}


def _insert_ended(values: Mapping[str, Any], key_prefix: str, recipients: Sequence[str]) -> int:
    if not events.wanted(Status.SUPPRESSED):
        return _insert(values, key_prefix, recipients)
    with transaction.atomic():
        made = _insert(values, key_prefix, recipients)
        # Those whose row was there already were told of when it was made.
        keys = OneOf("idempotency_key", [f"{key_prefix}{number}" for number in recipients])
        rows = OutboundMessage.objects.filter(keys, status=Status.SUPPRESSED).order_by("pk")
        events.moved(Status.SUPPRESSED, list(rows.values_list("pk", flat=True)), values["ended_at"])
    return made


def _ended(refusal: tuple[str, str], now: datetime) -> dict[str, Any]:
    code, reason = refusal
    return {"status": Status.SUPPRESSED, "error_code": code, "error_reason": reason, "ended_at": now}


def _insert(values: Mapping[str, Any], key_prefix: str, recipients: Sequence[str]) -> int:
    """INSERT … SELECT of one row for each recipient; those whose idempotency key is there already are left alone."""
    model = OutboundMessage(**values)
    columns, parameters = list[str](), list[Any]()
    for field in OutboundMessage._meta.concrete_fields:
        if field.primary_key or field.name in ("destination_phone_number", "idempotency_key"):
            continue
        columns.append(connection.ops.quote_name(str(field.column)))
        parameters.append(field.get_db_prep_save(field.pre_save(model, add=True), connection))
    places = ", ".join(["%s"] * len(columns))
    statement = (
        f"INSERT INTO {connection.ops.quote_name(OutboundMessage._meta.db_table)}"  # noqa: S608
        f" ({', '.join(columns)}, destination_phone_number, idempotency_key)"
        f" SELECT {places}, recipient, %s || recipient FROM {unpacked('recipient')}"
        " WHERE true ON CONFLICT (idempotency_key) DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, key_prefix, adapted_list(recipients)])
        made = int(cursor.rowcount)
    counted.TEXTS.add_on_commit(model.status, times=made)
    return made
