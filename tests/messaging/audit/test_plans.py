"""In a database that is full of what is over, what is stuck is found by its index."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from incidents.models import Alert, AlertDelivery, AlertSource, Incident
from messaging import audit, clock
from messaging.models import DeliveryEvent, InboundMessage, Lane, OriginationIdentity, OutboundMessage, Status
from shifts.models import Campaign
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.factories import segment

pytestmark = pytest.mark.usefixtures("time")

_MANY = 2_000
_OVER = (Status.DELIVERED, Status.SENT, Status.FAILED, Status.SUPPRESSED, Status.CANCELLED)

_UNSETTLED = {"messaging_outbound_unsettled"}
# check → which index its plan must name
SERVED = {
    "messaging.stuck_sending": _UNSETTLED,
    "messaging.unknown_not_resent": _UNSETTLED,
    "messaging.unknown_at_most_once": _UNSETTLED | {"messaging_outbound_pace"},
    "messaging.past_time_to_live": {"messaging_outbound_expiry"},
    "messaging.untold_outcome": {"messaging_outbound_outcomes"},
    "messaging.unrouted": {"messaging_inbound_unrouted"},
    "messaging.unapplied_event": {"messaging_event_waiting"},
    "messaging.lane_stands_still": {"messaging_outbound_claim"},
    "messaging.text_overtaken": {"messaging_outbound_claim"},
    "messaging.refused_for_long": {"messaging_outbound_claim"},
    "messaging.two_within_a_second": {"messaging_outbound_pace"},
    "incidents.overdue": {"incidents_due"},
    "incidents.step_fails": {"incidents_due"},
    # Of those that wait there are few, by either index.
    "incidents.alerts_waiting": {"incidents_alert_waiting", "incidents_alert_turn", "incidents_alert_outcome_id"},
    "incidents.alerts_failing": {"incidents_alert_waiting", "incidents_alert_turn", "incidents_alert_outcome_id"},
    "shifts.campaign_not_begun": {"shifts_campaign_due"},
}


@pytest.fixture
def full(number: OriginationIdentity) -> None:
    """A year of texts, incidents and campaigns, all of them over."""
    Lane.objects.create(origination_identity=number)
    now = clock.now()
    at = [now - timedelta(days=2, minutes=one) for one in range(_MANY)]
    OutboundMessage.objects.bulk_create(
        OutboundMessage(
            idempotency_key=f"full:{one}",
            destination_phone_number=f"+1425{one:07}",
            origination_identity=OUR_NUMBER,
            encoding="GSM",
            parts=1,
            status=_OVER[one % len(_OVER)],
            carrier_message_id=f"carrier-{one}",
            attempts=1,
            **dict.fromkeys(("due_at", "queued_at", "attempted_at", "sent_at", "delivered_at"), then),
        )
        for one, then in enumerate(at)
    )
    InboundMessage.objects.bulk_create(
        InboundMessage(
            inbound_message_id=f"full:{one}",
            sns_message_id=f"full:{one}",
            origination_phone_number=f"+1425{one:07}",
            destination_phone_number=OUR_NUMBER,
            outcome="unmatched",
            **dict.fromkeys(("received_at", "stored_at", "route_after", "routed_at"), then),
        )
        for one, then in enumerate(at)
    )
    DeliveryEvent.objects.bulk_create(
        DeliveryEvent(
            sns_message_id=f"full:{one}",
            carrier_message_id=f"carrier-{one}",
            event_type="TEXT_DELIVERED",
            is_final=True,
            payload={},
            **dict.fromkeys(("occurred_at", "stored_at", "applied_at", "apply_after"), then),
        )
        for one, then in enumerate(at)
    )
    Incident.objects.bulk_create(
        Incident(incident_id=f"full-{one}", wait_seconds=60, status="cancelled", opened_at=then, ended_at=then)
        for one, then in enumerate(at)
    )
    source = AlertSource.objects.create(name="Full", slug="full", kind="alertmanager", prefix="F")
    delivery = AlertDelivery.objects.create(source=source, received_at=now, raw="{}", size=2)
    Alert.objects.bulk_create(
        Alert(
            delivery=delivery,
            source=source,
            key=f"full-{one}",
            digest=f"full-{one}",
            state="firing",
            description="Full",
            outcome="opened",
            **dict.fromkeys(("received_at", "not_before"), then),
        )
        for one, then in enumerate(at)
    )
    nurses = segment()
    Campaign.objects.bulk_create(
        Campaign(
            campaign_id=f"full-{one}",
            segment=nurses,
            status="sent",
            text="Hello",
            **dict.fromkeys(("scheduled_at", "created_at", "started_at", "expanded_at", "ended_at"), then),
        )
        for one, then in enumerate(at)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plans_of(check: str) -> str:
    """The plans of every statement the check makes, with its parameters bound as it binds them."""
    made: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        made.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert audit.perform(only=check).errors == {}
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    plans: list[str] = []
    with connection.cursor() as cursor:
        # Of the sizes, which are counted as well, nothing is asked here.
        for sql, params in made:
            if sql.startswith("SELECT") and "COUNT(*)" not in sql:
                cursor.execute(explain + sql, params)
                plans += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(plans)


@pytest.mark.usefixtures("full")
def test_what_is_stuck_is_found_by_its_index() -> None:
    for check, indexes in SERVED.items():
        plan = plans_of(check)
        assert any(index in plan for index in indexes), (check, plan)
        # "SCAN table" on SQLite, "Seq Scan on table" on PostgreSQL; what is over is in these.
        for table in ("messaging_outboundmessage", "messaging_inboundmessage", "messaging_deliveryevent"):
            walked = re.search(rf"SCAN {table}(?! USING INDEX)|Seq Scan on {table}", plan)
            assert not walked, (check, plan)


@pytest.mark.usefixtures("full")
def test_what_left_lately_is_asked_of_each_number() -> None:
    plan = plans_of("messaging.two_within_a_second")
    assert re.search(r"messaging_outbound_pace \(origination_identity=|Index Cond.*origination_identity", plan), plan
