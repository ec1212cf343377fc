"""What reports say of a day, and of several together. Pure.

Medians need every value, so a day keeps them: a number for each acknowledged incident, of which the sums of days can be
made as exactly as if all incidents had been read at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from incidents.reports.figures import Outcome, median
from incidents.reports.spans import Span

# Finer than a text travels.
DIGITS = 3


@dataclass(slots=True)
class Group:
    """Incidents: of a day, of a policy, of a column.

    Attributes:
        escalations: steps beyond the first, of all of them.
        took: seconds from the opening to the acknowledgement, of each that was acknowledged.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    escalations: int = 0
    took: list[float] = field(default_factory=list)

    @property
    def opened(self) -> int:
        """How many there are."""
        return self.outcomes.total()

    @property
    def acknowledged(self) -> int:
        """How many somebody took, in time or late."""
        return len(self.took)

    @property
    def late(self) -> int:
        """How many somebody took only after they were logged for review."""
        return self.outcomes[Outcome.LATE.value]

    @property
    def median(self) -> float | None:
        """Of the seconds; None while none was acknowledged."""
        return median(self.took)

    def add(self, other: "Group") -> None:
        """Take in others."""
        self.outcomes.update(other.outcomes)
        self.escalations += other.escalations
        self.took += other.took


@dataclass(slots=True)
class Person:
    """Somebody who was a contact of incidents. All but ``answers`` counts incidents.

    Attributes:
        answers: seconds from the latest text that asked to the YES.
        silent: incidents in which they were passed over, or were the last to be asked in vain.
    """

    name: str = ""
    incidents: int = 0
    asked: int = 0
    acknowledged: int = 0
    declined: int = 0
    failed: int = 0
    silent: int = 0
    answers: list[float] = field(default_factory=list)

    def add(self, row: Sequence[Any]) -> None:
        """Take in what happened to them on another day, which is a row."""
        name, incidents, asked, acknowledged, declined, failed, silent, answers = row
        self.name = max(self.name, name)
        self.incidents += incidents
        self.asked += asked
        self.acknowledged += acknowledged
        self.declined += declined
        self.failed += failed
        self.silent += silent
        self.answers += answers

    def row(self) -> list[Any]:
        """As a day has it: tens of thousands of them are read for a page, which are added up as they are."""
        asked = (self.name, self.incidents, self.asked, self.acknowledged)
        return [*asked, self.declined, self.failed, self.silent, self.answers]


@dataclass(slots=True)
class Day:
    """The incidents that were opened on a day.

    Attributes:
        policies: by the name that each policy had when they were opened; "": without one.
        people: rows of Person, by phone number.
        statuses: incidents, by the status they have.
        first_text: seconds from the opening to the first text, added up; and of how many incidents.
    """

    policies: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    people: dict[str, list[Any]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    first_text: tuple[float, int] = (0.0, 0)

    @property
    def whole(self) -> Group:
        """All of its incidents."""
        return _together(self.policies.values())

    def as_json(self) -> dict[str, Any]:
        """For a JSON column; ``read`` makes the same of it again."""
        policies = {name: [one.outcomes, one.escalations, one.took] for name, one in self.policies.items()}
        return {"policies": policies, "people": self.people, "statuses": self.statuses, "first_text": self.first_text}


def read(kept: Mapping[str, Any]) -> Day:
    """The day that was stored as_json."""
    return Day(
        policies={
            name: Group(Counter(outcomes), escalations, took)
            for name, (outcomes, escalations, took) in kept["policies"].items()
        },
        people=kept["people"],
        statuses=Counter(kept["statuses"]),
        first_text=(kept["first_text"][0], kept["first_text"][1]),
    )


def renamed(kept: Mapping[str, Any], number: str, other: str) -> dict[str, Any]:
    """A day that was stored as_json, with another number for somebody, and without their name."""
    people = {known: row for known, row in kept["people"].items() if known != number}
    if number in kept["people"]:
        together = Person()
        for row in (kept["people"][number], *([people[other]] if other in people else [])):
            together.add(row)
        together.name = ""
        people[other] = together.row()
    return {**kept, "people": people}


def columns(found: Mapping[date, Day], span: Span) -> dict[date, Group]:
    """What charts show, by column of the span."""
    wholes: dict[date, Group] = {begin: Group() for begin in span.columns()}
    for begin, whole in wholes.items():
        first, last = span.of_column(begin)
        for day, one in found.items():
            if first <= day <= last:
                whole.add(one.whole)
    return wholes


def policies(found: Mapping[date, Day]) -> dict[str, Group]:
    """Each policy, those with the most incidents first."""
    together: dict[str, Group] = defaultdict(Group)
    for one in found.values():
        for name, group in one.policies.items():
            together[name].add(group)
    return dict(sorted(together.items(), key=lambda item: (-item[1].opened, item[0])))


def people(found: Mapping[date, Day]) -> dict[str, Person]:
    """Each number, in order."""
    together: dict[str, Person] = defaultdict(Person)
    for one in found.values():
        for number, row in one.people.items():
            together[number].add(row)
    return dict(sorted(together.items()))


def _together(groups: Iterable[Group]) -> Group:
    whole = Group()
    for one in groups:
        whole.add(one)
    return whole
