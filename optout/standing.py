"""How somebody stands with one number of ours, by what was said of it. Pure.

The latest event in time decides, in whatever order events arrive; of two in the same instant, the opt-out. Whoever
says the same again has stood so since the first time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from optout.models import EVERY_NUMBER, Action, State


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


def is_late(standing: Standing, said: Said) -> bool:
    """Whether an event is not later than those already told: then all must be told anew."""
    return said.at <= standing.latest_at


def merged(own: Mapping[str, Standing], kept: Mapping[str, Standing]) -> dict[str, Standing]:
    """How somebody stands, scope by scope, who was erased and has come back: the latest that was said decides.

    Args:
        own: scope → standing, by what was said since.
        kept: the same, by what was said before the erasure.
    """
    found = {}
    for scope in {*own, *kept}:
        each = [scopes.get(scope) or scopes.get(EVERY_NUMBER) for scopes in (own, kept)]
        found[scope] = max((one for one in each if one), key=lambda one: (one.latest_at, one.opted_out))
    return found
