"""Withdrawing approval and making rows, on PostgreSQL, where neither sees the other's work before it ends."""

from threading import Event

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging.models import OriginationIdentity, OutboundMessage
from shifts import campaigns, people
from shifts.campaigns.expansion import expand_some
from shifts.models import Employee
from tests.messaging.factories import ANN
from tests.shifts import factories
from tests.together import together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nothing can come between"),
]


def test_a_campaign_that_begins_while_approval_is_withdrawn_waits_for_it(number: OriginationIdentity) -> None:
    ann = factories.employee(ANN, segments=["Night nurses"])
    withdrawn, tried = Event(), Event()

    def withdraw() -> None:
        with transaction.atomic():
            people.set_approved(Employee.objects.filter(pk=ann.pk), approved=False)
            withdrawn.set()
            assert tried.wait(10)

    def begin() -> None:
        assert withdrawn.wait(10)
        campaigns.create(campaigns.Request("july", "Shifts are open.", "Night nurses"), actor="hr")
        expand_some("july")
        assert not OutboundMessage.objects.exists()
        tried.set()

    together(withdraw, begin)
    expand_some("july")
    assert OutboundMessage.objects.get().status == "suppressed"


def test_withdrawing_locks_employees_and_no_contacts() -> None:
    """Others lock contacts first: whoever took them the other way round could wait for them in a ring."""
    ann = factories.employee(ANN)
    with CaptureQueriesContext(connection) as queries:
        people.set_approved(Employee.objects.filter(pk=ann.pk), approved=False)
    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert locks
    assert all(sql.endswith('OF "shifts_employee"') for sql in locks)
