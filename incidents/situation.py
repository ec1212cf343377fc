"""What the rules of an incident speak of: its situation, the effects of a decision, the answers. Pure values."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Status(StrEnum):
    """incidents.models.Status, for code without Django; a test holds the two together."""

    NOT_ACKNOWLEDGED = "not_acknowledged"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"


class State(StrEnum):
    """incidents.models.State, likewise."""

    PENDING = "pending"
    TEXTED = "texted"
    NOTIFIED = "notified"
    FAILED = "failed"
    DECLINED = "declined"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Person:
    """One contact of one step. ``awaiting``: a text of the current stage has not settled."""

    phone_number: str
    state: State = State.PENDING
    awaiting: bool = False
    settled_at: datetime | None = None

    @property
    def in_play(self) -> bool:
        """Whether an answer is still hoped for."""
        return self.state in (State.TEXTED, State.NOTIFIED)


@dataclass(frozen=True, slots=True)
class Step:
    """People texted together, how often they are reminded, and the wait after each text."""

    position: int
    wait: timedelta
    reminders: int
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """An incident as the rules see it. ``step`` is the position of the current step, 0 before the first."""

    steps: tuple[Step, ...]
    status: Status = Status.NOT_ACKNOWLEDGED
    step: int = 0
    stage: int = 0
    next_step_at: datetime | None = None
    double_escalation: bool = False
    late: bool = False
    acknowledged_by: str = ""

    @property
    def current(self) -> Step | None:
        """The step being asked, or the last one that was."""
        return next((step for step in self.steps if step.position == self.step), None)

    def entries(self, phone_number: str) -> list[tuple[int, Person]]:
        """The places of a number: position of the step, and the person there."""
        return [(s.position, p) for s in self.steps for p in s.people if p.phone_number == phone_number]

    def person(self, step: int, phone_number: str) -> Person | None:
        """The entry of a number in one step."""
        return next((person for position, person in self.entries(phone_number) if position == step), None)

    def reached(self, *, also: Iterable[str] = ()) -> list[str]:
        """Everybody who has been texted, or is about to be, each once. Not those whom no text reaches."""
        reached = [
            person.phone_number
            for step in self.steps
            for person in step.people
            if person.in_play or (person.state is State.DECLINED and person.settled_at is not None)
        ]
        return list(dict.fromkeys([*reached, *also]))

    def ended(self, status: Status) -> "Situation":
        """With nothing more to come."""
        return replace(self, status=status, next_step_at=None)

    def changed(self, position: int, phone_numbers: Collection[str], change: Callable[[Person], Person]) -> "Situation":
        """With some people of one step changed."""

        def step(one: Step) -> Step:
            if one.position != position:
                return one
            people = (change(person) if person.phone_number in phone_numbers else person for person in one.people)
            return replace(one, people=tuple(people))

        return replace(self, steps=tuple(step(one) for one in self.steps))

    def marked(self, phone_number: str, state: State, *, of: Collection[State]) -> "Situation":
        """With a number in this state wherever it has one of the given states; nothing of theirs is waited for."""

        def mark(person: Person) -> Person:
            return replace(person, state=state, awaiting=False) if person.state in of else person

        situation = self
        for step in self.steps:
            situation = situation.changed(step.position, [phone_number], mark)
        return situation


class News(StrEnum):
    """What somebody is told who did not just text us."""

    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    LOGGED = "logged"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"


class Answer(StrEnum):
    """What the person who just answered is to hear."""

    THANKS = "thanks"
    THANKS_LATE = "thanks_late"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ESCALATED = "escalated"
    NOTED = "noted"  # NO, but others of the same step are still being asked
    OFF_THE_LIST = "off_the_list"  # NO before they were asked
    ALREADY_ESCALATED = "already_escalated"
    LOGGED = "logged"
    CANCELLED = "cancelled"
    RESOLVED = "resolved"
    NOT_ASKED_YET = "not_asked_yet"


@dataclass(frozen=True, slots=True)
class Ask:
    """Queue the text that asks somebody: stage 0 is the first text, n the n-th reminder."""

    step: int
    stage: int
    phone_number: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Queue a text that only informs."""

    news: News
    phone_number: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take back what still waits of an asking text."""

    step: int
    stage: int
    phone_number: str


@dataclass(frozen=True, slots=True)
class Log:
    """A line of the timeline; ``kind`` is one of incidents.models.Kind."""

    kind: str
    phone_number: str = ""


Effect = Ask | Tell | Withdraw | Log


@dataclass(frozen=True, slots=True)
class Decision:
    """The situation afterwards, what is to be done, and what the person who answered hears."""

    after: Situation
    effects: Sequence[Effect] = field(default=())
    answer: Answer | None = None
