"""Who is there and what they do: employees, strangers, people on duty, from a seed. Pure."""

import random
from dataclasses import dataclass, replace

OUR_NUMBER = "+14255550100"
SEGMENT = "Night nurses"
_SENT_AGAIN_AFTER = 65.0
# Nobody waits for somebody whom no text reaches. An incident that does all the same shows itself by this.
_WAIT_FOR_NOBODY = 60
STRANGER, NOT_APPROVED, EMPLOYEE = "stranger", "not approved", "employee"


@dataclass(frozen=True, slots=True)
class Said:
    """A text that somebody sends, some seconds after the one before it (or after what it answers)."""

    after: float
    body: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone.

    Attributes:
        script: what they text, the first after the campaign has reached them (strangers: after the load began).
        on_duty: whether incidents ask them.
        off_until: seconds after the load began at which their phone is switched on; None: it always is. Until then no
            delivery event settles what is in doubt about their texts.
        reachable: whether the carrier can bring them anything at all.
    """

    number: str
    name: str
    kind: str
    script: tuple[Said, ...] = ()
    on_duty: bool = False
    off_until: float | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """A shift."""

    code: str
    places: int


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident: when it is opened, whom it asks one after the other, and how long it waits for each."""

    at: float
    incident_id: str
    contacts: tuple[str, ...]
    waits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything of a round."""

    people: tuple[Person, ...]
    offers: tuple[Offer, ...]
    openings: tuple[Opening, ...]
    campaigns: tuple[tuple[float, str], ...]
    mps: int

    def person(self, number: str) -> Person | None:
        """Who has this number."""
        return next((person for person in self.people if person.number == number), None)


def cast(seed: int, *, employees: int, incidents: int, seconds: float) -> Cast:
    """The people of a round."""
    chance = random.Random(f"people {seed}")
    offers = tuple(Offer(f"WARD{number}", chance.choice((1, 1, 2, 3))) for number in range(1, 9))
    duty = [Person(_number(9000 + index), f"Duty {index}", EMPLOYEE, on_duty=True) for index in range(8)]
    staff = [_employee(chance, index, offers) for index in range(employees)]
    # Some are texted by campaigns and asked by incidents.
    staff[:3] = [replace(one, on_duty=True) for one in staff[:3]]
    # In a long round some come back only when what is in doubt has been sent again.
    back = (seconds, seconds + _SENT_AGAIN_AFTER) if seconds > _SENT_AGAIN_AFTER else (seconds,)
    duty = [replace(one, off_until=chance.choice(back)) if n < 3 else one for n, one in enumerate(duty)]
    duty[-1] = replace(duty[-1], reachable=False)
    staff = [replace(one, off_until=chance.choice(back)) if chance.random() < 0.2 else one for one in staff]
    gone = {3, *chance.sample(range(4, employees), employees // 40)}
    staff = [replace(one, reachable=False, off_until=None) if n in gone else one for n, one in enumerate(staff)]
    strangers = [_stranger(chance, index, offers, seconds) for index in range(6)]
    asked = [person.number for person in (*duty, *staff[:3])]
    openings = tuple(_opening(chance, number, asked, duty[-1].number, seconds) for number in range(1, incidents + 1))
    campaigns = ((1.0, "OFFER-1"), (round(seconds * 0.5, 2), "OFFER-2"))
    people = (*duty, *staff, *strangers)
    return Cast(people, offers, openings, campaigns, chance.choice((15, 20, 25)))


def answer(seed: int, incident_id: str, number: str, asked: int) -> Said | None:
    """What somebody on duty answers to the so-manieth text that asks them about an incident; None: nothing."""
    chance = random.Random(f"answer {seed} {incident_id} {number} {asked}")
    body = chance.choice(
        (None, None, None, None, f"YES {incident_id}", "yes!", f"no {incident_id}", f"No {incident_id}, I am ill")
    )
    return Said(round(chance.uniform(0.2, 5.0), 2), body) if body else None


def _number(index: int) -> str:
    return f"+1425556{index:04}"


def _opening(chance: random.Random, number: int, asked: list[str], gone: str, seconds: float) -> Opening:
    at = round(chance.uniform(1, max(2.0, seconds - 5)), 2)
    contacts = chance.sample(asked, chance.choice((2, 2, 3)))
    if number % 4 == 1:
        # Somebody whom no text reaches is in every round: asked first, and in longer rounds later too.
        contacts = [contact for contact in contacts if contact != gone]
        contacts.insert(number // 4 % 3, gone)
    wait = chance.choice((2, 3, 5))
    waits = tuple(_WAIT_FOR_NOBODY if contact == gone else wait for contact in contacts)
    return Opening(at, f"CRASH-{number}", tuple(contacts), waits)


def _employee(chance: random.Random, index: int, offers: tuple[Offer, ...]) -> Person:
    kind = NOT_APPROVED if chance.random() < 0.03 else EMPLOYEE
    return Person(_number(index), f"Employee {index}", kind, _script(chance, [offer.code for offer in offers]))


def _script(chance: random.Random, codes: list[str]) -> tuple[Said, ...]:
    one, two = chance.sample(codes, 2)
    lines = chance.choices(
        (
            (),
            (one,),
            (one.lower(), f"{two} please"),
            (f"{one}, {two}",),
            (one, f"DROP {one}"),
            (one, "MINE", f"drop {one}", two),
            ("REQUEST", one),
            ("STOP",),
            ("stop.", "JOIN"),
            (one, "STOP", "JOIN", "Stop please"),
            ("HELP", two),
            ("AGENT",),
            ("what is this",),
        ),
        weights=(22, 14, 6, 8, 8, 5, 6, 8, 6, 5, 3, 4, 4),
    )[0]
    return tuple(Said(round(chance.uniform(0.3, 8.0), 2), line) for line in lines)


def _stranger(chance: random.Random, index: int, offers: tuple[Offer, ...], seconds: float) -> Person:
    lines = chance.choice(((offers[0].code,), ("STOP",), ("JOIN", "STOP"), ("hello",), ("STOP", "START"), ("HELP",)))
    script = tuple(Said(round(chance.uniform(1.0, seconds / 3), 2), line) for line in lines)
    return Person(_number(9500 + index), f"Stranger {index}", STRANGER, script)
