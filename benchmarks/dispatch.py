"""The lane drainer beside a bare boto3 thread-pool loop, and beside one RQ job for each text.

All of them call the same carrier with the same parameters through boto3. The drainer claims, asks the guards, paces and
records in the database; the loop does nothing but call; the job is taken from Redis and recorded nowhere.

The loop has boto3's client as it comes. With the settings of ours, which write no description of the machine into each
request, it is quicker: that share is told as well, and held against the same goal. So are jobs on RQ's own worker,
which forks for each, and on Textback's, which does not.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import median

from rq import Queue

from benchmarks import jobs, processes, texts
from benchmarks.carrier import Arrival
from benchmarks.figures import Figure, of_runs
from benchmarks.stage import OURS, Stage
from messaging import redis
from messaging.models import OutboundMessage
from messaging.outbound.draining import _MOST_CALLS
from messaging.outbound.lanes import Drainer

_TEXTS = 2_000
_JOBS = 200
# So high that the pace holds nothing back.
_MPS = 5_000
_RQWORKER = "python manage.py rqworker --skip-checks --verbosity 0 --worker-class {} slow"
WORKERS = {
    "forking": _RQWORKER.format("benchmarks.jobs.ForkingWorker"),
    "simple": _RQWORKER.format("config.processes.worker.Worker"),
}


def figures(stage: Stage) -> Iterator[Figure]:
    """Texts a second of each, in turns; a text counts when it is written down as sent."""
    count, few = stage.some(_TEXTS), stage.some(_JOBS)
    stage.number(_MPS)
    ways: dict[str, Callable[[Stage, int], Taken]] = {"ours": drain, "bare": loop, "tuned": partial(loop, tuned=True)}
    taken: dict[str, list[Taken]] = {name: [] for name in (*ways, *WORKERS)}
    # The first round warms clients and caches, and does not count.
    for round_ in range(stage.runs + 1):
        for name in ways if round_ % 2 else reversed(ways):
            measured = ways[name](stage, count)
            if round_:
                taken[name].append(measured)
    for name, command in WORKERS.items():
        with processes.workers(command):
            for round_ in range(stage.runs + 1):
                measured = one_job_each(stage, few)
                if round_:
                    taken[name].append(measured)
    yield _beside(
        "bare", f"dispatch {count:,} texts, beside a bare boto3 loop with the same {_MOST_CALLS} threads", taken, 0.9
    )
    yield _beside("tuned", "dispatch, beside the same loop with the client's settings of Textback", taken, 0.9)
    yield _beside("forking", "dispatch, beside one RQ job for each text", taken, 4.0)
    yield _beside("simple", "dispatch, beside one RQ job for each text on a worker that does not fork", taken, 4.0)


def _beside(other: str, what: str, taken: Mapping[str, Sequence["Taken"]], goal: float) -> Figure:
    """How many times as fast as another the drainer is, run by run."""
    notes = {}
    for name, its in (("Textback", taken["ours"]), ("the other", taken[other])):
        processor = median(each.processor for each in its)
        spent = f", {processor * 1000:.2f} ms of processor time each" if processor else ""
        notes[name] = f"{1 / median(each.seconds for each in its):,.0f} texts a second{spent}"
    shares = [its.seconds / ours.seconds for ours, its in zip(taken["ours"], taken[other], strict=True)]
    return of_runs(other, what, shares, goal=goal, notes=notes)


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds on the clock, and seconds of this process's processor time, for each text."""

    seconds: float
    processor: float = 0.0


def drain(stage: Stage, count: int) -> Taken:
    """The real drainer, from its start to the last text recorded as sent."""
    subject = texts.queue(count, OURS)
    stage.carrier.forget()
    began, processor = time.time(), time.process_time()
    Drainer().run()
    processor = time.process_time() - processor
    rows = OutboundMessage.objects.filter(subject=subject, status="sent")
    sent_at = rows.order_by("-sent_at").values_list("sent_at", flat=True).first()
    if sent_at is None or rows.count() != count:
        raise AssertionError(f"{rows.count()} of {count} texts are recorded as sent.")
    compare(stage.carrier.arrivals(), count)
    return Taken((sent_at.timestamp() - began) / count, processor / count)


def loop(stage: Stage, count: int, *, tuned: bool = False) -> Taken:
    """What somebody would write by hand: a pool of threads, and a call for each text."""
    stage.carrier.forget()
    jobs.client(tuned=tuned)
    numbers = texts.recipients(count)
    began, processor = time.time(), time.process_time()
    with ThreadPoolExecutor(_MOST_CALLS) as pool:
        list(pool.map(lambda number: jobs.send(number, OURS, texts.BODY, number[-7:], tuned=tuned), numbers))
    taken = Taken((time.time() - began) / count, (time.process_time() - processor) / count)
    compare(stage.carrier.arrivals(), count)
    return taken


def one_job_each(stage: Stage, count: int) -> Taken:
    """One job for each text, all in the queue before the worker takes the first; from its call to the last one.

    They are put there in one go, so that the worker never waits for the next.
    """
    stage.carrier.forget()
    queue = redis.queue("slow")
    queue.enqueue_many(
        [
            Queue.prepare_data(jobs.send, (number, OURS, texts.BODY, number[-7:]), result_ttl=0)
            for number in texts.recipients(count)
        ]
    )
    processes.wait_until(lambda: stage.carrier.count() >= count, 120, "the RQ jobs")
    arrivals = stage.carrier.arrivals()
    compare(arrivals, count)
    # The first arrival is where one job has ended already.
    return Taken((arrivals[-1].at - arrivals[0].at) / (count - 1))


def compare(arrivals: Sequence[Arrival], count: int) -> None:
    """See that the carrier got these texts, each once.

    Raises:
        AssertionError: it did not; this would measure something else.
    """
    wanted = Counter((number, OURS, texts.BODY) for number in texts.recipients(count))
    found = Counter((each.destination, each.origination, each.body) for each in arrivals)
    if found != wanted:
        raise AssertionError(
            f"The carrier got {len(arrivals)} texts, not these {count} once each: "
            f"{(wanted - found).total()} are missing, {(found - wanted).total()} are too many."
        )
