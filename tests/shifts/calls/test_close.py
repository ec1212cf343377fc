"""A call back is closed once, by a person, when it waits for one."""

import pytest

from messaging.models import OutboundMessage
from shifts.calls import callbacks
from shifts.models import CallBack
from tests.messaging.factories import BOB
from tests.shifts.calls.conftest import noted
from tests.together import together


@pytest.mark.django_db
def test_who_closed_it_when_and_what_came_of_it() -> None:
    row = callbacks.close(noted().pk, actor="olga", note="Will be in at six")
    assert (row.status, row.closed_by, row.note) == ("closed", "olga", "Will be in at six")
    assert row.ended_at is not None
    assert not callbacks.queue().exists()
    assert not OutboundMessage.objects.exists(), "nobody is texted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("closed", "otto has closed it before, 1 Jul 2026, 12:05:00."),
        ("called", "Amazon Connect has called them, 1 Jul 2026, 12:05:00: there is nothing to close."),
        (
            "placing",
            "Amazon Connect is being asked to call them. It can be closed if that fails and it waits for staff.",
        ),
    ],
)
def test_what_does_not_wait_cannot_be_closed(status: str, words: str) -> None:
    row = noted(status=status)
    with pytest.raises(callbacks.NotAllowed) as caught:
        callbacks.close(row.pk, actor="olga", note="mine")
    assert str(caught.value) == words
    before, after = row.status, CallBack.objects.get()
    assert (after.status, after.note) == (before, "")


@pytest.mark.django_db
def test_one_that_is_not_there() -> None:
    with pytest.raises(CallBack.DoesNotExist):
        callbacks.close(7, actor="olga")


@pytest.mark.django_db
def test_the_queue_has_who_waits_the_longest_waiting_first() -> None:
    late, early = noted(minute=5), noted(BOB, minute=1)
    for n, status in enumerate(("placing", "called", "closed")):
        noted(f"+1425555030{n}", status=status)
    assert list(callbacks.queue()) == [early, late]


@pytest.mark.django_db(transaction=True)
def test_two_of_the_staff_at_once() -> None:
    pk = noted().pk

    def close(actor: str) -> str:
        try:
            return callbacks.close(pk, actor=actor).closed_by
        except callbacks.NotAllowed as problem:
            return str(problem)

    answers = together(lambda: close("olga"), lambda: close("otto"))
    winner = CallBack.objects.get().closed_by
    assert winner in answers
    assert sum(f"{winner} has closed it before" in answer for answer in answers) == 1
