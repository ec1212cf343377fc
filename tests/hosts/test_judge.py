"""Each promise of many hosts, with facts that keep it and facts that break it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.crash.evidence import Evidence, Inbound, Incident, Line, Request
from tests.crash.judge import pace
from tests.hosts.host import EVERYTHING, Cut
from tests.hosts.judge import Facts, as_the_wires_saw, judge_hosts, took_over_after
from tests.hosts.leases import Lease
from tests.hosts.place import Called

NUMBER = "+14255550100"


def called(host: str, row: int, at: float, attempt: int = 1) -> Called:
    """A call that was let through as it came."""
    return Called(host, NUMBER, row, attempt, at, at, at)


# sender-1 sends until it is cut off at 100; sender-2 takes over at 106 and sends until the end.
_CALLED = (
    *(called("sender-1", row, 90.0 + row / 10) for row in range(1, 101)),
    *(called("sender-2", row, 96.0 + row / 10) for row in range(101, 201)),
)
FACTS = Facts(
    cuts=(Cut("sender-1", EVERYTHING, 100.0, 100.0, 120.0),),
    leases=(Lease(89.0, NUMBER, "", "sender-1", None), Lease(106.0, NUMBER, "sender-1", "sender-2", 105.0)),
    called=_CALLED,
    posted={"a": (0, 1), "b": (1,)},
    webs=2,
)
EVIDENCE = Evidence(
    mps=10,
    requests=tuple(
        Request(call.row, 1, f"+1425555{call.row:04}", "Hi", "accepted", str(call.row), call.at, call.steady)
        for call in _CALLED
    ),
    inbound=(Inbound(1, "i", "+14255550101", "YES", "incidents", 109.0, 110.0),),
    incidents=(Incident("I", "acknowledged", "", False, {}, (), (Line("reply", 110.0),)),),
)
Spoil = Callable[[Facts, Evidence], tuple[Facts, Evidence]]


def test_what_was_kept_is_clean() -> None:
    assert judge_hosts(FACTS, EVIDENCE) == []
    assert took_over_after(FACTS, FACTS.cuts[0]) == 6.0


SPOILED: tuple[tuple[str, str, Spoil], ...] = (
    ("a call of a host that has no lease", "one at a time", lambda f, e: (
        replace(f, called=(*f.called, called("sender-2", 5, 95.0, 2))), e)),
    ("a call of the one that was cut off, long after another took over", "one at a time", lambda f, e: (
        replace(f, called=(*f.called, called("sender-1", 5, 110.0, 2))), e)),
    ("a call while nobody has the lane", "one at a time", lambda f, e: (
        replace(f, leases=(replace(f.leases[0], at=95.0), f.leases[1])), e)),
    ("a call from a number that another has", "one at a time", lambda f, e: (
        replace(f, called=(*f.called, replace(called("sender-1", 5, 95.0, 2), number="+14255550199"))), e)),
    ("two drain it at once, and only one of them has it", "one at a time", lambda f, e: (
        replace(f, called=(*f.called, *(replace(call, host="sender-2") for call in f.called[:50]))), e)),
    ("a lease taken before it ran out", "nobody pushed aside", lambda f, e: (
        replace(f, leases=(f.leases[0], replace(f.leases[1], expires_at=106.5))), e)),
    ("a call that no wire brought", "all calls are known", lambda f, e: (
        f, replace(e, requests=(*e.requests, replace(e.requests[0], row=999))))),
    ("nobody was cut off", "in mid-send", lambda f, e: (replace(f, cuts=()), e)),
    ("it was cut off while it was idle", "in mid-send", lambda f, e: (
        replace(f, called=tuple(call for call in f.called if not 98 < call.at < 101)), e)),
    ("it is heard though it was cut off", "cut off", lambda f, e: (
        replace(f, called=(*f.called, called("sender-1", 5, 103.0, 2))), e)),
    ("what came before the end of the cut was let through in it", "cut off", lambda f, e: (
        replace(f, called=(*f.called, replace(called("sender-1", 5, 99.0, 2), heard=103.0))), e)),
    ("it takes a lease though it was cut off", "cut off", lambda f, e: (
        replace(f, leases=(*f.leases, Lease(115.0, NUMBER, "", "sender-1", None))), e)),
    ("nobody takes over", "taken over", lambda f, e: (replace(f, leases=f.leases[:1]), e)),
    ("somebody takes over late", "taken over", lambda f, e: (
        replace(f, leases=(f.leases[0], replace(f.leases[1], at=119.0))), e)),
    ("its transaction stays open", "lets go", lambda f, e: (
        replace(f, cuts=(replace(f.cuts[0], released_after=float("inf")),)), e)),
    ("nothing is sent meanwhile", "goes on", lambda f, e: (
        replace(f, called=tuple(call for call in f.called if call.host == "sender-1")), e)),
    ("nothing is routed meanwhile", "goes on", lambda f, e: (f, replace(e, inbound=()))),
    ("no incident moves meanwhile", "goes on", lambda f, e: (f, replace(e, incidents=()))),
    ("one web is never posted to", "webs", lambda f, e: (replace(f, posted={"a": (0,)}), e)),
    ("nothing comes to both webs", "webs", lambda f, e: (replace(f, posted={"a": (0,), "b": (1,)}), e)),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "spoil"), [one[1:] for one in SPOILED], ids=[one[0] for one in SPOILED])
def test_a_broken_promise_is_found(rule: str, spoil: Spoil) -> None:
    assert rule in {violation.rule for violation in judge_hosts(*spoil(FACTS, EVIDENCE))}


def test_two_hosts_that_send_at_full_pace_at_once_break_the_pace() -> None:
    assert list(pace.number(as_the_wires_saw(EVIDENCE, FACTS.called))) == []
    # As the second wire saw it, its host did not wait for the first.
    early = tuple(replace(call, steady=call.steady - 10) if call.row > 100 else call for call in FACTS.called)
    broken = list(pace.number(as_the_wires_saw(EVIDENCE, early)))
    assert [violation.rule for violation in broken] == ["pace of the number"]
