"""An inbound text to its reply at the carrier: posted to the real web server, routed and sent by the real workers."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from benchmarks import bulk, load, processes
from benchmarks.carrier import Arrival
from benchmarks.figures import Figure, of_runs, percentile
from benchmarks.load import Job
from benchmarks.stage import OURS, Stage
from messaging.models import Contact
from shifts.models import Employee

_A_SECOND = 50
_SECONDS = 20
_CONNECTIONS = 16
# Well above what is asked of it: the pace is measured elsewhere.
_MPS = 500
_AREAS = ("1509", "1253", "1360", "1425", "1564", "1971", "1541", "1458", "1208", "1986", "1702")


def figures(stage: Stage) -> Iterator[Figure]:
    """HELP from strangers and REQUEST from employees by turns, each from somebody else, in an open loop."""
    count = stage.some(_A_SECOND * _SECONDS, 10)
    stage.number(_MPS)
    slow, middle, posts = [], [], []
    with processes.running("sender", "worker", "timer", "clock"), processes.web() as (url, _):
        for area in _AREAS[: stage.runs]:
            employ(count, area)
            waits, answers = seconds(stage, f"{url}/webhooks/sns/", count, area)
            slow.append(percentile(waits, 0.99))
            middle.append(median(waits))
            posts.append(percentile(answers, 0.99))
    yield of_runs(
        "p99",
        f"inbound text to its reply at the carrier, {_A_SECOND} a second: p99",
        slow,
        unit="s",
        goal=1.0,
        at_least=False,
        notes={"p50": f"{median(middle):.2f} s", "p99 of the webhook's own answers": f"{median(posts) * 1000:.0f} ms"},
    )


def employ(count: int, area: str) -> None:
    """Every second sender is an employee."""
    bulk.insert(Contact(), count // 2, phone_number=f"'+{area}' || {bulk.digits('s.n * 2', 7)}")
    bulk.insert_from(Employee(), f"messaging_contact c WHERE c.phone_number LIKE '+{area}%%'", contact_id="c.id")
    bulk.analyze()


def senders(count: int, area: str) -> list[str]:
    """Who texts."""
    return [f"+{area}{each:07}" for each in range(1, count + 1)]


def seconds(stage: Stage, url: str, count: int, area: str) -> tuple[list[float], list[float]]:
    """Post so many texts. Returns the seconds from when each was due to its reply's arrival, and to the answer 200."""
    numbers = senders(count, area)
    posts = [
        stage.notifications.text(number, OURS, "HELP" if each % 2 == 0 else "REQUEST")
        for each, number in enumerate(numbers)
    ]
    stage.carrier.forget()
    answers = load.post(Job(url, posts, _CONNECTIONS, per_second=_A_SECOND))
    if refused := sorted({each.status for each in answers} - {200}):
        raise AssertionError(f"Some texts were answered {refused}, not 200.")
    processes.wait_until(lambda: stage.carrier.count() >= count, 120, f"replies to {count} texts")
    due = {number: answer.due for number, answer in zip(numbers, answers, strict=True)}
    return waits(due, stage.carrier.arrivals()), [each.seconds for each in answers]


def waits(due: Mapping[str, float], arrivals: Sequence[Arrival]) -> list[float]:
    """The seconds that each sender waited.

    Raises:
        AssertionError: somebody got no reply, or two.
    """
    if sorted(each.destination for each in arrivals) != sorted(due):
        raise AssertionError(f"{len(arrivals)} replies arrived for {len(due)} texts, or to somebody else.")
    return [each.at - due[each.destination] for each in arrivals]
