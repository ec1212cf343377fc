"""An alert behind a campaign on the same number: from opening the incident to the text's arrival at the carrier."""

import itertools
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks import processes, texts
from benchmarks.carrier import Arrival
from benchmarks.figures import Figure, of_runs
from benchmarks.stage import OURS, Stage
from incidents import lifecycle
from incidents.lifecycle import Request
from messaging import wakeups
from messaging.models import OutboundMessage

_CAMPAIGN = 100_000
_MPS = 100
_ALERTS = 30
_numbers = itertools.count(1)


def figures(stage: Stage) -> Iterator[Figure]:
    """Alerts at odd moments, while the campaign leaves as fast as the number may."""
    campaign, alerts = stage.some(_CAMPAIGN, 400), stage.some(_ALERTS, 3)
    stage.number(_MPS)
    texts.queue(campaign, OURS)
    worst, middle = [], []
    with processes.running("sender", "worker", "timer", "clock"):
        wakeups.wake_now("lanes")
        for _ in range(stage.runs):
            processes.wait_until(lambda: stage.carrier.count() > _MPS, 60, "the campaign")
            waits = seconds(stage, alerts)
            worst.append(max(waits))
            middle.append(median(waits))
            stage.carrier.forget()
    still = OutboundMessage.objects.filter(priority=30, status="queued").count()
    if not still:
        raise AssertionError("The campaign has ended: the alerts were behind nothing.")
    yield of_runs(
        "slowest",
        f"alert behind {campaign:,} campaign texts at {_MPS} MPS: the slowest of {alerts}",
        worst,
        unit="s",
        goal=1.0,
        at_least=False,
        notes={"p50": f"{median(middle):.2f} s", "of the campaign still waiting": f"{still:,}"},
    )


def seconds(stage: Stage, count: int) -> list[float]:
    """Open so many incidents, one after another. Returns the seconds from each to its alert's arrival."""
    opened: dict[str, float] = {}
    for _ in range(count):
        # At no fixed phase of whatever goes on there.
        time.sleep(random.uniform(0.4, 0.9))
        number = f"+1509555{next(_numbers):04}"
        opened[number] = time.time()
        lifecycle.open_incident(
            Request(f"BENCH-{number[1:]}", "Cold store 3 is at +9 C", first_contact=number, wait_seconds=3600),
            actor="bench",
        )
    last = time.time()
    while True:
        arrivals = stage.carrier.arrivals()
        # A moment later, so that a campaign text after the last alert can be seen.
        if set(opened) <= {each.destination for each in arrivals} and time.time() > last + 1:
            return waits(opened, arrivals)
        if time.time() > last + 60:
            raise RuntimeError("Some alerts have not arrived within a minute.")
        time.sleep(0.2)


def waits(opened: Mapping[str, float], arrivals: Sequence[Arrival]) -> list[float]:
    """The seconds from each incident to its alert.

    Raises:
        AssertionError: an alert came twice or never; or no campaign text left meanwhile, so that it overtook nothing.
    """
    alerts = [each for each in arrivals if each.destination in opened]
    if sorted(each.destination for each in alerts) != sorted(opened):
        raise AssertionError(f"{len(alerts)} alerts arrived for {len(opened)} incidents.")
    last = max(opened.values())
    if not any(each.at > last for each in arrivals if each.destination not in opened):
        raise AssertionError("No campaign text left after the last incident: the alerts were behind nothing.")
    return [each.at - opened[each.destination] for each in alerts]
