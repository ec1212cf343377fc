"""10,000 incidents whose wait is over within one minute: how late their next step runs, and that none runs early."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from django.db import connection

from benchmarks import bulk, processes
from benchmarks.figures import Figure, of_runs, percentile
from benchmarks.stage import Stage
from incidents.models import Incident, IncidentContact, IncidentStep
from messaging import clock, wakeups
from messaging.models import OutboundMessage

_INCIDENTS = 10_000
_SECONDS = 60
_BEGIN_IN = timedelta(seconds=3)
# What runs overdue is waited for that much longer.
_PATIENCE = 600
_names = itertools.count(1)


def figures(stage: Stage) -> Iterator[Figure]:
    """The worker and the timer of the Procfile, one of each, run the steps; the reminders are queued, none is sent."""
    count, seconds = stage.some(_INCIDENTS), max(2, stage.some(_SECONDS))
    stage.number(100)
    late, middle, most, early = [], [], [], []
    for _ in range(stage.runs):
        with processes.running("worker", "timer", "clock"):
            name = f"bench-{next(_names)}"
            due = open_incidents(name, count, seconds)
            processes.wait_until(partial(_all_ran, name), seconds + _PATIENCE, f"{count} timers", 0.5)
            found = lateness(due, ran_at(name))
        late.append(percentile(found, 0.99))
        middle.append(median(found))
        most.append(max(found))
        early.append(float(sum(each < 0 for each in found)))
    name = f"{count:,} timers due within {seconds} s"
    yield of_runs(
        "p99",
        f"{name}: p99 of their lateness",
        late,
        unit="s",
        goal=2.0,
        at_least=False,
        notes={"p50": f"{median(middle):.2f} s", "latest": f"{max(most):.2f} s"},
    )
    yield of_runs("early", f"{name}: how many ran early", early, goal=0.0, at_least=False)


def open_incidents(name: str, count: int, seconds: int) -> dict[str, datetime]:
    """So many open incidents whose first text was accepted, and whose waits end evenly over so many seconds.

    Returns when each is due, by incident id.
    """
    begin = clock.now()
    steps = IncidentStep(position=1, wait_seconds=3600), IncidentStep(position=2, wait_seconds=3600)
    pattern = Incident(description="Cold store 3 is at +9 C", step=1, wait_seconds=3600, opened_at=begin)
    pattern.first_text_at, pattern.content_hash, pattern.opened_by = begin, "-" * 64, "bench"
    bulk.insert(pattern, count, incident_id=f"'{name}-' || s.n")
    ours = f"incidents_incident i WHERE i.incident_id LIKE '{name}-%%'"
    for step in steps:
        bulk.insert_from(step, ours, incident_id="i.id")
    asked = IncidentContact(state="notified", settled_at=begin), IncidentContact(state="pending")
    for position, (contact, area) in enumerate(zip(asked, ("1206", "1509"), strict=True), start=1):
        bulk.insert_from(
            contact,
            "incidents_incidentstep t JOIN incidents_incident i ON i.id = t.incident_id"
            f" WHERE i.incident_id LIKE '{name}-%%' AND t.position = %s",
            [position],
            step_id="t.id",
            phone_number=f"'+{area}' || {bulk.digits('i.id %% 10000000', 7)}",
        )
    bulk.analyze()
    begin = clock.now() + _BEGIN_IN
    ids = Incident.objects.filter(incident_id__startswith=f"{name}-").order_by("pk")
    first = ids.values_list("pk", flat=True)[0]
    at = bulk.moment(f"'{begin:%Y-%m-%d %H:%M:%S}'", f"(id - {first}) * {seconds}.0 / {count}")
    _execute(f"UPDATE incidents_incident SET next_step_at = {at} WHERE incident_id LIKE '{name}-%%'")
    # As opening and escalating them would have done.
    for second in range(seconds + 1):
        wakeups.wake_at("incidents", begin + timedelta(seconds=second))
    return {key: at for key, at in ids.values_list("incident_id", "next_step_at") if at is not None}


def ran_at(name: str) -> dict[str, datetime]:
    """When the next step of each ran: its reminder was queued then."""
    rows = OutboundMessage.objects.filter(conversation="incidents", subject__startswith=f"{name}-")
    found = dict(rows.values_list("subject", "queued_at"))
    if rows.count() != len(found):
        raise AssertionError(f"{rows.count()} texts were queued by {len(found)} incidents.")
    return found


def lateness(due: Mapping[str, datetime], ran: Mapping[str, datetime]) -> list[float]:
    """Seconds from when each was due to when it ran; less than zero is early.

    Raises:
        AssertionError: one did not run.
    """
    if due.keys() != ran.keys():
        raise AssertionError(f"{len(ran)} of {len(due)} timers ran.")
    return [(ran[key] - at).total_seconds() for key, at in due.items()]


def _all_ran(name: str) -> bool:
    return not Incident.objects.filter(incident_id__startswith=f"{name}-", next_step_at__isnull=False).exists()


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [])
