"""What is to be done about an alert. Pure.

A trouble that is open and has somebody's attention (an incident that runs or that somebody has, a window, a storm)
takes repeats in silence. One whose incident staff have ended, and which fires still, is a new trouble.
"""

from dataclasses import dataclass
from enum import StrEnum

from incidents.alerts.values import FIRING, RESOLVED


class Do(StrEnum):
    """What is done."""

    OPEN = "open"  # an incident
    REPEAT = "repeat"  # nothing but counting
    SILENCE = "silence"  # held until a window ends
    HOLD = "hold"  # over the limit: told of in the storm's incident
    IGNORE = "ignore"  # nobody is to be asked
    CLOSE = "close"  # the trouble, and its incident
    NOTHING = "nothing"  # it ended, and nothing was open; or no news
    LATE = "late"  # newer news came before it


@dataclass(frozen=True, slots=True)
class Known:
    """An open trouble. ``attended``: its incident has not been cancelled or resolved, or its storm's has not."""

    hold: str = ""
    attended: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done; ``anew``: the trouble that is open ends first."""

    do: Do
    anew: bool = False


def decide(
    state: str,
    known: Known | None,
    *,
    in_window: bool,
    has_policy: bool,
    opened: int,
    limit: int,
    outdated: bool = False,
) -> Verdict:
    """What is to be done.

    Args:
        state: what the alert says: firing, resolved or unchanged.
        known: the open trouble with its key, if there is one.
        in_window: a maintenance window covers it now.
        has_policy: somebody is to be asked about alerts with its labels.
        opened: incidents that its source has opened within the time of its limit.
        limit: how many it may.
        outdated: news of the same trouble that are newer have come before.
    """
    if outdated:
        return Verdict(Do.LATE)
    if state == RESOLVED:
        return Verdict(Do.CLOSE if known else Do.NOTHING)
    if state != FIRING:
        return Verdict(Do.NOTHING)
    if known is not None and _covers(known, in_window=in_window):
        return Verdict(Do.REPEAT)
    return Verdict(_new(in_window=in_window, has_policy=has_policy, over=opened >= limit), anew=known is not None)


def _covers(known: Known, *, in_window: bool) -> bool:
    if known.hold == "window":
        return in_window
    return known.attended


def _new(*, in_window: bool, has_policy: bool, over: bool) -> Do:
    if not has_policy:
        return Do.IGNORE
    if in_window:
        return Do.SILENCE
    return Do.HOLD if over else Do.OPEN
