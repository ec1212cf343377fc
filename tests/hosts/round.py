"""One round: many hosts at work, one after the other cut off in mid-send and let back, then the audit."""

import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.crash import keeping, load, people, reading, report
from tests.crash.evidence import Evidence, Kill
from tests.crash.judge import Violation, judge
from tests.crash.place import DoesNotStart
from tests.crash.round import come_to_rest, own_audit_of
from tests.hosts import drained, leases
from tests.hosts.host import CLAIMS, DATABASE, EVERYTHING, RECORDS, Cut, Moment
from tests.hosts.judge import Facts, as_the_wires_saw, judge_hosts, took_over_after
from tests.hosts.place import WEBS, Hosts

_EMPLOYEES, _INCIDENTS, _SECONDS = 200, 12, 50.0
# Longer than a call may last and a claim may live, so that what was under way is taken for dead before it comes back.
CUT_SECONDS = 20.0
_BETWEEN_SECONDS = 3.0
_ANSWERS_AFTER_SECONDS = 0.3
_CALLS_BEFORE_A_CUT = 20
_PATIENCE_SECONDS = 40.0
_REST_SECONDS = 150.0
_CUTS = ((CLAIMS, EVERYTHING), (RECORDS, (DATABASE,)))


@dataclass
class Result:
    """What came of a round."""

    violations: list[Violation] = field(default_factory=list)
    summary: str = ""
    drained: str = ""
    kept: Path | None = None


def play(made: Callable[[], Hosts], seed: int, keep: Path, say: Callable[[str], None]) -> Result:
    """Play a round. On a violation its files are kept.

    Args:
        made: makes the hosts.
        seed: of the people.
        keep: the directory for what is kept.
        say: told what happens, as it happens.
    """
    result = Result()
    began = time.monotonic()
    with made() as place:
        cast = people.cast(seed, employees=_EMPLOYEES, incidents=_INCIDENTS, seconds=_SECONDS)
        evidence = Evidence(mps=cast.mps)
        try:
            say(f"up after {time.monotonic() - began:.0f} s")
            load.prepare(place.api, place.carrier, cast)
            if not place.carrier.fault("duplicate", probability=1.0, seed=seed):
                raise DoesNotStart("the simulator does not post twice")
            # As far away as AWS is: at any moment there are calls under way.
            if not place.carrier.fault("delay", probability=1.0, seed=seed, seconds=_ANSWERS_AFTER_SECONDS):
                raise DoesNotStart("the simulator does not take its time")
            busy = load.Load(place, cast, seed)
            busy.start()
            cuts = [cut for moment, servers in _CUTS if (cut := _cut_off(place, moment, servers, say))]
            if len(cuts) < len(_CUTS):
                result.violations.append(Violation("in mid-send", "no host was there to be cut off in mid-send"))
            result.violations += come_to_rest(place, busy, _REST_SECONDS, say)
            busy.stop()
            facts = Facts(
                tuple(cuts),
                leases.read(place.database_url, place.senders),
                tuple(place.called),
                {name: tuple(webs) for name, webs in place.posted.items()},
                len(WEBS),
            )
            evidence = replace(
                as_the_wires_saw(reading.gather(place.database_url, place.state, cast), facts.called),
                kills=tuple(Kill("cut", cut.at, cut.steady, CUT_SECONDS) for cut in cuts),
                problems=busy.problems,
            )
            result.violations += judge(evidence)
            result.violations += judge_hosts(facts, evidence)
            result.violations += own_audit_of(place)
            result.drained = drained.told(facts.leases, facts.called, facts.cuts)
            result.summary = f"{_told(facts, evidence)}; {place.way}"
        except DoesNotStart as problem:
            result.violations.append(Violation("starts", str(problem)))
        except Exception:
            # The files of this round are wanted all the more.
            result.violations.append(Violation("harness", traceback.format_exc()))
        if result.violations:
            result.kept = keep / f"hosts-{seed}"
            keeping.keep(place.directory, result.kept, evidence, result.violations)
            for log in place.directory.glob("*.log"):
                shutil.copy(log, result.kept)
    result.summary += f"; {time.monotonic() - began:.0f} s in all"
    return result


def _cut_off(place: Hosts, moment: Moment, servers: tuple[str, ...], say: Callable[[str], None]) -> Cut | None:
    """Cut off whoever sends, for a while. None: nobody has sent."""
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < ends_at:
        place.wait_for_calls(_CALLS_BEFORE_A_CUT, _PATIENCE_SECONDS)
        sender = leases.holder(place.database_url, place.senders)
        if sender not in place.hosts:
            continue
        cut = place.hosts[sender].cut_when(moment, servers, seconds=2.0)
        if cut is None:
            # It has just given the lane back.
            continue
        say(f"{sender} is cut off from {', '.join(servers)} as it {moment.name}")
        cut = replace(cut, released_after=place.hosts[sender].watch(CUT_SECONDS))
        place.keep_serving()
        place.hosts[sender].mend()
        cut = replace(cut, mended_at=time.time())
        say(f"{sender} is back")
        time.sleep(_BETWEEN_SECONDS)
        return cut
    return None


def _told(facts: Facts, evidence: Evidence) -> str:
    took = ", ".join(f"{after:.1f} s" if (after := took_over_after(facts, cut)) else "never" for cut in facts.cuts)
    released = [f"{cut.released_after:.1f} s" for cut in facts.cuts if cut.released_after is not None]
    twice = sum(len(set(webs)) > 1 for webs in facts.posted.values())
    return (
        f"{report.figures(evidence)}; lanes taken over after {took}, "
        f"transactions of who was cut off ended after {', '.join(released) or 'a while that wires do not show'}, "
        f"{sum(row.doubts for row in evidence.rows)} doubts at {evidence.mps} MPS, "
        f"{twice} of {len(facts.posted)} notifications came to both webs"
    )
