"""A status never moves backwards, whatever comes and in whatever order."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging import clock
from messaging.models import OutboundMessage, Status
from messaging.outbound.outbox.moves import LEGAL, IllegalMove, move
from messaging.outbound.outbox.recording import record_event
from tests.messaging.factories import standing

ENDS = {Status.DELIVERED, Status.FAILED, Status.SUPPRESSED, Status.EXPIRED, Status.CANCELLED}


@pytest.mark.parametrize(("source", "to"), list(itertools.product(Status, Status)))
@pytest.mark.django_db
def test_only_the_moves_of_the_table_can_be_made(source: Status, to: Status) -> None:
    message = standing(source)
    row = OutboundMessage.objects.filter(pk=message.pk)
    if to in LEGAL[source]:
        fields = {"carrier_message_id": "new"} if to == Status.SENT else {}
        assert move(row, [source], to, clock.now(), **fields) == 1
    else:
        with pytest.raises(IllegalMove):
            move(row, [source], to, clock.now())


def test_what_has_ended_stays_ended() -> None:
    assert {status for status, onward in LEGAL.items() if not onward} == ENDS


class EventsInAnyOrder(TestCase):
    """Every order of the same events leads to a state that the evidence justifies."""

    @given(st.permutations([Status.SENT, Status.DELIVERED, Status.SENT, Status.DELIVERED]))
    def test_a_delivered_text_is_delivered_in_the_end(self, events: list[Status]) -> None:
        message = standing(Status.SENDING)
        for status in events:
            record_event(message, status, carrier_message_id="one", at=clock.now())
        message.refresh_from_db()
        assert message.status == Status.DELIVERED
        assert message.sent_at is not None

    @given(st.permutations([Status.SENT, Status.DELIVERED, Status.FAILED]))
    def test_the_first_final_event_decides(self, events: list[Status]) -> None:
        message = standing(Status.SENDING)
        for status in events:
            record_event(message, status, carrier_message_id="one", at=clock.now(), reason=("CODE", "why"))
        message.refresh_from_db()
        assert message.status == next(status for status in events if status in ENDS)
