"""One row of everything that the admin and the API show, each in a state in which it can be acted on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from knox.models import AuthToken

from incidents import lifecycle
from incidents.alerts import intake, sources, tokens, windows
from incidents.models import AlertSource, EscalationPolicy
from messaging import clock
from messaging.events import endpoints
from messaging.models import (
    Budget,
    Contact,
    CountryRule,
    ErasureRequest,
    Keyword,
    OriginationIdentity,
    PartPrice,
    PrivacyRecord,
    TextTemplate,
)
from messaging.privacy import names
from optout import ledger, pleas
from optout.ledger import Entry
from optout.models import Action, Consent, ConsentEvent, Source
from shifts.models import CallBack, RosterImport, UnauthorisedText
from tests.messaging.api.rows import event, inbound, outbound
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.shifts import factories


@dataclass(frozen=True)
class World:
    """label of a model (``shifts.Campaign``) → its row."""

    rows: dict[str, Any]

    def __getitem__(self, label: str) -> Any:
        return self.rows[label]


def world() -> World:
    """Make it."""
    now = clock.now()
    number = OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=1, is_default=True
    )
    incident, _ = lifecycle.open_incident(
        lifecycle.Request(
            incident_id="123",
            description="The cold store is warm",
            url="https://example.com/r",
            first_contact=ANN,
            second_contact=BOB,
            wait_seconds=40,
        ),
        actor="monitoring",
    )
    segment = factories.segment()
    ann = factories.employee(ANN, name="Ann", segments=[segment])
    shift = factories.shift(at=48, places=3)
    factories.holding(ann, shift)
    campaign = factories.campaign(segment=segment, shifts=[shift], status="sending")
    factories.campaign("draft", segment=segment, shifts=[shift])
    text = inbound(body="please stop texting me", outcome="unmatched")
    ledger.record(
        Entry(
            phone_number=BOB,
            origination_identity=OUR_NUMBER,
            action=Action.OPT_OUT,
            source=Source.STAFF,
            actor="alice",
            reason="asked on the phone",
        )
    )
    consent = Consent.objects.get()
    source = sources.save(
        AlertSource(name="Monitoring", kind="generic", key_path="key", description_path="said", resolved_values="ok")
    )
    tokens.make(source, "the monitoring server", actor="alice")
    delivery = intake.take(source, {"key": "pump", "said": "Pump 4 has stopped"})
    message = outbound(1, status="failed", error_reason="No such number", subject="shifts:july")
    endpoint = endpoints.create(
        name="Dispatch", url="https://dispatch.example.com/hooks", event_types=["incident.opened"], by="alice"
    ).endpoint
    told = endpoints.send_test(endpoint, by="alice")
    rows = {
        "auth.User": User.objects.create_user("machine"),
        "auth.Group": Group.objects.create(name="Dispatchers"),
        "admin.LogEntry": LogEntry.objects.log_actions(
            User.objects.create_user("somebody").pk,
            [number],
            CHANGE,
            "Pause: the number is paused.",
            single_object=True,
        ),
        "axes.AccessAttempt": AccessAttempt.objects.create(
            username="alice", ip_address="192.0.2.7", failures_since_start=5, user_agent="x", path_info="/admin/login/"
        ),
        "knox.AuthToken": AuthToken.objects.create(User.objects.create_user("another machine"))[0],
        "messaging.Contact": Contact.objects.get(phone_number=ANN),
        "messaging.DeliveryEvent": event(message),
        "messaging.ErasureRequest": ErasureRequest.objects.create(
            phone_number="+14255550188",
            stand_in="erased-aaaaaaaaa",
            reason="asked by letter",
            actor="alice",
            requested_at=now,
            next_try_at=now + timedelta(days=1),
        ),
        "messaging.PrivacyRecord": PrivacyRecord.objects.create(
            kind="erasure",
            fingerprint="b" * 32,
            key_id=names.key_id(),
            stand_in="erased-bbbbbbbbb",
            actor="alice",
            reason="asked by letter",
            began_at=now,
            at=now,
            counts={"messaging.Contact": 1},
        ),
        "messaging.InboundMessage": text,
        "messaging.Keyword": Keyword.objects.create(word="HOURS", text="We are open."),
        "messaging.OriginationIdentity": number,
        "messaging.OutboundMessage": message,
        "messaging.Budget": Budget.objects.create(amount="100"),
        "messaging.CountryRule": CountryRule.objects.create(iso_country_code="FR", allowed=False),
        "messaging.PartPrice": PartPrice.objects.create(iso_country_code="GB", price="0.04"),
        "messaging.TextTemplate": TextTemplate.objects.create(
            key="incidents.thanks", language="es", text="Gracias: {id}. {what}", changed_by="alice", changed_at=now
        ),
        "messaging.WebhookEndpoint": endpoint,
        "messaging.WebhookDelivery": told.deliveries.get(),
        "incidents.Incident": incident,
        "incidents.AlertSource": source,
        "incidents.MaintenanceWindow": windows.make(
            source=source,
            matchers="key=pump*",
            begins_at=now,
            ends_at=now + timedelta(days=1),
            reason="New pumps",
            actor="alice",
        ),
        "incidents.Alert": delivery.alerts.get(),
        "incidents.AlertDelivery": delivery,
        "incidents.EscalationPolicy": EscalationPolicy.objects.create(name="Nights"),
        "shifts.CallBack": CallBack.objects.create(
            phone_number=ANN,
            inbound_message_id="in-1",
            origination_identity=OUR_NUMBER,
            status="waiting",
            requested_at=now,
        ),
        "shifts.Campaign": campaign,
        "shifts.RosterImport": RosterImport.objects.create(
            segment_name="Night nurses",
            file_name="nurses.csv",
            content=b"phone_number\n+14255550184\n",
            status="checked",
            rows_total=1,
            created_at=now,
            created_by="alice",
        ),
        "shifts.Employee": ann,
        "shifts.Segment": segment,
        "shifts.UnauthorisedText": UnauthorisedText.objects.create(
            phone_number=BOB, inbound_message_id="in-2", received_at=now, body="XYZ123"
        ),
        "shifts.Shift": shift,
        "optout.Consent": consent,
        "optout.ConsentEvent": ConsentEvent.objects.get(),
        "optout.Plea": pleas.note(text),
    }
    return World(rows)
