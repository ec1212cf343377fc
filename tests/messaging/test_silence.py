"""Claims and records of answers are ended by PostgreSQL when their host falls silent in the middle of them."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from messaging import clock
from messaging.contracts import Draft
from messaging.models import OriginationIdentity
from messaging.outbound import leases, outbox
from messaging.outbound.outbox import Result, claiming, recording
from tests.messaging.factories import ANN, OUR_NUMBER

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL only"),
]


def _longest_silence() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return str(cursor.fetchone()[0])


def test_a_claim_and_a_record_of_answers_may_be_silent_for_as_long_as_a_lease(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def looking(then: Any) -> Any:
        def look(*values: Any) -> Any:
            seen.append(_longest_silence())
            return then(*values)

        return look

    monkeypatch.setattr(claiming, "_one_claim_at_a_time", looking(claiming._one_claim_at_a_time))
    monkeypatch.setattr(recording, "_record_sent", looking(recording._record_sent))
    outbox.queue(Draft(ANN, "Hi", idempotency_key="silence"))
    now = clock.now()
    assert leases.take(OUR_NUMBER, "me", now)
    claimed = outbox.claim(
        OUR_NUMBER,
        owner="me",
        lease=leases.LEASE,
        most_rows=1,
        most_parts=1,
        most_parts_of_first=1,
        now=clock.now(),
    )
    assert len(claimed) == 1
    outbox.record([Result(claimed[0], carrier_message_id="m")])
    assert seen == ["5s", "5s"]
    assert _longest_silence() != "5s", "of that transaction only"
