"""Somebody with rows in every table, and a look for them in every column."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from incidents import lifecycle
from incidents.alerts import intake, sources
from incidents.alerts.work import WaitingAlerts
from incidents.models import (
    Alert,
    AlertSource,
    AlertToken,
    EscalationPolicy,
    Incident,
    MaintenanceWindow,
    PolicyStep,
    ReportedDay,
)
from incidents.reports import counting
from messaging import clock, remembering
from messaging.api.messages import MessageSerializer
from messaging.events import endpoints, types
from messaging.events import texts as text_events
from messaging.models import (
    Contact,
    DeliveryEvent,
    InboundMessage,
    OriginationIdentity,
    OutboundMessage,
    Status,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from messaging.outbound import outcomes
from optout import ledger, pleas
from optout.ledger import Entry
from shifts import events as shift_events
from shifts.models import CallAttempt, CallBack, Listing, RosterImport, UnauthorisedText
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.shifts import factories

WORD = "Zanzibar"
NAME = "Annabel Quill"


def everything(number: str = ANN) -> None:
    """Rows of somebody in every table, none of which stands in the way of an erasure; and some of Bob's."""
    _our_number()
    now = clock.now()
    endpoint = listening(f"Desk of {number}")
    segment = factories.segment()
    ann = factories.employee(number, name=NAME, segments=[segment], language="fr", time_zone="Europe/Paris")
    factories.employee(BOB, name="Bob", segments=[segment])
    shift = factories.shift("OLD1", at=-48)
    factories.holding(ann, shift)
    dropped = factories.shift("OLD2", at=-24)
    factories.holding(ann, dropped, dropped_at=now, dropped_by=number)
    Listing.objects.create(employee=ann, last_shift=shift, listed_at=now)
    factories.campaign("july", segment=segment, status="sent", campaign_message=f"Ask {number}", text=f"Ask {number}")
    shift_events.booked(shift, ann, "")
    incident(number)
    reported_today()
    sent, heard = texts(number)
    text_events.moved(Status.DELIVERED, [sent.pk], now)
    text_events.received(heard)
    remembered(sent, f"text-{number}")
    alerted(number)
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
    shift_events.call_back_closed(call.pk)
    told(endpoint)
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
    OutboundMessage.objects.filter(idempotency_key=f"inbound:aws-in-{key}:reply0").update(trace=f"aws-in-{key}")
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
    now = clock.now()
    yes = received("YES", number, inbound_message_id="aws-in-yes", conversation="incidents", subject="123")
    InboundMessage.objects.filter(pk=yes.pk).update(outcome="incidents", routed_at=now)
    said = f"{NAME} ({number}) has incident 123"
    standing(Status.SENT, BOB, conversation="incidents", subject="123", body=said, trace="aws-in-yes")
    standing(Status.SENT, BOB, conversation="incidents", subject="123", body="It is taken.", trace="aws-in-yes")
    return row


def listening(name: str = "Desk") -> WebhookEndpoint:
    """Another system that wants to hear of everything."""
    return endpoints.create(
        name=name, url="https://hooks.example.org/in", event_types=list(types.chosen_from()), by="hr"
    ).endpoint


def told(endpoint: WebhookEndpoint) -> None:
    """Half of what happened was delivered, to somebody who answers with what they got; the rest waits."""
    rows = list(endpoint.deliveries.select_related("event").order_by("pk"))
    for row in rows[::2]:
        now = clock.now()
        WebhookDelivery.objects.filter(pk=row.pk).update(status="delivered", ended_at=now, attempts=1)
        WebhookAttempt.objects.create(
            delivery=row,
            endpoint=endpoint,
            at=now,
            milliseconds=1,
            status_code=200,
            response=row.event.body[:1000],
            problem=f"slow: {row.event.subject}",
        )


def remembered(sent: OutboundMessage, key: str) -> remembering.Answer:
    """The text was asked for by the API, and the answer is kept."""
    user = User.objects.get_or_create(username="desk")[0]
    held = remembering.claim(user.pk, key, "f" * 64)
    assert isinstance(held, remembering.Claim)
    answer = remembering.Answer(201, json.dumps(MessageSerializer(sent).data, cls=JSONEncoder))
    remembering.keep(held, answer)
    return answer


def alerted(number: str = ANN) -> Alert:
    """A machine that has written their number wherever it may; in a maintenance window, so that nobody is asked."""
    now = clock.now()
    source = sources.save(
        AlertSource(
            name=f"Pager of {number}",
            slug="pager",
            kind="generic",
            policy=policy(BOB, name="Machines"),
            key_path="key",
            description_path="said",
            url_path="url",
        )
    )
    AlertToken.objects.create(source=source, name=f"Phone {number}", digest="d" * 64, begins="tb_", created_at=now)
    MaintenanceWindow.objects.create(
        source=source,
        begins_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=5),
        reason=f"{number} works on it",
        created_at=now,
    )
    said = {"key": f"line-{number}", "said": f"Line {number} is down", "url": f"https://example.org/{number}"}
    alert = intake.take(source, said | {"owner": number}).alerts.get()
    WaitingAlerts().run()
    intake.refuse(source, f"<{number}>", f"{number} is no JSON")
    Alert.objects.filter(pk=alert.pk).update(labels={"owner": number}, reason=f"Ask {number}")
    alert.refresh_from_db()
    assert alert.trouble is not None
    return alert


def reported_today() -> ReportedDay:
    """The day was counted for reports."""
    zone = timezone.get_default_timezone()
    day = timezone.localdate(clock.now(), zone)
    return ReportedDay.objects.create(day=day, zone=str(zone), figures=counting.count([day])[day].as_json())


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


def policy(*numbers: str, name: str = "Nights") -> EscalationPolicy:
    """A policy of one step that asks these."""
    row = EscalationPolicy.objects.create(name=name)
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
