"""Somebody who is waited for gets no more texts: the incident goes on without them at once. Their YES still counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from incidents import escalation, lifecycle, policies
from incidents.models import EscalationPolicy, IncidentContact
from incidents.situation import Ask, Effect, Log, News, Person, Situation, State, Status, Step, Tell, Withdraw
from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage
from messaging.models import Status as TextStatus
from messaging.outbound import guards, outcomes
from messaging.outbound.outbox.moves import move
from tests.incidents.stage import ANNA, BEN, CARA, OUR_NUMBER, STRANGER, WAIT, Stage

OTHER_NUMBER = "+14255550109"
REASON = "Opted out by text on 2026-11-21."

# The pure part: an opt-out is news that the text of this step and stage has failed.

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NOW = T0 + timedelta(seconds=10)
FORTY = timedelta(seconds=40)
OUT = Person(ANNA, State.FAILED, awaiting=False, settled_at=NOW)
NOTIFIED, WAITED_FOR = Person(ANNA, State.NOTIFIED, settled_at=T0), Person(ANNA, State.TEXTED, awaiting=True)
REMINDED = Person(ANNA, State.NOTIFIED, awaiting=True, settled_at=T0)
BEN_HAS_IT, BEN_GETS_IT = Person(BEN, State.NOTIFIED, settled_at=T0), Person(BEN, State.TEXTED, awaiting=True)
GONE: list[Effect] = [Log("unreachable", ANNA)]
LOGGED: list[Effect] = [*GONE, Log("unacknowledged")]
ON_TO_CARA: list[Effect] = [*GONE, Log("escalated"), Ask(2, 0, CARA)]

TABLE: list[tuple[str, Sequence[Person], bool, Sequence[Person], int, bool, Sequence[Effect]]] = [
    # who is in the step, whether Cara comes after; who then, the step then, whether a clock runs, the effects
    ("the only one", [NOTIFIED], True, [OUT], 2, False, ON_TO_CARA),
    ("the only one, whose text waits", [WAITED_FOR], True, [OUT], 2, False, ON_TO_CARA),
    ("the only one, whose reminder waits", [REMINDED], True, [OUT], 2, False, ON_TO_CARA),
    ("the only one of the last step", [NOTIFIED], False, [OUT], 1, False, LOGGED),
    ("one of two", [NOTIFIED, BEN_HAS_IT], True, [OUT, BEN_HAS_IT], 1, True, GONE),
    ("one of two, the other's text waits", [NOTIFIED, BEN_GETS_IT], True, [OUT, BEN_GETS_IT], 1, False, GONE),
    ("one of two, the only text that waits", [WAITED_FOR, BEN_HAS_IT], True, [OUT, BEN_HAS_IT], 1, True, GONE),
    ("out already", [OUT, BEN_HAS_IT], True, [OUT, BEN_HAS_IT], 1, True, []),
    *(
        (f"{state} already", [Person(ANNA, state), BEN_HAS_IT], True, [Person(ANNA, state), BEN_HAS_IT], 1, True, [])
        for state in (State.PENDING, State.DECLINED)
    ),
]


@pytest.mark.parametrize(
    ("people", "more", "then", "step", "runs", "effects"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_rules(
    people: Sequence[Person], more: bool, then: Sequence[Person], step: int, runs: bool, effects: Sequence[Effect]
) -> None:
    steps = [Step(1, FORTY, 1, tuple(people)), *([Step(2, FORTY, 1, (Person(CARA),))] if more else [])]
    clock_runs = not any(person.awaiting for person in people)
    before = Situation(tuple(steps), step=1, next_step_at=T0 + FORTY if clock_runs else None)
    decision = escalation.text_failed(before, 1, 0, ANNA, NOW)
    assert decision.after.steps[0].people == tuple(then)
    assert decision.after.step == step
    assert (decision.after.next_step_at is not None) is runs
    assert list(decision.effects) == effects
    assert not [effect for effect in decision.effects if isinstance(effect, Tell | Withdraw)]
    again = escalation.text_failed(decision.after, 1, 0, ANNA, NOW)
    assert (again.after, list(again.effects)) == (decision.after, []), "told twice"


def test_whoever_else_was_passed_over_hears_that_it_is_logged_and_the_one_who_opted_out_does_not() -> None:
    steps = (Step(1, FORTY, 1, (BEN_HAS_IT,)), Step(2, FORTY, 1, (NOTIFIED,)))
    decision = escalation.text_failed(Situation(steps, step=2, next_step_at=NOW), 2, 0, ANNA, NOW)
    assert decision.after.status is Status.UNACKNOWLEDGED
    assert [effect for effect in decision.effects if isinstance(effect, Tell)] == [Tell(News.LOGGED, BEN)]


# The lifecycle


def stops(phone_number: str = ANNA, identity: str = OUR_NUMBER) -> None:
    """As messaging tells it of any change of consent."""
    guards.tell_opted_out(phone_number, identity, REASON)


def state_of(phone_number: str, incident_id: str = "123") -> list[str]:
    rows = IncidentContact.objects.filter(step__incident__incident_id=incident_id, phone_number=phone_number)
    return list(rows.order_by("step__position").values_list("state", flat=True))


def unreachable(stage: Stage, incident_id: str = "123") -> list[tuple[str, str]]:
    rows = stage.incident(incident_id).timeline.filter(kind="unreachable").order_by("id")
    return list(rows.values_list("phone_number", "text"))


@pytest.fixture
def asked(stage: Stage) -> Stage:
    """Anna has the alert, Ben comes next."""
    stage.open()
    stage.accept()
    return stage


@pytest.fixture
def pair(stage: Stage) -> Stage:
    """Anna and Ben have the alert, Cara comes next."""
    policies.save(EscalationPolicy(name="pair"), [policies.StepDraft([ANNA, BEN], 40), policies.StepDraft([CARA], 40)])
    stage.open(escalation_policy="pair")
    stage.accept()
    return stage


def test_the_next_is_asked_at_once_and_the_timeline_says_why(asked: Stage) -> None:
    stops()
    assert state_of(ANNA) == ["failed"]
    assert len(asked.texts(BEN)) == 1
    assert len(asked.texts(ANNA)) == 1, "no notice to who wants none"
    assert asked.incident().step == 2
    assert unreachable(asked) == [(ANNA, REASON)]
    assert asked.kinds()[-3:] == ["unreachable", "escalated", "alert"]


def test_told_again_it_changes_nothing(asked: Stage) -> None:
    stops()
    before = asked.kinds(), asked.incident().next_step_at
    stops()
    asked.accept()
    stops()
    assert unreachable(asked) == [(ANNA, REASON)]
    assert asked.kinds() == [*before[0], "sent"]
    assert asked.incident().step == 2


def test_a_step_waits_for_the_others_of_it(pair: Stage) -> None:
    due = pair.incident().next_step_at
    stops()
    assert (state_of(ANNA), state_of(BEN)) == (["failed"], ["notified"])
    assert pair.texts(CARA) == []
    assert pair.incident().next_step_at == due
    pair.forward(WAIT)
    assert "Reminder" in pair.texts(BEN)[-1]
    assert len(pair.texts(ANNA)) == 1
    stops(BEN)
    assert len(pair.texts(CARA)) == 1
    assert unreachable(pair) == [(ANNA, REASON), (BEN, REASON)]


def test_after_the_last_step_it_is_logged_at_once(asked: Stage) -> None:
    stops()
    asked.accept()
    stops(BEN)
    assert asked.status() == "unacknowledged"
    assert asked.incident().next_step_at is None
    assert unreachable(asked) == [(ANNA, REASON), (BEN, REASON)]


def test_a_contact_of_an_earlier_step_moves_nothing(asked: Stage) -> None:
    asked.forward(WAIT)
    asked.forward(WAIT)
    before = asked.kinds(), asked.incident().next_step_at
    assert asked.incident().step == 2
    stops()
    assert (asked.kinds(), asked.incident().next_step_at) == before
    assert state_of(ANNA) == ["notified"]


def test_a_contact_of_a_later_step_and_a_stranger_move_nothing(asked: Stage) -> None:
    before = asked.kinds()
    stops(BEN)
    stops(STRANGER)
    assert asked.kinds() == before
    assert state_of(BEN) == ["pending"]


@pytest.mark.parametrize("how", ["acknowledge", "cancel"])
def test_an_incident_that_has_ended_stays_as_it_is(asked: Stage, how: str) -> None:
    if how == "cancel":
        lifecycle.cancel("123", actor="ops")
    else:
        lifecycle.acknowledge("123", actor="ops")
    before = asked.kinds()
    stops()
    assert asked.kinds() == before
    assert state_of(ANNA) == ["notified"]


def test_every_open_incident_that_waits_for_them_goes_on(asked: Stage) -> None:
    asked.open("7")
    asked.open("later", first_contact=BEN, second_contact=ANNA)
    asked.accept()
    stops()
    for incident_id in ("123", "7"):
        assert unreachable(asked, incident_id) == [(ANNA, REASON)]
        assert asked.incident(incident_id).step == 2
    assert asked.incident("later").step == 1
    assert state_of(ANNA, "later") == ["pending"]


def test_another_number_of_ours_moves_nothing(asked: Stage) -> None:
    stops(identity=OTHER_NUMBER)
    assert state_of(ANNA) == ["notified"]
    assert unreachable(asked) == []


def test_every_number_of_ours_is_meant_by_none(asked: Stage) -> None:
    stops(identity="")
    assert state_of(ANNA) == ["failed"]


def test_an_incident_with_a_number_of_its_own_goes_by_that(stage: Stage) -> None:
    OriginationIdentity.objects.create(identity=OTHER_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100)
    stage.open(origination_identity=OTHER_NUMBER)
    stage.accept()
    stage.say(ANNA, "perhaps")
    assert stage.last(ANNA).origination_identity == OUR_NUMBER, "an answer leaves from where she wrote to"
    stops(identity=OUR_NUMBER)
    assert state_of(ANNA) == ["notified"]
    stops(identity=OTHER_NUMBER)
    assert state_of(ANNA) == ["failed"]


def test_otherwise_the_number_of_the_last_text_about_it_counts(stage: Stage) -> None:
    OriginationIdentity.objects.create(identity=OTHER_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100)
    stage.open("first")
    stage.accept()
    # What else was written to her from there is none of this incident's.
    stage.open("other", origination_identity=OTHER_NUMBER)
    stage.accept()
    stops(identity=OTHER_NUMBER)
    assert (state_of(ANNA, "first"), state_of(ANNA, "other")) == (["notified"], ["failed"])
    stage.forward(WAIT)
    assert stage.last(ANNA).origination_identity == OTHER_NUMBER
    assert (state_of(ANNA, "first")) == ["notified"]
    stops(identity=OUR_NUMBER)
    assert (state_of(ANNA, "first")) == ["notified"]
    stops(identity=OTHER_NUMBER)
    assert (state_of(ANNA, "first")) == ["failed"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ([], TextStatus.SUPPRESSED),
        ([], TextStatus.CANCELLED),
        ([TextStatus.SENDING], TextStatus.SUPPRESSED),
        ([TextStatus.SENDING], TextStatus.SENT),
        ([TextStatus.SENDING], TextStatus.FAILED),
        ([TextStatus.SENDING, TextStatus.UNKNOWN], TextStatus.SENT),
        ([TextStatus.SENDING, TextStatus.SENT], TextStatus.DELIVERED),
    ],
)
@pytest.mark.parametrize("reminder", [False, True])
def test_what_becomes_of_a_text_that_was_under_way_moves_nothing_a_second_time(
    stage: Stage, reminder: bool, first: list[TextStatus], then: TextStatus
) -> None:
    """Also when AWS has taken it, and nobody has told the incident so yet."""
    stage.open()
    if reminder:
        stage.accept()
        stage.time.forward(WAIT)
        stage.due()
    row = OutboundMessage.objects.filter(pk=stage.last(ANNA).pk)
    stands = TextStatus.QUEUED
    for status in first:
        move(row, [stands], status, clock.now(), **({"carrier_message_id": "c"} if status == TextStatus.SENT else {}))
        stands = status
    stops()
    assert stage.incident().step == 2
    before = stage.kinds()
    move(row, [stands], then, clock.now(), **({"carrier_message_id": "c"} if then == TextStatus.SENT else {}))
    outcomes.tell()
    assert stage.incident().step == 2
    assert state_of(ANNA) == ["failed"]
    assert stage.incident().next_step_at is None, "Ben's text is not with AWS yet"
    assert unreachable(stage) == [(ANNA, REASON)]
    kept = [kind for kind in stage.kinds() if kind in {"escalated", "alert", "reminder", "notice"}]
    assert kept == [kind for kind in before if kind in {"escalated", "alert", "reminder", "notice"}]


@pytest.mark.parametrize("ended", [False, True])
def test_their_yes_still_counts(asked: Stage, ended: bool) -> None:
    stops()
    asked.accept()
    if ended:
        stops(BEN)
        assert asked.status() == "unacknowledged"
    asked.say(ANNA, "yes")
    incident = asked.incident()
    assert (incident.status, incident.acknowledged_by, incident.late) == ("acknowledged", ANNA, ended)


def test_their_no_still_counts(asked: Stage) -> None:
    stops()
    asked.say(ANNA, "no")
    assert state_of(ANNA) == ["declined"]
    assert asked.incident().step == 2
