"""What harm is done, and when: a seed becomes a list. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

# Processes of the Procfile and what they start: killed by -9, restarted by the product's own supervisor.
PROCESSES = ("web", "web-worker", "sender", "worker", "timer", "webhooks", "scheduler", "clock")
# Everything at once: the supervisor itself. Whoever supervises it (here the harness) starts it again.
SUPERVISOR = "serve"
# Killed by -9, and away for a while.
SERVERS = ("redis", "simulator")
# An operator's restart: a fast shutdown, which says goodbye to everybody (57P01), refuses whoever comes (57P03), and is
# away for a while. After a kill there is nobody to say either.
RESTART = "restart"
POSTGRESQL = ("postmaster", "backend", RESTART)
FLUSH = "flush"

# Faults of the carrier and of SNS: the highest probability with which each strikes.
FAULTS = {
    "throttle": 0.4,
    "server_error": 0.4,
    "hang_after_accept": 0.3,
    "drop_answer": 0.2,
    "lose": 0.15,
    "duplicate": 0.5,
    "reorder": 0.4,
    "notification_delay": 0.5,
}
# A call that hangs shorter than its caller's patience (10 s) is one that a kill finds under way.
_HANGS = (1.5, 2.5, 30.0)
# What a crash leaves in doubt depends on these two: their turn comes twice as often.
_TWICE = ("sender", "simulator")
# Before these die the carrier becomes slow to answer what it has accepted: a kill that meets no call proves little.
_MEETS_CALLS = ("sender", "simulator", "postmaster", RESTART, SUPERVISOR)
_SLOW_BEFORE, _SLOW_SECONDS, _SLOW_HOLDS = 1.0, 1.5, 3.0
_LONGEST_AWAY = 5.0
_SETTLES_BEFORE_THE_END = 3.0


@dataclass(frozen=True, slots=True)
class Harm:
    """One thing that goes wrong.

    Attributes:
        at: seconds after the load began.
        kind: ``kill``, ``restart``, ``flush`` or ``fault``.
        what: the process or server, or the kind of fault.
        seconds: how long a server stays away, or a fault stays on.
        probability: with which a fault strikes.
        holds: for how long a fault holds something back; 0: as long as the simulator thinks fit.
        pick: chooses among several processes of one kind, and seeds a fault.
    """

    at: float
    kind: str
    what: str
    seconds: float = 0.0
    probability: float = 1.0
    pick: int = 0
    holds: float = 0.0

    def __str__(self) -> str:
        if self.kind == "fault":
            return f"{self.at:5.1f} {self.what} {self.probability:.0%} for {self.seconds:.1f} s"
        return f"{self.at:5.1f} {self.kind} {self.what}" + (f", away {self.seconds:.1f} s" if self.seconds else "")


def targets(database: str) -> tuple[str, ...]:
    """What can be killed, or ended otherwise, on this kind of database."""
    return (*PROCESSES, SUPERVISOR, *SERVERS, FLUSH, *(POSTGRESQL if database == "postgresql" else ()))


def draw(seed: int, database: str, seconds: float, calm: float = 1.0) -> tuple[Harm, ...]:
    """All harm of a round, in its order. Everything has its turn before the deck is shuffled again.

    Args:
        seed: the same seed draws the same list.
        database: ``sqlite`` or ``postgresql``.
        seconds: for how long harm is done; faults are off by then, and servers back.
        calm: what the pauses between two harms are multiplied by.
    """
    chance = random.Random(f"harm {seed}")
    kills = list(
        _spaced(chance, _decks(chance, [*sorted(targets(database)), *_TWICE]), seconds, 2.5 * calm, 6.0 * calm)
    )
    faults = _spaced(chance, _decks(chance, sorted(FAULTS)), seconds, 3.0 * calm, 9.0 * calm)
    harm = [_kill(chance, at, what, seconds - at) for at, what in kills]
    harm += [_fault(chance, at, what, seconds - at) for at, what in faults]
    harm += [_slowness(chance, at) for at, what in kills if what in _MEETS_CALLS]
    return tuple(sorted(harm, key=lambda one: one.at))


def _decks(chance: random.Random, cards: list[str]) -> Iterator[str]:
    while True:
        deck = list(cards)
        chance.shuffle(deck)
        yield from deck


def _spaced(
    chance: random.Random, cards: Iterator[str], seconds: float, shortest: float, longest: float
) -> Iterator[tuple[float, str]]:
    at = chance.uniform(shortest, longest)
    while at < seconds - _SETTLES_BEFORE_THE_END:
        yield round(at, 2), next(cards)
        at += chance.uniform(shortest, longest)


def _kill(chance: random.Random, at: float, what: str, left: float) -> Harm:
    away = min(chance.choice((0.0, chance.uniform(0, _LONGEST_AWAY))), left)
    pick = chance.randrange(1000)
    if what == FLUSH:
        return Harm(at, "flush", "redis", pick=pick)
    if what == RESTART:
        return Harm(at, "restart", "postmaster", round(away, 2), pick=pick)
    is_server = what in (*SERVERS, "postmaster", SUPERVISOR)
    return Harm(at, "kill", what, round(away, 2) if is_server else 0.0, pick=pick)


def _fault(chance: random.Random, at: float, what: str, left: float) -> Harm:
    highest = FAULTS[what]
    probability = round(chance.uniform(highest / 3, highest), 2)
    holds = {"hang_after_accept": chance.choice(_HANGS), "reorder": 2.0, "notification_delay": 3.0}.get(what, 0.0)
    # Each call that hangs till its caller gives up holds the whole second's worth it belongs to.
    probability = round(probability / 10, 2) if holds > 10 else probability
    seconds = round(min(chance.uniform(3, 10), left), 2)
    return Harm(at, "fault", what, seconds, probability, chance.randrange(1000), holds)


def _slowness(chance: random.Random, at: float) -> Harm:
    begins = round(max(0.0, at - _SLOW_BEFORE), 2)
    return Harm(begins, "fault", "hang_after_accept", _SLOW_SECONDS, 0.5, chance.randrange(1000), _SLOW_HOLDS)
