"""Somebody with rows in every table, and a look for them in every column."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User

from incidents import lifecycle
from incidents.models import EscalationPolicy, Incident, PolicyStep
from messaging import clock
from messaging.models import Contact, DeliveryEvent, InboundMessage, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import outcomes
from optout import ledger, pleas
from optout.ledger import Entry
from shifts.models import CallAttempt, CallBack, Listing, RosterImport, UnauthorisedText
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.shifts import factories

WORD = "Zanzibar"
NAME = "Annabel Quill"


def everything(number: str = ANN) -> None:
    """Rows of somebody in every table, none of which stands in the way of an erasure; and some of Bob's."""
    _our_number()
    now = clock.now()
    segment = factories.segment()
    ann = factories.employee(number, name=NAME, segments=[segment], language="fr", time_zone="Europe/Paris")
    factories.employee(BOB, name="Bob", segments=[segment])
    shift = factories.shift("OLD1", at=-48)
    factories.holding(ann, shift)
    dropped = factories.shift("OLD2", at=-24)
    factories.holding(ann, dropped, dropped_at=now, dropped_by=number)
    Listing.objects.create(employee=ann, last_shift=shift, listed_at=now)
    factories.campaign("july", segment=segment, status="sent", campaign_message=f"Ask {number}", text=f"Ask {number}")
    incident(number)
    texts(number)
    opt_out(number)
    call = CallBack.objects.create(
        phone_number=number,
        inbound_message_id="aws-call",
        origination_identity=OUR_NUMBER,
        status="closed",
        requested_at=now,
        ended_at=now,
        closed_by="hr",
        note=f"{WORD}, said {NAME}",
        contact_id="connect-1",
    )
    CallAttempt.objects.create(call_back=call, actor="hr", begun_at=now, ended_at=now, outcome="called", note=WORD)
    UnauthorisedText.objects.create(phone_number=number, inbound_message_id="aws-un", received_at=now, body=WORD)
    RosterImport.objects.create(
        segment_name="Night nurses",
        file_name="nurses.csv",
        content=b"",
        status="refused",
        errors=[{"line": 2, "column": "", "message": f"{number} is listed twice"}],
        created_at=now,
        created_by="hr",
        ended_at=now,
    )
    rows = [Contact.objects.get(phone_number=number), ann, InboundMessage.objects.filter(body__contains=WORD)[0]]
    for row in rows:
        LogEntry.objects.log_actions(
            User.objects.get_or_create(username="hr")[0].pk, [row], CHANGE, f"Put in touch with {number}."
        )


def _our_number() -> None:
    OriginationIdentity.objects.get_or_create(
        identity=OUR_NUMBER,
        defaults={"kind": "ten_dlc", "iso_country_code": "US", "mps": 1, "is_default": True},
    )


def texts(number: str = ANN, at: Any = None) -> tuple[OutboundMessage, InboundMessage]:
    """A campaign's text that was delivered, an answer to it and an answer to that, and news from AWS."""
    at = at or clock.now()
    key = f"{at.timestamp()}"
    sent = standing(
        Status.DELIVERED,
        number,
        body=f"{WORD} {key}",
        conversation="shifts",
        subject="july",
        priority=30,
        idempotency_key=f"campaign:july:{number}",
        delivered_at=at,
        queued_at=at,
        carrier_message_id=f"aws-out-{key}",
        price="0.00645",
        currency="USD",
        parts=2,
    )
    DeliveryEvent.objects.create(
        sns_message_id=f"sns-{key}",
        carrier_message_id=sent.carrier_message_id or "",
        event_type="TEXT_DELIVERED",
        is_final=True,
        occurred_at=at,
        stored_at=at,
        description=f"Delivered to {number}",
        payload={"destinationPhoneNumber": number, "messageId": sent.carrier_message_id},
        message=sent,
        applied_at=at,
        apply_after=at,
    )
    heard = received(
        f"{WORD} please stop",
        number,
        inbound_message_id=f"aws-in-{key}",
        previous_published_message_id=sent.carrier_message_id,
        message_keyword=WORD,
        outcome="shifts",
        conversation="shifts",
        subject="july",
        routed_at=at,
        received_at=at,
        stored_at=at,
    )
    standing(Status.SENT, number, body=WORD, idempotency_key=f"inbound:aws-in-{key}:reply0", sent_at=at, queued_at=at)
    pleas.dismiss(pleas.note(heard), by="hr")
    return sent, heard


def incident(number: str = ANN) -> Incident:
    """An incident that they took, of which Bob was told with their name, and which is over."""
    _our_number()
    row, _ = lifecycle.open_incident(
        lifecycle.Request(
            incident_id="123",
            description=f"{NAME} called: the cold store is warm, ring {number}",
            url="",
            first_contact=number,
            second_contact=BOB,
            wait_seconds=40,
        ),
        actor="monitoring",
    )
    lifecycle.add_note("123", actor="hr", note=f"{NAME} has the keys, {WORD}", contact=number)
    lifecycle.acknowledge("123", contact=number, note=WORD)
    lifecycle.resolve("123", actor="hr")
    OutboundMessage.objects.filter(status=Status.QUEUED).update(
        status=Status.SENT, sent_at=clock.now(), attempted_at=clock.now() - timedelta(days=4), attempts=1
    )
    for text in OutboundMessage.objects.filter(status=Status.SENT, carrier_message_id=None):
        OutboundMessage.objects.filter(pk=text.pk).update(carrier_message_id=f"aws-incident-{text.pk}")
    outcomes.tell(0, for_as_long_as=timedelta(minutes=1))
    standing(Status.SENT, BOB, conversation="incidents", subject="123", body=f"{NAME} ({number}) has incident 123")
    return row


def opt_out(number: str = ANN, action: str = "opt_out", **fields: Any) -> None:
    """Said by text."""
    values = {
        "phone_number": number,
        "origination_identity": OUR_NUMBER,
        "action": action,
        "source": "sms",
        "word": "STOP",
        "text": f"Stop. {WORD}",
        "reason": f"by {number}",
    }
    ledger.record(Entry(**values | fields))


def policy(*numbers: str) -> EscalationPolicy:
    """A policy of one step that asks these."""
    row = EscalationPolicy.objects.create(name="Nights")
    step = PolicyStep.objects.create(policy=row, position=1)
    step.contacts.set(Contact.objects.get_or_create(phone_number=number)[0] for number in numbers)
    return row


def traces(*words: str) -> Iterator[str]:
    """Where any of these words stands, whatever the column: ``messaging.Contact.name``."""
    for model in (one for one in apps.get_models() if one._meta.managed):
        fields = model._meta.concrete_fields
        for row in model._base_manager.all():
            for field in fields:
                value = field.value_from_object(row)
                text = bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
                if any(word in text for word in words):
                    yield f"{model._meta.label}.{field.name}"
