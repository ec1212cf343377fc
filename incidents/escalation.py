"""Who is asked next, and when: the rules of an incident. Pure: a situation and an event in, a decision out.

A decision is the situation afterwards and the effects (texts to queue or withdraw, lines of the timeline) in order.
incidents.lifecycle stores the one and carries out the other, both or neither.

The clock. A step's texts are queued; when every one of them has been accepted by AWS or has failed for good, the wait
begins, counted from the last such moment. Until then there is no clock, so nobody is hurried by a slow queue. A wait
that is over runs exactly one stage, which queues texts, which stop the clock again: after an outage overdue stages
cannot pile up.

One person may be in several steps. They are a separate entry in each, asked once per step and stage; when the wait is
over and the same person is next, they get that step's text and no notice that they were passed over. Somebody who
says NO has answered for all steps: they are not asked again, and a step of nobody else is passed over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from incidents.situation import (
    Answer,
    Ask,
    Decision,
    Effect,
    Log,
    News,
    Person,
    Situation,
    State,
    Status,
    Tell,
    Withdraw,
)

# What somebody hears whose answer comes when there is nothing left to decide.
_CLOSED = {
    Status.ACKNOWLEDGED: Answer.ALREADY_ACKNOWLEDGED,
    Status.CANCELLED: Answer.CANCELLED,
    Status.RESOLVED: Answer.RESOLVED,
}


def opening(situation: Situation) -> Decision:
    """Ask the first step. Nobody has been asked before."""
    return _advance(situation, [])


def timer_due(situation: Situation, now: datetime) -> Decision:
    """One stage, if the wait is over: a reminder to those of this step, or the next step."""
    step = situation.current
    due = situation.next_step_at
    if situation.status is not Status.NOT_ACKNOWLEDGED or step is None or due is None or due > now:
        return Decision(situation)
    if situation.stage >= step.reminders:
        return _advance(situation, [])
    stage = situation.stage + 1
    asked = [person.phone_number for person in step.people if person.in_play]
    after = situation.changed(step.position, asked, lambda person: replace(person, awaiting=True))
    return Decision(replace(after, stage=stage, next_step_at=None), [Ask(step.position, stage, one) for one in asked])


def text_accepted(situation: Situation, step: int, stage: int, phone_number: str, at: datetime) -> Decision:
    """AWS has a text that asks. Told twice, the second changes nothing."""
    person = situation.person(step, phone_number)
    if person is not None and person.state is State.DECLINED and person.settled_at is None:
        # Their NO overtook this news. A text has reached them all the same, so they are told how it ends.
        return Decision(situation.changed(step, [phone_number], lambda one: replace(one, settled_at=at)))
    if person is None or not person.awaiting or _outdated(situation, step, stage):
        return Decision(situation)

    def settle(person: Person) -> Person:
        state = State.NOTIFIED if person.state is State.TEXTED else person.state
        return replace(person, state=state, awaiting=False, settled_at=at)

    return _settle(situation.changed(step, [phone_number], settle), step, [])


def text_failed(situation: Situation, step: int, stage: int, phone_number: str, at: datetime) -> Decision:
    """A text that asks will never arrive, even if AWS had accepted it. The incident does not wait for this person.

    The newest text decides: that a first text was lost says nothing once the reminder is on its way. Somebody who opts
    out while they are asked gets none any more: the same, told of the current step and stage.
    """
    person = situation.person(step, phone_number)
    if person is None or not person.in_play or _outdated(situation, step, stage):
        return Decision(situation)

    def fail(person: Person) -> Person:
        return replace(person, state=State.FAILED, awaiting=False, settled_at=at)

    return _settle(situation.changed(step, [phone_number], fail), step, [Log("unreachable", phone_number)])


def text_withdrawn(situation: Situation, step: int, stage: int, phone_number: str, at: datetime) -> Decision:
    """A text that asks was taken back before it was sent.

    Of a step that is past, we did it ourselves: somebody whose first text it was has not been asked. Of the current
    step somebody else did, and it fails the person as any other loss would.
    """
    if situation.status is Status.NOT_ACKNOWLEDGED and step == situation.step:
        return text_failed(situation, step, stage, phone_number, at)
    first = stage == 0

    def take_back(person: Person) -> Person:
        never = first and person.state is State.TEXTED
        return replace(person, state=State.PENDING if never else person.state, awaiting=False)

    return Decision(situation.changed(step, [phone_number], take_back))


def said_yes(situation: Situation, by: str) -> Decision:
    """Somebody takes it: a contact's phone number, asked or not, or a staff username.

    Before the end they have it. After ``unacknowledged`` they have it too, marked late. Otherwise they hear who has it.
    """
    if (closed := _CLOSED.get(situation.status)) is not None:
        return Decision(situation, answer=closed)
    late = situation.status is Status.UNACKNOWLEDGED
    effects: list[Effect] = [Log("acknowledged", by if situation.entries(by) else ""), *_withdrawals(situation)]
    effects += [Tell(News.ACKNOWLEDGED, phone) for phone in situation.reached() if phone != by]
    after = situation.marked(by, State.ACKNOWLEDGED, of=tuple(State))
    after = after.ended(Status.ACKNOWLEDGED)
    after = replace(after, acknowledged_by=by, late=late)
    return Decision(after, effects, Answer.THANKS_LATE if late else Answer.THANKS)


def said_no(situation: Situation, phone_number: str, *, texted: bool) -> Decision:
    """A contact cannot take it.

    Args:
        situation: the situation.
        phone_number: a number of the incident's contacts.
        texted: whether they said so by text, and so hear an answer instead of the notice to the one passed over.
    """
    if (closed := _CLOSED.get(situation.status)) is not None:
        return Decision(situation, answer=closed)
    entries = situation.entries(phone_number)
    here = next((person for position, person in entries if position == situation.step), None)
    earlier = any(position < situation.step for position, _ in entries)
    is_open = situation.status is Status.NOT_ACKNOWLEDGED
    asked_now = here is not None and here.in_play and is_open
    of = (State.PENDING, State.TEXTED, State.NOTIFIED, State.FAILED)
    declined = situation.marked(phone_number, State.DECLINED, of=of)
    effects: list[Effect] = [Log("declined", phone_number)] if declined != situation else []
    if not is_open and (here is not None or not earlier):
        return Decision(declined, effects, Answer.LOGGED)
    if not asked_now and earlier:
        effects.append(Log("already_escalated", phone_number))
        return Decision(replace(declined, double_escalation=True), effects, Answer.ALREADY_ESCALATED)
    if not asked_now:
        return Decision(declined, effects, Answer.NOTED if here is not None else Answer.OFF_THE_LIST)

    if situation.step > situation.steps[0].position:
        # Escalated to them already, and declined again: the published samples' double escalation.
        declined = replace(declined, double_escalation=True)
    effects += [withdraw for withdraw in _withdrawals(situation) if withdraw.phone_number == phone_number]
    decision = _settle(declined, situation.step, effects, passed_over=() if texted else (phone_number,))
    if decision.after.step == situation.step and decision.after.status is Status.NOT_ACKNOWLEDGED:
        return replace(decision, answer=Answer.NOTED)
    return replace(decision, answer=_answer_of_advance(decision.after))


def escalate_now(situation: Situation, phone_number: str | None = None) -> Decision:
    """Go on to the next step at once, at the wish of staff or, through them, of a contact.

    ``double_escalation`` marks a request to escalate what was already escalated: by somebody of a step already past,
    which moves nothing, or by staff once the first step is past, which goes on all the same. The situation is open.
    """
    first = situation.steps[0].position
    if phone_number is not None:
        positions = [position for position, _ in situation.entries(phone_number)]
        if situation.step not in positions:
            if not any(position < situation.step for position in positions):
                return Decision(situation, answer=Answer.NOT_ASKED_YET)
            after = replace(situation, double_escalation=True)
            return Decision(after, [Log("already_escalated", phone_number)], Answer.ALREADY_ESCALATED)
    elif situation.step > first:
        situation = replace(situation, double_escalation=True)
    decision = _advance(situation, [])
    return replace(decision, answer=_answer_of_advance(decision.after))


def cancelled(situation: Situation) -> Decision:
    """Staff withdraw an open incident; those who were asked are told."""
    effects: list[Effect] = [Log("cancelled"), *_withdrawals(situation)]
    effects += [Tell(News.CANCELLED, phone) for phone in situation.reached()]
    return Decision(situation.ended(Status.CANCELLED), effects)


def resolved(situation: Situation) -> Decision:
    """Staff close an incident that has ended. Nobody is texted: it asks nothing of anybody."""
    return Decision(situation.ended(Status.RESOLVED), [Log("resolved")])


def over(situation: Situation) -> Decision:
    """The trouble itself has ended, whatever has become of the incident.

    Nobody is asked any more. While it was open, everybody who was asked hears that it is cancelled; whoever has it
    hears that it is resolved; when nobody has it, everybody who was asked, for a late YES would send them in vain.
    """
    if situation.status is Status.NOT_ACKNOWLEDGED:
        return cancelled(situation)
    decision, told = resolved(situation), []
    if situation.status is Status.ACKNOWLEDGED:
        told = [situation.acknowledged_by] if situation.entries(situation.acknowledged_by) else []
    elif situation.status is Status.UNACKNOWLEDGED:
        told = situation.reached()
    return replace(decision, effects=[*decision.effects, *(Tell(News.RESOLVED, phone) for phone in told)])


def _settle(situation: Situation, step: int, effects: list[Effect], *, passed_over: Iterable[str] = ()) -> Decision:
    """After news of one person of a step: start the clock when all is settled, move on when nobody is left in play."""
    current = situation.current
    if situation.status is not Status.NOT_ACKNOWLEDGED or current is None or current.position != step:
        return Decision(situation, effects)
    playing = [person for person in current.people if person.in_play]
    if not playing:
        return _advance(situation, effects, passed_over=passed_over)
    settled = [person.settled_at for person in current.people if person.settled_at is not None]
    if situation.next_step_at is None and settled and not any(person.awaiting for person in playing):
        situation = replace(situation, next_step_at=max(settled) + current.wait)
    return Decision(situation, effects)


def _advance(situation: Situation, effects: list[Effect], *, passed_over: Iterable[str] = ()) -> Decision:
    """Go to the next step that has somebody left to ask; after the last, ``unacknowledged``."""
    current = situation.current
    following = (step for step in situation.steps if step.position > situation.step)
    target = next((step for step in following if any(p.state is not State.DECLINED for p in step.people)), None)
    effects = [*effects, *_withdrawals(situation)]
    if target is None:
        told = [phone for phone in situation.reached(also=passed_over) if phone not in _answering(effects, passed_over)]
        effects += [Log("unacknowledged"), *(Tell(News.LOGGED, phone) for phone in told)]
        return Decision(situation.ended(Status.UNACKNOWLEDGED), effects)

    asked = [person.phone_number for person in target.people if person.state is not State.DECLINED]
    after = situation.changed(target.position, asked, lambda person: replace(person, state=State.TEXTED, awaiting=True))
    after = replace(after, step=target.position, stage=0, next_step_at=None)
    if current is not None:
        effects.append(Log("escalated"))
    effects += [Ask(target.position, 0, phone) for phone in asked]
    if current is not None:
        told = [person.phone_number for person in current.people if person.in_play] + list(passed_over)
        effects += [Tell(News.ESCALATED, phone) for phone in told if phone not in asked]
    return Decision(after, effects)


def _answering(effects: Sequence[Effect], passed_over: Iterable[str]) -> set[str]:
    """Who said NO by text just now: they hear the same in the answer."""
    declined = {effect.phone_number for effect in effects if isinstance(effect, Log) and effect.kind == "declined"}
    return declined - set(passed_over)


def _answer_of_advance(after: Situation) -> Answer:
    return Answer.LOGGED if after.status is Status.UNACKNOWLEDGED else Answer.ESCALATED


def _withdrawals(situation: Situation) -> list[Withdraw]:
    """The asking texts that may still wait in the queue."""
    if situation.status is not Status.NOT_ACKNOWLEDGED or (current := situation.current) is None:
        return []
    waiting = [person.phone_number for person in current.people if person.awaiting]
    return [Withdraw(current.position, situation.stage, phone) for phone in waiting]


def _outdated(situation: Situation, step: int, stage: int) -> bool:
    return step == situation.step and stage != situation.stage
