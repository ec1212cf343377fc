"""A seed becomes people."""

from messaging.validators import validate_phone_number
from tests.crash import people
from tests.crash.judge import consent
from tests.crash.people import EMPLOYEE, NOT_APPROVED, OUR_NUMBER, STRANGER


def cast(seed: int) -> people.Cast:
    return people.cast(seed, employees=350, incidents=10, seconds=75)


def test_the_same_seed_has_the_same_people_and_another_others() -> None:
    assert cast(7) == cast(7)
    assert cast(7) != cast(8)
    assert people.answer(7, "CRASH-1", "+14255569000", 1) == people.answer(7, "CRASH-1", "+14255569000", 1)


def test_everybody_has_a_number_of_their_own() -> None:
    numbers = [person.number for person in cast(1).people]
    assert len(numbers) == len(set(numbers))
    assert OUR_NUMBER not in numbers
    for number in numbers:
        validate_phone_number(number)


def test_there_is_everybody_that_the_rules_speak_of() -> None:
    made = cast(1)
    assert {person.kind for person in made.people} == {EMPLOYEE, NOT_APPROVED, STRANGER}
    assert sum(person.on_duty for person in made.people) == 11
    duty = {person.number for person in made.people if person.on_duty}
    assert all(set(opening.contacts) <= duty for opening in made.openings)
    assert all(opening.at < 75 for opening in made.openings)


def test_whoever_opts_out_uses_words_that_the_judge_knows() -> None:
    said = {line.body for seed in range(20) for person in cast(seed).people for line in person.script}
    opting = {body for body in said if body.lower().startswith(("stop", "join", "start"))}
    assert opting == consent.OUT | consent.BACK


def test_somebody_whom_no_text_reaches_is_asked_in_every_round_and_waited_for_in_none() -> None:
    for seed in range(30):
        made = people.cast(seed, employees=120, incidents=5, seconds=24)
        gone = {person.number for person in made.people if not person.reachable}
        assert any(opening.contacts[0] in gone and opening.waits[0] >= 60 for opening in made.openings)
        assert all(
            (wait < 10) == (contact not in gone)
            for opening in made.openings
            for contact, wait in zip(opening.contacts, opening.waits, strict=True)
        )
        assert any(person.number in gone and not person.on_duty for person in made.people)
        assert all(person.off_until is None for person in made.people if not person.reachable)
