"""The rules of an incident against a small model of the carrier: whatever people, queues and clocks do, they hold.

The carrier takes texts late, in any order, loses its answer, fails before or after it accepted, and tells everything
as often as it likes. People answer at any time and more than once.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from incidents import escalation
from incidents.situation import Answer, Ask, Decision, Person, Situation, Status, Step, Tell, Withdraw

PEOPLE = ("+1", "+2", "+3", "+4")
PHONES = st.sampled_from(PEOPLE)
# What ends an incident happens seldom, or no run would get far.
SELDOM = st.integers(1, 12).map(lambda number: number == 12)
LEGAL = {
    (Status.NOT_ACKNOWLEDGED, Status.ACKNOWLEDGED),
    (Status.NOT_ACKNOWLEDGED, Status.UNACKNOWLEDGED),
    (Status.NOT_ACKNOWLEDGED, Status.CANCELLED),
    (Status.UNACKNOWLEDGED, Status.ACKNOWLEDGED),
}
STEPS = st.lists(
    st.tuples(
        st.lists(PHONES, min_size=1, max_size=3, unique=True),
        st.integers(1, 100),
        st.integers(min_value=0, max_value=2),
    ),
    min_size=1,
    max_size=4,
)

Key = tuple[int, int, str]


class Escalation(RuleBasedStateMachine):
    """One incident, a carrier, and people."""

    @initialize(steps=STEPS)
    def opens(self, steps: list[tuple[list[str], int, int]]) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.fate: dict[Key, str] = {}
        self.moments: dict[Key, datetime] = {}
        self.untold: list[Key] = []
        self.declined: set[str] = set()
        self.ends = 0
        self.situation = Situation(
            steps=tuple(
                Step(number, timedelta(seconds=wait), reminders, tuple(Person(phone) for phone in phones))
                for number, (phones, wait, reminders) in enumerate(steps, start=1)
            )
        )
        self.apply(escalation.opening)
        assert self.situation.step == 1

    def apply(self, decide: Callable[[Situation], Decision]) -> Answer | None:
        before, decision = self.situation, decide(self.situation)
        after = decision.after
        if after.status is not before.status:
            assert (before.status, after.status) in LEGAL
            self.ends += after.status is Status.ACKNOWLEDGED or before.status is Status.NOT_ACKNOWLEDGED
        assert after.step >= before.step
        assert (after.step, after.stage) >= (before.step, before.stage)
        for effect in decision.effects:
            if isinstance(effect, Ask):
                key = (effect.step, effect.stage, effect.phone_number)
                assert key not in self.fate, "texted twice for one step and stage"
                assert before.status is Status.NOT_ACKNOWLEDGED
                assert (effect.step, effect.stage) == (after.step, after.stage), "asked out of turn"
                assert effect.stage <= after.steps[after.step - 1].reminders, "reminded too often"
                assert effect.phone_number not in self.declined, "asked again after NO"
                self.fate[key] = "queued"
            elif isinstance(effect, Withdraw):
                key = (effect.step, effect.stage, effect.phone_number)
                if self.fate[key] == "queued":
                    self.fate[key], self.moments[key] = "withdrawn", self.now
                    self.untold.append(key)
            elif isinstance(effect, Tell):
                assert any(phone == effect.phone_number for _, _, phone in self.fate), "told who was never asked"
        told = [(e.news, e.phone_number) for e in decision.effects if isinstance(e, Tell)]
        assert len(told) == len(set(told))
        self.situation = after
        return decision.answer

    @rule(seconds=st.floats(0.001, 500))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_timer_rings(self) -> None:
        before = self.situation
        self.apply(lambda situation: escalation.timer_due(situation, self.now))
        if before.next_step_at is None or before.next_step_at > self.now:
            assert self.situation == before, "early"
        elif before.status is Status.NOT_ACKNOWLEDGED:
            assert self.situation != before
            assert self.situation.next_step_at is None, "stages pile up"

    @rule()
    def the_wait_goes_by(self) -> None:
        self.now = max(self.now, self.situation.next_step_at or self.now)
        self.the_timer_rings()

    @rule()
    def the_carrier_takes_everything(self) -> None:
        for key in self.texts("queued"):
            self.fate[key], self.moments[key] = "sent", self.now
            step, stage, phone = key
            self.apply(partial(escalation.text_accepted, step=step, stage=stage, phone_number=phone, at=self.now))

    def texts(self, *fates: str) -> list[Key]:
        return sorted(key for key, fate in self.fate.items() if fate in fates)

    @precondition(lambda self: self.texts("queued", "unknown"))
    @rule(data=st.data(), fate=st.sampled_from(["sent", "sent", "sent", "failed", "unknown"]))
    def the_carrier_answers(self, data: st.DataObject, fate: str) -> None:
        key = data.draw(st.sampled_from(self.texts("queued", "unknown")))
        self.fate[key], self.moments[key] = fate, self.now
        if fate != "unknown":
            self.untold.append(key)

    @precondition(lambda self: self.texts("sent"))
    @rule(data=st.data())
    def a_text_is_undelivered_after_all(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self.texts("sent")))
        self.fate[key], self.moments[key] = "failed", self.now
        self.untold.append(key)

    @precondition(lambda self: self.untold)
    @rule(data=st.data(), again=st.booleans())
    def the_incident_hears_of_a_text(self, data: st.DataObject, again: bool) -> None:
        key = data.draw(st.sampled_from(sorted(set(self.untold))))
        tell = {
            "sent": escalation.text_accepted,
            "failed": escalation.text_failed,
            "withdrawn": escalation.text_withdrawn,
        }[self.fate[key]]
        before = self.situation
        self.apply(lambda situation: tell(situation, *key, self.moments[key]))
        if key[0] == before.step and key[1] < before.stage:
            assert self.situation == before, "the newest text decides"
        if again:
            before = self.situation
            self.apply(lambda situation: tell(situation, *key, self.moments[key]))
            assert self.situation == before, "told twice, counted twice"
        self.untold = [one for one in self.untold if one != key]

    @rule(phone=PHONES, really=SELDOM)
    def somebody_says_yes(self, phone: str, really: bool) -> None:
        if not self.situation.entries(phone) or not really:
            return
        before = self.situation
        answer = self.apply(lambda situation: escalation.said_yes(situation, phone))
        if before.status in (Status.NOT_ACKNOWLEDGED, Status.UNACKNOWLEDGED):
            assert self.situation.acknowledged_by == phone
            assert self.situation.late == (before.status is Status.UNACKNOWLEDGED)
            assert answer in (Answer.THANKS, Answer.THANKS_LATE)
        else:
            assert self.situation == before

    @rule(phone=PHONES, texted=st.booleans(), really=SELDOM)
    def somebody_says_no(self, phone: str, texted: bool, really: bool) -> None:
        if not self.situation.entries(phone) or not really:
            return
        before = self.situation
        self.declined.add(phone)
        answer = self.apply(lambda situation: escalation.said_no(situation, phone, texted=texted))
        assert answer is not None
        if before.status is not Status.NOT_ACKNOWLEDGED:
            assert self.situation.status is before.status
        self.apply(lambda situation: escalation.said_no(situation, phone, texted=texted))
        assert self.situation.step <= before.step + len(before.steps)

    @precondition(lambda self: self.situation.status is Status.NOT_ACKNOWLEDGED)
    @rule(phone=PHONES, really=SELDOM)
    def somebody_opts_out(self, phone: str, really: bool) -> None:
        """As lifecycle.opted_out tells it. Their texts go on to be sent, withdrawn or lost all the same."""
        if not really:
            return
        here = self.situation.step, self.situation.stage
        self.apply(lambda situation: escalation.text_failed(situation, *here, phone, self.now))
        step = self.situation.current
        assert step is not None
        if (step.position, self.situation.stage) == here and self.situation.status is Status.NOT_ACKNOWLEDGED:
            assert not any(person.in_play for person in step.people if person.phone_number == phone)

    @precondition(lambda self: self.situation.status is Status.NOT_ACKNOWLEDGED)
    @rule(phone=st.none() | PHONES, really=SELDOM)
    def staff_escalate(self, phone: str | None, really: bool) -> None:
        if not really:
            return
        if phone is None or self.situation.entries(phone):
            self.apply(lambda situation: escalation.escalate_now(situation, phone))

    @precondition(lambda self: self.situation.status is Status.NOT_ACKNOWLEDGED)
    @rule(really=SELDOM)
    def staff_cancel(self, really: bool) -> None:
        if really:
            self.apply(escalation.cancelled)

    @invariant()
    def it_ends_once(self) -> None:
        if hasattr(self, "situation"):
            most = 2 if self.situation.late else 1
            assert self.ends <= most
            if self.situation.status is not Status.NOT_ACKNOWLEDGED:
                assert self.situation.next_step_at is None

    @invariant()
    def it_never_hangs(self) -> None:
        """An open incident has a clock, or waits for news of a text of the current step and stage."""
        if not hasattr(self, "situation") or self.situation.status is not Status.NOT_ACKNOWLEDGED:
            return
        if self.situation.next_step_at is not None:
            return
        here = (self.situation.step, self.situation.stage)
        waits_for = [key for key, fate in self.fate.items() if key[:2] == here and fate in ("queued", "unknown")]
        assert waits_for or [key for key in self.untold if key[:2] == here]

    @invariant()
    def no_wait_is_shorter_than_it_should_be(self) -> None:
        """The clock counts from the last of the texts that it is about."""
        if not hasattr(self, "situation") or (due := self.situation.next_step_at) is None:
            return
        step = self.situation.current
        assert step is not None
        for person in step.people:
            key = (step.position, self.situation.stage, person.phone_number)
            if person.in_play:
                assert self.fate[key] not in ("queued", "unknown")
                accepted = person.settled_at
                assert accepted is not None
                assert due >= accepted + step.wait


Escalation.TestCase.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
TestEscalation = Escalation.TestCase
