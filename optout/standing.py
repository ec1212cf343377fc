"""How somebody stands with one number of ours, by what was said of it. Pure.

The latest event in time decides, in whatever order events arrive; of two in the same instant, the opt-out. Whoever
says the same again has stood so since the first time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from optout.models import Action, State


@dataclass(frozen=True, slots=True)
class Said:
    """An event, as far as it decides."""

    action: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, since when, by which way it became so, and when that was last said."""

    state: str
    since: datetime
    source: str
    latest_at: datetime

    @property
    def opted_out(self) -> bool:
        """Whether no text may be sent."""
        return self.state == State.OPTED_OUT


def order(said: Said) -> tuple[datetime, bool, str]:
    """The order in which events are told: by time, an opt-out last within one instant."""
    return said.at, said.action == Action.OPT_OUT, said.source


def after(standing: Standing | None, said: Said) -> Standing:
    """How somebody stands after one more event, which is not earlier than those before."""
    state = State.OPTED_OUT if said.action == Action.OPT_OUT else State.OPTED_IN
    if standing is not None and standing.state == state:
        return replace(standing, latest_at=said.at)
    return Standing(state.value, said.at, said.source, said.at)


def told(events: Iterable[Said]) -> Standing | None:
    """How somebody stands after all of these, given in any order; None when nothing was said."""
    standing = None
    for said in sorted(events, key=order):
        standing = after(standing, said)
    return standing


def is_late(standing: Standing | None, said: Said) -> bool:
    """Whether an event is not later than one already told: then all must be told anew."""
    return standing is not None and said.at <= standing.latest_at


def effective(own: Standing | None, every: Standing | None) -> Standing | None:
    """What counts for one number: what was said of it or of every number, whichever is later; at once, the opt-out."""
    if own is None or every is None:
        return own or every
    if own.latest_at == every.latest_at:
        return own if own.opted_out else every
    return own if own.latest_at > every.latest_at else every
