"""Texts of any content, in any alphabet, from anybody, through the whole routing to every conversation.

Each is routed at once, no conversation fails, and what goes out in answer is bounded and can be sent.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import clock
from messaging.inbound import routing
from messaging.models import InboundMessage, OutboundMessage
from messaging.text import measure
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.moving import MovableTime
from tests.security.examples import examples
from tests.security.fuzz.writing import REPLIES
from tests.security.world import world

pytestmark = pytest.mark.django_db

STRANGER = "+14255550199"


def say(number: int, who: str, body: str, hint: str) -> InboundMessage:
    now = clock.now()
    return InboundMessage.objects.create(
        inbound_message_id=f"fuzz-{number}",
        sns_message_id="sns",
        origination_phone_number=who,
        destination_phone_number=OUR_NUMBER,
        # As messaging.inbound.store leaves it.
        body=body.replace("\x00", ""),
        previous_published_message_id=hint,
        received_at=now,
        stored_at=now,
        route_after=now,
    )


def test_any_text_is_routed(db: None, time: MovableTime) -> None:
    world()
    OutboundMessage.objects.filter(subject="shifts:july").update(carrier_message_id="known")
    told = iter(range(1_000_000))

    @examples(120)
    @given(who=st.sampled_from([ANN, BOB, STRANGER, "12345"]), body=REPLIES, hint=st.sampled_from(["", "known"]))
    def sent(who: str, body: str, hint: str) -> None:
        # Beyond the limit on automatic replies nothing would be tried.
        time.forward(timedelta(minutes=11).total_seconds())
        before = OutboundMessage.objects.count()
        text = say(next(told), who, body, hint)
        routing.route_waiting()
        text.refresh_from_db()
        assert text.error == ""
        assert text.routed_at is not None
        assert text.outcome
        answers = OutboundMessage.objects.filter(idempotency_key__startswith=f"inbound:{text.inbound_message_id}:")
        assert answers.filter(destination_phone_number=who).count() <= 2
        # An answer to an incident also tells the others of it.
        assert OutboundMessage.objects.count() - before <= 6
        assert all(measure(answer.body).fits for answer in answers)

    sent()
