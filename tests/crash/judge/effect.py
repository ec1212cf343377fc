"""What was planned took effect: a round in which something never happened proves nothing of it."""

from collections.abc import Iterator

from tests.crash.evidence import Evidence
from tests.crash.judge.violation import Violation

# What the supervisor cannot start without, or finds still held by its predecessor: it may then end itself and be
# started again. Everything else it has to start again itself.
_ENDS_THE_SUPERVISOR = {"serve", "postmaster", "restart", "redis"}
# Starting, it waits ten seconds for Redis, and migrates.
_STARTS_WITHIN = 20.0


def harmed(evidence: Evidence) -> Iterator[Violation]:
    """Everything planned was killed, flushed or switched on in the end."""
    for what in evidence.undone:
        yield Violation("harmed", f"it never happened: {what}")


def loaded(evidence: Evidence) -> Iterator[Violation]:
    """Every incident and campaign that was asked for got its answer, and everybody's phone worked."""
    for problem in evidence.problems:
        yield Violation("loaded", problem)


def supervised(evidence: Evidence) -> Iterator[Violation]:
    """The supervisor ends itself only where it cannot start."""
    causes = [kill for kill in evidence.kills if kill.what in _ENDS_THE_SUPERVISOR]
    for at in evidence.gave_up:
        if not any(kill.at <= at <= kill.at + kill.away + _STARTS_WITHIN for kill in causes):
            yield Violation("supervised", "the supervisor ended itself, and nothing that it needs had been killed")


RULES = (harmed, loaded, supervised)
