"""A policy as a picture: its steps one after the other, when each begins, and what to beware of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError

from incidents import ladder
from incidents.admin import words
from incidents.admin.ladders import since_opening
from incidents.ladder import Rung
from incidents.models import EscalationPolicy, PolicyStep
from incidents.situation import Person, Step
from messaging import numbers
from messaging.models import Contact
from messaging.outbound import guards
from messaging.validators import validate_phone_number


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody of a step, and why they cannot be texted, if they cannot."""

    name: str
    number: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rail:
    """A step: when it begins if nobody answers before, who is asked, and how it goes on."""

    position: int
    begins: str
    manner: str
    people: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole ladder. ``ends``: when it is logged for review; "-" without anybody to ask."""

    rails: tuple[Rail, ...]
    ends: str
    warnings: tuple[str, ...]


def draw(policy: EscalationPolicy, refusals: Mapping[str, str]) -> Picture:
    """The picture of a policy with its steps and people at hand. No queries.

    Args:
        policy: its steps and their contacts are prefetched, or few.
        refusals: number → why it must not be texted, from refused().
    """
    steps = sorted(policy.steps.all(), key=lambda step: step.position)
    people = {step.position: tuple(_people(step, refusals)) for step in steps}
    rungs = ladder.ladder([_as_rules_see_it(step, people[step.position]) for step in steps if people[step.position]])
    begins = _begins(rungs)
    rails = tuple(
        Rail(step.position, begins.get(step.position, "never"), _manner(step), people[step.position]) for step in steps
    )
    return Picture(rails, since_opening(rungs[-1].after) if rungs else "-", tuple(_warnings(rails)))


def refused(policies: Sequence[EscalationPolicy]) -> dict[str, str]:
    """Why some people of these policies must not be texted from the number that would ask them. A few queries for all.

    Where nobody can tell now, nobody is refused: the incident's own page will say.
    """
    found = {
        contact.phone_number for policy in policies for step in policy.steps.all() for contact in step.contacts.all()
    }
    try:
        senders = numbers.choose_for_all(sorted(found), expects_reply=True) if found else {}
        return {number: reason for (number, _), reason in guards.refusals(list(senders.items())).items()}
    except (numbers.NoOriginationIdentity, guards.CannotTell):
        return {}


def _people(step: PolicyStep, refusals: Mapping[str, str]) -> Sequence[Somebody]:
    return [
        Somebody(str(contact), contact.phone_number, _not_a_number(contact) or refusals.get(contact.phone_number, ""))
        for contact in step.contacts.all()
    ]


def _not_a_number(contact: Contact) -> str:
    """What is wrong with a number: one that was imported, or written to the database by hand, may be none."""
    try:
        validate_phone_number(contact.phone_number)
    except ValidationError:
        return f"{contact.phone_number} is no number that can be texted."
    return ""


def _as_rules_see_it(step: PolicyStep, people: Sequence[Somebody]) -> Step:
    wait = timedelta(seconds=step.wait_seconds)
    return Step(step.position, wait, step.reminders, tuple(Person(one.number) for one in people))


def _begins(rungs: Sequence[Rung]) -> dict[int, str]:
    """When each step begins."""
    firsts = ((ask.step, rung.after) for rung in rungs for ask in rung.asked if not ask.stage)
    return {step: since_opening(after) for step, after in firsts}


def _manner(step: PolicyStep) -> str:
    wait = words.duration(timedelta(seconds=step.wait_seconds))
    reminders = words.count(step.reminders, "reminder") if step.reminders else "no reminder"
    return f"{reminders}, {wait} after each text"


def _warnings(rails: Sequence[Rail]) -> list[str]:
    if not any(rail.people for rail in rails):
        return ["Nobody is asked: no incident can be opened with it."]
    empty = [f"Step {rail.position} has nobody: it is passed over." for rail in rails if not rail.people]
    problems = [
        f"Step {rail.position}, {one.name}: {one.problem}" for rail in rails for one in rail.people if one.problem
    ]
    return [*empty, *problems]
