"""Deliveries and workers in the same instant, each on a connection of its own."""

import threading
from typing import Any

import pytest
from django.db import connection

from incidents.alerts import handling
from incidents.models import Alert, Trouble
from messaging import clock
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import ANNA, Stage
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_deliveries_of_one_trouble_make_one_incident(alerts: Alerts, stage: Stage) -> None:
    def deliver() -> None:
        alerts.comes("pump")
        alerts.works()

    together(deliver, deliver, deliver)
    # Who found the source locked leaves the rest to the sweep.
    alerts.works()
    assert alerts.incidents() == ["C1"]
    assert sorted(Alert.objects.values_list("outcome", flat=True)) == ["opened", "repeat", "repeat"]
    assert len(stage.texts(ANNA)) == 1


def test_a_firing_and_an_end_leave_nothing_half_open(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")

    def deliver(status: str) -> None:
        alerts.comes("pump", status)
        alerts.works()

    together(lambda: deliver("resolved"), lambda: deliver("firing"))
    alerts.works()
    open_ones = Trouble.objects.filter(closed_at__isnull=True)
    # Whichever came first: one trouble is open with an incident that is, or none is.
    assert [one.incident.status for one in open_ones if one.incident] in ([], ["not_acknowledged"])
    assert stage.status("C1") == "cancelled"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_delivery_is_stored_while_its_source_is_being_worked(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign key asks for the row of the source, which the worker has locked."""
    alerts.comes("pump")
    working, stored = threading.Event(), threading.Event()
    work = handling._work

    def slowly(*arguments: Any) -> None:
        working.set()
        assert stored.wait(15), "the delivery waits for the worker"
        work(*arguments)

    def deliver() -> None:
        assert working.wait(60)
        alerts.comes("door")
        stored.set()

    monkeypatch.setattr(handling, "_work", slowly)
    together(deliver, lambda: handling.work_some(alerts.source.pk, clock.now()))
    assert alerts.incidents() == ["C1"]


def test_many_troubles_at_once_stay_within_the_limit(alerts: Alerts) -> None:
    source = alerts.make("Storms", limit=2)

    def deliver(n: int) -> None:
        alerts.comes(f"k{n}", source=source)
        alerts.works()

    together(*(lambda n=n: deliver(n) for n in range(5)))
    alerts.works()
    assert Trouble.objects.filter(is_storm=False, incident__isnull=False).count() == 2
    assert Trouble.objects.filter(hold="storm", storm__isnull=False).count() == 3
