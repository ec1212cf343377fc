"""The page of one incident: who was not reached and why, and who was not told that it is theirs."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from incidents import lifecycle, policies
from incidents.models import EscalationPolicy
from messaging import clock
from messaging.models import Contact, OutboundMessage, Status
from messaging.outbound import outcomes, reply_limits
from messaging.outbound.outbox.moves import forbid, move
from optout import ledger
from optout.ledger import Entry
from optout.models import Action, Source
from tests.incidents.stage import ANNA, BEN, OUR_NUMBER, WAIT, Stage
from tests.incidents.test_admin import LIST, act, file_of, staff
from tests.incidents.test_admin_story import deliver, fragment, page, plain


@pytest.fixture
def olga(stage: Stage) -> Client:
    return staff("view_incident", "see_phone_numbers", "add_incident", "change_incident")


def stop(phone_number: str) -> None:
    """Somebody texts STOP."""
    entry = Entry(phone_number, OUR_NUMBER, Action.OPT_OUT, Source.SMS, datetime(2026, 11, 21, 9, tzinfo=UTC))
    ledger.record(entry)


def join(phone_number: str) -> None:
    """Somebody texts JOIN later."""
    entry = Entry(phone_number, OUR_NUMBER, Action.OPT_IN, Source.SMS, datetime(2026, 11, 21, 10, tzinfo=UTC))
    ledger.record(entry)


def withhold(phone_number: str) -> None:
    """A guard forbids what waits for somebody."""
    rows = OutboundMessage.objects.filter(destination_phone_number=phone_number)
    forbid(rows, Status.QUEUED, "Opted out by text on 2026-11-21.", clock.now())
    outcomes.tell()


def test_who_cannot_be_reached_is_told_with_the_reason(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.refuse(ANNA)
    text = page(olga, incident)
    assert "Who was not reached, and why Anna was not reached: No such number" in text
    assert re.search(r"Alert to Anna .*? error failed [\d:]{8}: No such number", text)
    assert "Anna – not reached" in text
    assert "Anna could not be reached" in text
    assert "Escalated to Ben" in text


def test_who_has_opted_out_is_not_texted_and_the_page_says_so(olga: Client, stage: Stage) -> None:
    stop(ANNA)
    incident = stage.open()
    outcomes.tell()
    text = page(olga, incident)
    assert "Anna was not texted: Opted out by text on 2026-11-21." in text
    assert re.search(r"Alert to Anna .*? block not sent [\d:]{8}: Opted out by text on 2026-11-21\.", text)
    assert "Anna – not reached" in text
    assert "Escalated to Ben" in text
    assert f'href="{LIST}{incident.pk}/not-texted/"' in fragment(olga, incident).content.decode()
    assert stage.texts(ANNA) == []


def test_who_was_not_texted_several_times_is_named_once_and_the_file_has_every_text(olga: Client, stage: Stage) -> None:
    policy = EscalationPolicy.objects.create(name="twice")
    for position in (1, 2):
        step = policy.steps.create(position=position, wait_seconds=40, reminders=1)
        step.contacts.set(Contact.objects.filter(phone_number=ANNA))
    incident = stage.open(escalation_policy="twice")
    stage.refuse(ANNA)
    withhold(ANNA)
    expected = list(incident.timeline.filter(kind__in=["failed", "suppressed", "expired"]))
    assert len({entry.phone_number for entry in expected}) < len(expected)
    text = page(olga, incident)
    assert text.count("Anna was not") == 1
    assert "Anna was not reached: No such number" in text
    lines = file_of(olga.get(f"{LIST}{incident.pk}/not-texted/"))
    assert lines[0] == "phone_number,name,at,reason"
    assert len(lines) == 1 + len(expected)
    assert lines[1].startswith(f"{ANNA},Anna,20")
    assert lines[1].endswith("Z,No such number")
    assert any(line.endswith("Z,Opted out by text on 2026-11-21.") for line in lines)


def test_who_was_texted_but_not_reminded_is_told_so(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    deliver(stage, ANNA)
    stage.time.forward(WAIT)
    stage.due()
    withhold(ANNA)
    text = page(olga, incident)
    assert "Who was not reached, and why Anna did not get the reminder: Opted out by text on 2026-11-21." in text
    assert "Anna was not" not in text


def test_a_notice_that_was_withheld_is_told_as_such(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    act(olga, incident, "acknowledge", contact=BEN)
    withhold(ANNA)
    assert "Anna did not get a notice: Opted out by text on 2026-11-21." in page(olga, incident)


def test_an_alert_that_aws_took_and_nobody_got_is_told_as_such(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stage.refuse(ANNA)
    assert "Anna did not get the alert: No such number" in page(olga, incident)


def test_a_text_that_may_have_come_counts_as_one(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    row = OutboundMessage.objects.all()
    move(row, [Status.QUEUED], Status.SENDING, clock.now(), attempts=1)
    move(row, [Status.SENDING], Status.UNKNOWN, clock.now())
    outcomes.tell()
    move(row, [Status.UNKNOWN], Status.QUEUED, clock.now())
    withhold(ANNA)
    assert "Anna did not get the alert: Opted out by text on 2026-11-21." in page(olga, incident)


def test_whoever_was_answered_was_texted(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    withhold(ANNA)
    assert "Anna was not texted: Opted out by text on 2026-11-21." in page(olga, incident)
    stage.say(ANNA, "no")
    assert "Anna was not texted: Opted out by text on 2026-11-21." in page(olga, incident), "nor answered as yet"
    stage.accept(ANNA)
    assert "Anna did not get the alert: Opted out by text on 2026-11-21." in page(olga, incident)


def test_one_of_several_alerts_or_reminders_is_not_called_the_only_one(olga: Client, stage: Stage) -> None:
    draft = policies.StepDraft([ANNA], WAIT)
    policies.save(EscalationPolicy(name="twice"), [draft, draft])
    incident = stage.open(escalation_policy="twice")
    stage.refuse(ANNA)
    stage.accept()
    assert "Anna did not get an alert: No such number" in page(olga, incident)


def test_a_text_whose_line_is_not_there_is_a_text(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stage.refuse(ANNA)
    incident.timeline.filter(kind="failed").update(message_id=None)
    assert "Anna did not get a text: No such number" in page(olga, incident)


def test_an_incident_that_reached_everybody_has_nothing_to_tell_of_it(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    assert "Who was not reached" not in page(olga, incident)
    assert file_of(olga.get(f"{LIST}{incident.pk}/not-texted/")) == ["phone_number,name,at,reason"]


def test_the_file_of_who_was_not_texted_is_for_those_who_may_see_incidents(olga: Client, stage: Stage) -> None:
    address = f"{LIST}{stage.open().pk}/not-texted/"
    assert Client().get(address).status_code == 302
    assert staff("view_contact", name="otto").get(address).status_code == 403
    assert olga.get(f"{LIST}0/not-texted/").status_code == 404


UNTOLD = "Anna has opted out of texts and was not told that it is theirs. Call them."


def test_who_took_it_and_was_not_told_so_is_to_be_called(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stop(ANNA)
    assert UNTOLD not in page(olga, incident)
    stage.say(ANNA, "yes")
    html = fragment(olga, incident).content.decode()
    assert re.search(rf"Acknowledged by Anna after (less than )?\d+ s phone_in_talk {UNTOLD}", plain(html))
    assert re.search(rf'after (less than )?\d+ s\. {UNTOLD}"', html), "and is read out"
    assert re.search(r"Answer to Anna .*? block not sent [\d:]{8}: Opted out by text on 2026-11-21\.", plain(html))


def test_who_is_told_later_that_it_is_theirs_need_not_be_called(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stop(ANNA)
    stage.say(ANNA, "yes")
    stage.say(ANNA, "yes")
    stage.say(BEN, "yes")
    stage.accept(BEN)
    assert UNTOLD in page(olga, incident), "whatever others were told"
    join(ANNA)
    stage.say(ANNA, "yes")
    assert UNTOLD not in page(olga, incident)


def test_another_reason_why_they_were_not_told_is_given(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    for _ in range(reply_limits.MOST_REPLIES):
        stage.say(ANNA, "perhaps")
    stage.say(ANNA, "yes")
    said = "Anna was not told that it is theirs: More than 5 automatic replies to this number in 10 minutes. Call them."
    assert said in page(olga, incident)


def test_nobody_is_to_be_called_whom_staff_have_spoken_with_or_when_it_is_done(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stop(ANNA)
    act(olga, incident, "acknowledge", contact=ANNA)
    stage.say(ANNA, "yes")
    assert "Call them" not in page(olga, incident)

    other = stage.open("124")
    stage.say(ANNA, "yes 124")
    assert UNTOLD in page(olga, other)
    act(olga, other, "resolve")
    assert "Call them" not in page(olga, other)


def test_the_others_who_were_not_answered_need_no_call(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    stage.accept()
    stop(BEN)
    stage.say(ANNA, "yes")
    stage.say(BEN, "yes 123")
    assert "Call them" not in page(olga, incident)


def test_each_persons_reason_is_shown_where_it_is_not_beside_a_text_of_theirs(olga: Client, stage: Stage) -> None:
    incident = stage.open()
    withhold(ANNA)
    stage.accept()
    reason = "Opted out by text on 2026-11-21."
    before = page(olga, incident)
    assert f"Anna could not be reached {reason}" not in before, "it stands beside the alert"
    lifecycle.opted_out(BEN, OUR_NUMBER, reason)
    assert f"Ben could not be reached {reason}" in page(olga, incident)
