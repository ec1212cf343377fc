"""One round: bring up a place, keep it busy, harm it, let it come to rest, judge."""

import json
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.crash import keeping, load, own_audit, people, reading, receiver, report, rest, schedule
from tests.crash.evidence import Evidence
from tests.crash.harming import Harming
from tests.crash.judge import Violation, judge
from tests.crash.place import DoesNotStart, Place
from tests.run import clean_environment

_LOOK_SECONDS = 1.0
# Nothing moved for so long that nothing will: two sweeps, and an event's longest pause between looks.
_STILL_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how big a round is.

    Attributes:
        harm_seconds: for how long things go wrong.
        rest_seconds: how long it may take to come to rest afterwards. A text in doubt is sent again after 60; webhooks
            go on 60 after a crash, one after the other.
        employees: people in the segment that campaigns text.
        incidents: that are opened meanwhile.
        calm: what the pauses between two harms are multiplied by.
    """

    harm_seconds: float
    rest_seconds: float
    employees: int
    incidents: int
    calm: float = 1.0


LONG = Plan(harm_seconds=75, rest_seconds=240, employees=350, incidents=16)
SHORT = Plan(harm_seconds=24, rest_seconds=150, employees=120, incidents=5, calm=0.6)


@dataclass
class Result:
    """What came of a round."""

    seed: int
    database: str
    violations: list[Violation] = field(default_factory=list)
    summary: str = ""
    kept: Path | None = None


def play(
    seed: int, database: str, plan: Plan, keep: Path, say: Callable[[str], None], *, keep_clean: bool = False
) -> Result:
    """Play a round. On a violation its files are kept.

    Args:
        seed: of the harm and of the people.
        database: ``sqlite`` or ``postgresql``.
        plan: how long and how big.
        keep: the directory for what is kept.
        say: told what happens, as it happens.
        keep_clean: keep them in any case.
    """
    result = Result(seed, database)
    began = time.monotonic()
    with Place(database, clean_environment(), is_heard=True) as place:
        cast = people.cast(seed, employees=plan.employees, incidents=plan.incidents, seconds=plan.harm_seconds)
        evidence = Evidence(mps=cast.mps)
        try:
            assert place.receiver is not None
            place.receiver.fail(receiver.failures(seed))
            place.receiver.subscribe(place.api)
            load.prepare(place.api, place.carrier, cast)
            busy = load.Load(place, cast, seed)
            busy.start()
            harming = Harming(place, schedule.draw(seed, database, plan.harm_seconds, plan.calm), say)
            harming.run(plan.harm_seconds)
            rested = time.monotonic()
            result.violations += come_to_rest(place, busy, plan.rest_seconds, say)
            rested = time.monotonic() - rested
            busy.stop()
            evidence = replace(
                reading.gather(place.database_url, place.state, cast, place.receiver),
                kills=tuple(harming.kills),
                gave_up=tuple(place.gave_up),
                undone=(*harming.undone, *place.receiver.undone),
                problems=busy.problems,
            )
            result.violations += judge(evidence)
            result.violations += own_audit_of(place)
            done = ", ".join(f"{what} {count}" for what, count in sorted(harming.done.items()))
            result.summary = f"{report.figures(evidence)}; rest after {rested:.0f} s; {done}"
        except DoesNotStart as problem:
            result.violations.append(Violation("starts", str(problem)))
        except Exception:
            # The files of this round are wanted all the more.
            result.violations.append(Violation("harness", traceback.format_exc()))
        if result.violations or keep_clean:
            result.kept = keep / f"{database}-{seed}"
            keeping.keep(place.directory, result.kept, evidence, result.violations)
    result.summary += f"; {time.monotonic() - began:.0f} s in all"
    return result


def come_to_rest(place: Place, busy: load.Load, seconds: float, say: Callable[[str], None]) -> list[Violation]:
    """Wait until nothing moves any more; what still does in the end is a violation."""
    place.wait_until_ready()
    ends_at = time.monotonic() + seconds
    still_since: float | None = None
    waits: dict[str, int] = {}
    told = ""
    while time.monotonic() < ends_at:
        place.keep_serving()
        waits = rest.what_waits(place.database_url, place.state)
        if not busy.is_over:
            waits["people about to text"] = 1
        if (now := json.dumps(waits)) != told:
            say(f"waits: {now}")
            told = now
        if waits:
            still_since = None
        elif still_since is None:
            still_since = time.monotonic()
        elif time.monotonic() - still_since > _STILL_SECONDS:
            return []
        time.sleep(_LOOK_SECONDS)
    return [Violation("comes to rest", f"after {seconds:.0f} s there are still {waits}")]


def own_audit_of(place: Place) -> list[Violation]:
    """What the product's own audit finds."""
    done = place.manage("audit", "--at-rest", "--json")
    return own_audit.heard(done.returncode, done.stdout, done.stderr)
