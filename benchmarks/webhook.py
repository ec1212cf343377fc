"""The webhook on the real web server: what it takes beside an empty page, and how long SNS waits for its answer."""

from collections.abc import Iterator, Sequence

from benchmarks import load, processes
from benchmarks.figures import Figure, of_runs, percentile
from benchmarks.load import Answered, Job
from benchmarks.stage import OURS, Stage
from messaging.models import DeliveryEvent, InboundMessage

_POSTS = 3_000
# As many as the server has threads: two processes with eight each.
_CONNECTIONS = 16
_A_SECOND = 100
_SECONDS = 20


def figures(stage: Stage) -> Iterator[Figure]:
    """Requests a second beside the empty page, in turns; then answers at a steady hundred a second."""
    stage.number(100)
    count = stage.some(_POSTS, _CONNECTIONS)
    shares, latencies = [], []
    seconds: dict[str, list[float]] = {"webhooks/sns/": [], "empty/": []}
    spent = dict.fromkeys(seconds, 0.0)
    with processes.web() as (url, pid):
        for round_ in range(stage.runs + 1):
            for page in sorted(seconds, reverse=bool(round_ % 2)):
                cpu = processes.cpu_seconds(pid)
                taken = posts_one_after_another(stage, f"{url}/{page}", count, stored=page != "empty/")
                if round_:
                    seconds[page].append(taken)
                    spent[page] += processes.cpu_seconds(pid) - cpu
        shares = [empty / ours for ours, empty in zip(seconds["webhooks/sns/"], seconds["empty/"], strict=True)]
        latencies = [percentile(steady(stage, f"{url}/webhooks/sns/"), 0.99) * 1000 for _ in range(stage.runs)]
    runs = stage.runs
    yield of_runs(
        "share",
        f"webhook: {count:,} signed notifications over {_CONNECTIONS} connections, beside an empty page",
        shares,
        goal=0.5,
        notes={
            "webhook": f"{count * runs / sum(seconds['webhooks/sns/']):,.0f} a second",
            "empty page": f"{count * runs / sum(seconds['empty/']):,.0f} a second",
            "processor time each": " beside ".join(
                f"{spent[page] / count / runs * 1000:.2f} ms" for page in ("webhooks/sns/", "empty/")
            ),
        },
    )
    yield of_runs(
        "p99", f"webhook at a steady {_A_SECOND} a second: p99", latencies, unit="ms", goal=100.0, at_least=False
    )


def bodies(stage: Stage, count: int) -> list[str]:
    """Texts and delivery events by turns, each from or to somebody else, each with ids of its own."""
    make = (
        lambda each: stage.notifications.text(f"+1206{each:07}", OURS, "HELP"),
        lambda each: stage.notifications.event(f"+1206{each:07}", OURS),
    )
    return [make[each % 2](each) for each in range(count)]


def posts_one_after_another(stage: Stage, url: str, count: int, *, stored: bool) -> float:
    """Post as fast as it takes them; see what it stored. Returns seconds from the first post to the last answer."""
    posts = bodies(stage, count)
    before = _stored()
    answers = load.post(Job(url, posts, _CONNECTIONS))
    check(answers, _stored() - before, count if stored else 0)
    return max(each.answered for each in answers) - min(each.due for each in answers)


def steady(stage: Stage, url: str) -> list[float]:
    """Post so many a second whatever the server does. Returns the seconds that each had to wait for its answer."""
    count = stage.some(_A_SECOND * _SECONDS)
    before = _stored()
    answers = load.post(Job(url, bodies(stage, count), _CONNECTIONS, per_second=_A_SECOND))
    check(answers, _stored() - before, count)
    return [each.seconds for each in answers]


def check(answers: Sequence[Answered], stored: int, wanted: int) -> None:
    """See that every post was answered 200, and that everything was stored, or nothing.

    Raises:
        AssertionError: it was not; a refusal is quicker than a row.
    """
    refused = sorted({each.status for each in answers} - {200})
    if refused:
        raise AssertionError(f"Some posts were answered {refused}, not 200.")
    if stored != wanted:
        raise AssertionError(f"{stored} rows were stored, not {wanted}.")


def _stored() -> int:
    return InboundMessage.objects.count() + DeliveryEvent.objects.count()
