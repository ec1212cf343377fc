"""What an incident does while nobody answers: who is asked when, by the very rules that run it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from incidents import escalation
from incidents.situation import Ask, Situation, Status, Step, Tell

# Any moment will do: only what passes since then is told.
_OPENED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rung:
    """A moment at which texts leave.

    Attributes:
        after: how long after the opening, if AWS takes each text at once.
        asked: the texts that ask: first texts, or reminders.
        told: the texts that only inform.
    """

    after: timedelta
    asked: tuple[Ask, ...]
    told: tuple[Tell, ...]

    @property
    def is_end(self) -> bool:
        """Whether nobody is left to ask: it is logged for review."""
        return not self.asked


def ladder(steps: Sequence[Step]) -> tuple[Rung, ...]:
    """The rungs, the last of which is the end; none without steps."""
    if not steps:
        return ()
    at, decision = _OPENED, escalation.opening(Situation(tuple(steps)))
    rungs: list[Rung] = []
    while True:
        situation = decision.after
        asked = tuple(effect for effect in decision.effects if isinstance(effect, Ask))
        told = tuple(effect for effect in decision.effects if isinstance(effect, Tell))
        rungs.append(Rung(at - _OPENED, asked, told))
        for ask in asked:
            situation = escalation.text_accepted(situation, ask.step, ask.stage, ask.phone_number, at).after
        if situation.status is not Status.NOT_ACKNOWLEDGED or situation.next_step_at is None:
            return tuple(rungs)
        at = situation.next_step_at
        decision = escalation.timer_due(situation, at)
