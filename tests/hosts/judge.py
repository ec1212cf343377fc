"""What many hosts promise, by comparison: facts in, violations out. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.crash.evidence import Evidence
from tests.crash.judge import Violation
from tests.hosts.host import CARRIER, Cut
from tests.hosts.leases import Lease
from tests.hosts.place import Called

# A lease lasts five seconds (messaging.outbound.leases). What its holder had begun in the database ends after five
# seconds of silence too. The sweep looks every two, and a busy machine takes its time.
TAKEN_OVER_WITHIN = 12.0
# PostgreSQL ends a sender's transaction after five seconds of silence (messaging.silence), also in mid-batch.
_LETS_GO_WITHIN = 12.0
# A call begins a quarter of a second after its claim at the latest, and then has to be written.
_CALLED_WITHIN = 0.4
# A cut takes a moment, and what has come before it is let through.
_CUT_WITHIN = 0.2
# Enough to say that something goes on: texts of a lane that sends at its pace, and a few of everything else.
_TEXTS_MEANWHILE, _FEW = 20, 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What wires and doors and the database's trigger have seen.

    Attributes:
        posted: by the id of a notification, the webs it was posted to.
        webs: how many there are.
    """

    cuts: tuple[Cut, ...]
    leases: tuple[Lease, ...]
    called: tuple[Called, ...]
    posted: dict[str, tuple[int, ...]]
    webs: int


def judge_hosts(facts: Facts, evidence: Evidence) -> list[Violation]:
    """Every promise that was not kept."""
    return [
        *_one_at_a_time(facts),
        *_nobody_pushed_aside(facts),
        *_all_calls_are_known(facts, evidence),
        *_in_mid_send(facts),
        *_cut_off(facts),
        *_taken_over(facts),
        *_lets_go(facts),
        *_goes_on(facts, evidence),
        *_webs(facts),
    ]


def as_the_wires_saw(evidence: Evidence, called: tuple[Called, ...]) -> Evidence:
    """The evidence with each call's arrival as the kernel told it to the wire: what came after is the wire's doing."""
    came = {(call.row, call.attempt): call.steady for call in called}
    requests = tuple(replace(one, steady=came.get((one.row, one.attempt), one.steady)) for one in evidence.requests)
    return replace(evidence, requests=requests)


def took_over_after(facts: Facts, cut: Cut) -> float | None:
    """After how many seconds another host had the number that this one held when it was cut off; None: never."""
    return next((one.at - cut.at for one in facts.leases if one.at > cut.at and one.after not in ("", cut.host)), None)


def _one_at_a_time(facts: Facts) -> Iterator[Violation]:
    """Whoever calls the carrier holds the lane of the number it calls from."""
    leases: dict[str, list[Lease]] = defaultdict(list)
    for lease in facts.leases:
        leases[lease.number].append(lease)
    for call in facts.called:
        holders = _holders(leases[call.number], call.at - _CALLED_WITHIN, call.at)
        if call.host not in holders:
            who = " and ".join(sorted(holders))
            what = f"{call.host} called with text {call.row} from {call.number} while {who} had that number"
            yield Violation("one at a time", what, (call.row,))


def _holders(leases: Sequence[Lease], since: float, until: float) -> set[str]:
    before = [one.after for one in leases if one.at <= since]
    return {before[-1] if before else "", *(one.after for one in leases if since < one.at <= until)} - {""} or {
        "nobody"
    }


def _nobody_pushed_aside(facts: Facts) -> Iterator[Violation]:
    """A number is taken when nobody has it, or when the lease of whoever had it has run out."""
    for one in facts.leases:
        if one.before and one.after and one.expires_at is not None and one.expires_at > one.at:
            left = one.expires_at - one.at
            what = f"{one.after} took {one.number} from {one.before}, whose lease had {left:.2f} s to go"
            yield Violation("nobody pushed aside", what)


def _all_calls_are_known(facts: Facts, evidence: Evidence) -> Iterator[Violation]:
    """The carrier heard nothing but what came by the way of a host."""
    known = {(call.row, call.attempt) for call in facts.called}
    for request in evidence.requests:
        if (request.row, request.attempt) not in known:
            yield Violation("all calls are known", f"no host brought text {request.row}", (request.row,))


def _in_mid_send(facts: Facts) -> Iterator[Violation]:
    """Each host was cut off while it was sending; else the round proves nothing."""
    if not facts.cuts:
        yield Violation("in mid-send", "no host was cut off")
    for cut in facts.cuts:
        if not any(call.host == cut.host and cut.at - 1 < call.at < cut.at + _CALLED_WITHIN for call in facts.called):
            yield Violation("in mid-send", f"{cut.host} was cut off while it sent nothing")


def _cut_off(facts: Facts) -> Iterator[Violation]:
    """Of a host that is cut off nobody hears anything; else the round proves nothing."""
    for cut in facts.cuts:
        since = cut.at + _CUT_WITHIN
        if CARRIER in cut.servers:
            heard = [call for call in facts.called if call.host == cut.host and since < call.heard < cut.mended_at]
            if heard:
                what = f"{cut.host} was cut off and called {len(heard)} times all the same"
                yield Violation("cut off", what, tuple(call.row for call in heard))
        if any(one.after == cut.host and since < one.at < cut.mended_at for one in facts.leases):
            yield Violation("cut off", f"{cut.host} took a lease while it was cut off from the database")


def _taken_over(facts: Facts) -> Iterator[Violation]:
    """Another host has the number within seconds, and sends from it."""
    for cut in facts.cuts:
        after = took_over_after(facts, cut)
        if after is None or after > TAKEN_OVER_WITHIN:
            told = "never" if after is None else f"only after {after:.1f} s"
            yield Violation("taken over", f"the number of {cut.host} was taken over {told}")


def _lets_go(facts: Facts) -> Iterator[Violation]:
    """What a host had locked as it was cut off is not locked for long."""
    for cut in facts.cuts:
        if cut.released_after is not None and cut.released_after > _LETS_GO_WITHIN:
            yield Violation("lets go", f"a transaction of {cut.host} was open {cut.released_after:.1f} s after the cut")


def _goes_on(facts: Facts, evidence: Evidence) -> Iterator[Violation]:
    """While a host is cut off the others send, route, and move incidents."""
    for cut in facts.cuts:
        counts = {
            "texts sent by others": sum(
                cut.at < call.at < cut.mended_at and call.host != cut.host for call in facts.called
            ),
            "inbound texts routed": sum(
                cut.at < text.routed_at < cut.mended_at for text in evidence.inbound if text.routed_at is not None
            ),
            "lines of incidents": sum(
                cut.at < line.at < cut.mended_at for incident in evidence.incidents for line in incident.timeline
            ),
        }
        for what, count in counts.items():
            if count < (_TEXTS_MEANWHILE if what.startswith("texts") else _FEW):
                yield Violation("goes on", f"{what} while {cut.host} was cut off: {count}")


def _webs(facts: Facts) -> Iterator[Violation]:
    """Every web was posted to, and some notifications came to more than one; stored once is judged with the rest."""
    webs = {web for posts in facts.posted.values() for web in posts}
    if len(webs) != facts.webs:
        yield Violation("webs", f"only {len(webs)} of {facts.webs} webs were posted to")
    if not any(len(set(posts)) > 1 for posts in facts.posted.values()):
        yield Violation("webs", "no notification came to two webs")
