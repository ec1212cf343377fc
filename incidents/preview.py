"""What would happen if an incident were opened: its first text, who is asked when, what it costs, what to beware of.

Nothing is written. The steps are those that opening would copy, the rungs come from the rules that run an incident, and
each text is composed as it will be.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from incidents import ladder, lifecycle, selectors, situation, texts
from incidents.ladder import Rung
from incidents.models import Incident
from incidents.models.policies import LONGEST_WAIT
from incidents.situation import Ask, Tell
from messaging import numbers, prices
from messaging import selectors as sending
from messaging.forms import read_phone_number
from messaging.models import Contact
from messaging.outbound import guards
from messaging.phrases import speaking
from messaging.prices import Estimate
from messaging.text import Size, measure

# What stands for what nobody has typed yet. Of GSM-7 characters, so that it changes no encoding.
_NO_ID, _NO_DESCRIPTION = "...", "(what has happened)"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to beware of, and the field it is about; it forbids nothing."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen.

    Attributes:
        to: the number of the first contact; "" while there is none.
        sender: the number of ours that asks them; "" while it is not known.
        text: the alert as the first contact reads it.
        rungs: who is asked when; none while there is nobody.
        names: number → name of those who are known.
        first_cost: of the texts that leave at once.
        whole_cost: of every text until it is logged for review, if nobody answers.
        texts: how many these are.
    """

    to: str
    sender: str
    text: str
    size: Size
    rungs: tuple[Rung, ...]
    names: Mapping[str, str]
    first_cost: Estimate
    whole_cost: Estimate
    texts: int
    warnings: tuple[Warned, ...]


@dataclass(frozen=True, slots=True)
class _People:
    """Who may be asked, and what is known of them."""

    names: Mapping[str, str]
    languages: Mapping[str, str]
    asked_elsewhere: Collection[str]

    def language(self, phone_number: str) -> str:
        return self.languages.get(phone_number) or settings.LANGUAGE_CODE

    def name(self, phone_number: str) -> str:
        return self.names.get(phone_number) or phone_number


def preview(request: lifecycle.Request, *, typing: str = "") -> Preview:
    """What opening would do. A dozen queries at most, however many people there are.

    Args:
        request: as it is typed: contacts in any form, anything may be missing or wrong.
        typing: the field in which somebody is just typing; a number that is not complete is no mistake yet.
    """
    request, warnings = _read(request, typing)
    steps = lifecycle.planned_steps(request)
    people = _people({number for step in steps for number in step.phone_numbers})
    rungs = ladder.ladder(situation_of(steps))
    subject = texts.Subject(request.incident_id or _NO_ID, request.description or _NO_DESCRIPTION, request.url)
    first = rungs[0].asked[0] if rungs else Ask(1, 0, "")
    text = _body(subject, first, people)
    senders, problem = _senders(request, list(people.names))
    warnings += [*_taken(request), *_too_long(subject), *_paused(senders), *_refused(senders, people)]
    if problem and people.names:
        warnings.append(Warned("origination_identity", problem))
    costs = [_parts(subject, rung, people) for rung in rungs]
    return Preview(
        to=first.phone_number,
        sender=senders.get(first.phone_number, ""),
        text=text,
        size=measure(text),
        rungs=rungs,
        names=people.names,
        first_cost=prices.estimate(1, costs[0] if costs else {}),
        whole_cost=prices.estimate(1, sum(costs, Counter())),
        texts=sum(len(rung.asked) + len(rung.told) for rung in rungs),
        warnings=tuple(warnings),
    )


def situation_of(steps: Sequence[lifecycle.StepCopy]) -> list[situation.Step]:
    """Steps as the rules see them, before anybody was asked."""
    return [
        situation.Step(
            position,
            timedelta(seconds=step.wait_seconds),
            step.reminders,
            tuple(situation.Person(number) for number in step.phone_numbers),
        )
        for position, step in enumerate(steps, start=1)
    ]


def _read(request: lifecycle.Request, typing: str) -> tuple[lifecycle.Request, list[Warned]]:
    """The request with contacts in E.164; one that is no number is left out, and warned of."""
    warnings: list[Warned] = []
    read: dict[str, Any] = {}
    for field in ("first_contact", "second_contact"):
        typed = getattr(request, field).strip()
        read[field] = ""
        try:
            read[field] = read_phone_number(typed) if typed else ""
        except ValidationError as invalid:
            if field != typing:
                warnings.append(Warned(field, invalid.messages[0]))
    if request.wait_seconds is not None and not 1 <= request.wait_seconds <= LONGEST_WAIT:
        warnings.append(Warned("wait_seconds", f"Wait between 1 and {LONGEST_WAIT} seconds."))
        request = replace(request, wait_seconds=None)
    return replace(request, **read), warnings


def _people(phone_numbers: Collection[str]) -> _People:
    if not phone_numbers:
        return _People({}, {}, ())
    rows = Contact.objects.filter(phone_number__in=phone_numbers).values_list("phone_number", "name", "language")
    known = {number: (name, language) for number, name, language in rows}
    return _People(
        {number: known.get(number, ("", ""))[0] for number in sorted(phone_numbers)},
        {number: language for number, (_, language) in known.items()},
        selectors.asked_now(phone_numbers),
    )


def _senders(request: lifecycle.Request, phone_numbers: Sequence[str]) -> tuple[dict[str, str], str]:
    """The number of ours that each would be asked from; or why there is none."""
    try:
        chosen = numbers.choose_for_all(phone_numbers, wanted=request.origination_identity or None, expects_reply=True)
    except numbers.NoOriginationIdentity as problem:
        return {}, str(problem)
    return chosen, ""


def _body(subject: texts.Subject, ask: Ask, people: _People) -> str:
    with_id = ask.phone_number in people.asked_elsewhere
    return texts.asking(subject, ask, language=people.language(ask.phone_number), with_id=with_id)


def _parts(subject: texts.Subject, rung: Rung, people: _People) -> Counter[str]:
    """The parts of the texts that leave at one moment, by country."""
    parts: Counter[str] = Counter()
    for ask in rung.asked:
        parts[_country(ask.phone_number)] += measure(_body(subject, ask, people)).parts
    asked = texts.names([people.name(ask.phone_number) for ask in rung.asked])
    for tell in rung.told:
        parts[_country(tell.phone_number)] += measure(_news(subject, tell, asked, people)).parts
    return parts


def _news(subject: texts.Subject, tell: Tell, asked: str, people: _People) -> str:
    with speaking(people.language(tell.phone_number)):
        return texts.news(tell.news, subject.incident_id, who=asked)


def _country(phone_number: str) -> str:
    return next(iter(prices.countries([phone_number])))


def _taken(request: lifecycle.Request) -> Iterator[Warned]:
    incident_id = request.incident_id.strip()
    if incident_id and Incident.objects.filter(incident_id=incident_id).exists():
        yield Warned("incident_id", "There is an incident with this id already. Give this one another.")


def _too_long(subject: texts.Subject) -> Iterator[Warned]:
    size = texts.longest(subject)
    if not size.fits:
        excess = size.length - size.limit
        yield Warned("description", f"Too long to be sent: shorten description and link by {excess} characters.")


def _paused(senders: Mapping[str, str]) -> Iterator[Warned]:
    """The numbers that would ask and send nothing until somebody resumes them."""
    lanes = sending.paused_lanes().filter(origination_identity__identity__in=set(senders.values()))
    for identity, reason in lanes.order_by("pk").values_list("origination_identity__identity", "paused_reason"):
        yield Warned("", f"Sending from {identity} is paused, so nobody is texted before it is resumed. {reason}")


def _refused(senders: Mapping[str, str], people: _People) -> Iterator[Warned]:
    """Who must not be texted from the number that would ask them: the guards know, such as consent."""
    try:
        reasons = guards.refusals(list(senders.items())) if senders else {}
    except guards.CannotTell as problem:
        yield Warned("", f"Nobody can tell now who may be texted: {problem}")
        return
    for (number, sender), reason in reasons.items():
        yield Warned("contact", f"{people.name(number)} gets no text from {sender}. {reason}")
