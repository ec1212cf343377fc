"""A ladder as staff see it: steps with people, waits and reminders, and when it is logged for review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.admin import words
from incidents.ladder import Rung

# Further reminders of a step are told in one line.
_MOST_REMINDERS = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the small ladder: when, what happens, and its icon."""

    when: str
    what: str
    icon: str
    tone: str = "plain"


def moments(rungs: Sequence[Rung], names: Mapping[str, str]) -> tuple[Moment, ...]:
    """The ladder in lines: "at once Ann is asked", "after 40 s reminder to Ann", …, "after 160 s logged for review"."""
    found: list[Moment] = []
    for number, rung in enumerate(rungs):
        when = since_opening(rung.after)
        if rung.is_end:
            found.append(Moment(when, "logged for review", "report", "danger"))
            continue
        who = words.names([names.get(ask.phone_number) or ask.phone_number for ask in rung.asked])
        stage = rung.asked[0].stage
        if not stage:
            be = "are" if len(rung.asked) > 1 else "is"
            found.append(Moment(when, f"{who} {be} asked", "notifications_active", "primary"))
        elif stage <= _MOST_REMINDERS:
            found.append(Moment(when, f"reminder to {who}", "alarm"))
        elif _is_last_reminder(rungs, number):
            more = words.count(stage - _MOST_REMINDERS, "more reminder")
            found.append(Moment(f"until {words.duration(rung.after)}", f"{more} to {who}", "alarm"))
    return tuple(found)


def since_opening(after: timedelta) -> str:
    """How long after the opening."""
    return f"after {words.duration(after)}" if after else "at once"


def _is_last_reminder(rungs: Sequence[Rung], number: int) -> bool:
    following = rungs[number + 1]
    return following.is_end or following.asked[0].stage == 0
