"""The lane drainer beside a bare boto3 thread-pool loop, and beside one RQ job for each text.

All three call the same carrier with the same parameters through boto3. The drainer claims, asks the guards, paces and
records in the database; the loop does nothing but call; the job is taken from Redis and recorded nowhere.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
_JOBS = 500
# So high that the pace holds nothing back.
_MPS = 5_000


def figures(stage: Stage) -> Iterator[Figure]:
    """Texts a second of each, in turns; a text counts when it is written down as sent."""
    count, few = stage.some(_TEXTS), stage.some(_JOBS)
    stage.number(_MPS)
    seconds: dict[str, list[float]] = {"ours": [], "bare": [], "job": []}
    processor: dict[str, list[float]] = {"ours": [], "bare": []}
    with processes.running("worker"):
        # The first round warms clients, caches and the worker, and does not count.
        for round_ in range(stage.runs + 1):
            for name in ("ours", "bare") if round_ % 2 else ("bare", "ours"):
                taken = (drain if name == "ours" else loop)(stage, count)
                if round_:
                    seconds[name].append(taken.seconds / count)
                    processor[name].append(taken.processor / count * 1000)
            taken = one_job_each(stage, few)
            if round_:
                seconds["job"].append(taken.seconds / few)
    rates = {name: f"{1 / median(each):,.0f} texts a second" for name, each in seconds.items()}
    yield of_runs(
        "bare",
        f"dispatch {count:,} texts, beside a bare boto3 loop with the same {_MOST_CALLS} threads",
        [bare / ours for ours, bare in zip(seconds["ours"], seconds["bare"], strict=True)],
        goal=0.9,
        notes={
            "Textback": rates["ours"],
            "bare loop": rates["bare"],
            "processor time a text": f"{median(processor['ours']):.2f} ms beside {median(processor['bare']):.2f} ms",
        },
    )
    yield of_runs(
        "rq",
        "dispatch, beside one RQ job for each text",
        [job / ours for ours, job in zip(seconds["ours"], seconds["job"], strict=True)],
        goal=4.0,
        notes={"Textback": rates["ours"], "one job each": rates["job"]},
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds on the clock, and seconds of this process's processor time."""

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
    return Taken(sent_at.timestamp() - began, processor)


def loop(stage: Stage, count: int) -> Taken:
    """What somebody would write by hand: a pool of threads, and a call for each text."""
    stage.carrier.forget()
    jobs.client()
    numbers = texts.recipients(count)
    began, processor = time.time(), time.process_time()
    with ThreadPoolExecutor(_MOST_CALLS) as pool:
        list(pool.map(lambda number: jobs.send(number, OURS, texts.BODY, number[-7:]), numbers))
    taken = Taken(time.time() - began, time.process_time() - processor)
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
    return Taken((arrivals[-1].at - arrivals[0].at) * count / (count - 1))


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
