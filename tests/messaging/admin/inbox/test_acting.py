"""What staff do in a thread: answer, put a text where it belongs, mark it as dealt with."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from incidents import lifecycle
from incidents.models import Incident
from messaging import clock
from messaging.inbound import inbox
from messaging.models import Contact, InboundMessage, OriginationIdentity, OutboundMessage, PartPrice
from optout import ledger
from optout.ledger import Entry
from optout.models import Action, Source
from tests.messaging.admin.conftest import StaffWith
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received

URL = "/admin/messaging/inboundmessage/inbox"


@pytest.fixture
def text(number: OriginationIdentity) -> InboundMessage:
    """A text of Ann's that waits."""
    return _unmatched("Can I park there?")


def _unmatched(body: str, sender: str = ANN) -> InboundMessage:
    return received(body, sender, outcome="unmatched", routed_at=clock.now())


def _form(client: Client, text: InboundMessage) -> dict[str, str]:
    """What a browser would send, but for the words."""
    page = client.get(f"{URL}/{text.pk}/").content.decode()
    return dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)"', page))


def _answer(client: Client, text: InboundMessage, **fields: str) -> Any:
    given = _form(client, text) | {"body": "Yes, behind the house."} | fields
    return client.post(f"{URL}/{text.pk}/answer/", given, follow=True)


def test_an_answer_goes_out_in_the_name_of_its_writer(boss: Client, text: InboundMessage) -> None:
    page = _answer(boss, text).content.decode()
    message = OutboundMessage.objects.get()
    assert (message.body, message.actor, message.destination_phone_number) == ("Yes, behind the house.", "staff0", ANN)
    text.refresh_from_db()
    assert text.handled_by == "staff0"
    assert "Your answer is on its way." in page
    assert "Dealt with by staff0" in page
    assert [str(entry.change_message) for entry in LogEntry.objects.all()] == ["Inbox: Answered by hand."]


def test_pressed_twice_it_goes_out_once(boss: Client, text: InboundMessage) -> None:
    form = _form(boss, text) | {"body": "Yes."}
    for _ in range(2):
        assert boss.post(f"{URL}/{text.pk}/answer/", form).status_code == 302
    assert OutboundMessage.objects.count() == 1


def test_another_text_with_the_same_form_is_refused_and_kept(boss: Client, text: InboundMessage) -> None:
    form = _form(boss, text)
    boss.post(f"{URL}/{text.pk}/answer/", form | {"body": "Yes."})
    page = boss.post(f"{URL}/{text.pk}/answer/", form | {"body": "No, wait."}).content.decode()
    assert "sent from this page before" in page
    assert "No, wait.</textarea>" in page
    assert OutboundMessage.objects.count() == 1
    # The form that comes back is a new one.
    assert form["key"] not in page


def test_a_text_that_came_meanwhile_goes_on_waiting(boss: Client, text: InboundMessage) -> None:
    form = _form(boss, text)
    later = _unmatched("Or shall I take the bus?")
    boss.post(f"{URL}/{text.pk}/answer/", form | {"body": "Yes."})
    later.refresh_from_db()
    assert later.handled_at is None


def test_whom_consent_forbids_gets_nothing_and_what_was_written_is_kept(boss: Client, text: InboundMessage) -> None:
    form = _form(boss, text)
    ledger.record(
        Entry(
            phone_number=ANN,
            origination_identity=OUR_NUMBER,
            action=Action.OPT_OUT,
            source=Source.STAFF,
            actor="alice",
            reason="asked on the phone",
        )
    )
    # Another number may text them still, so that there is a form.
    OriginationIdentity.objects.create(identity="+14255550199", kind="ten_dlc", mps=1)
    page = boss.post(f"{URL}/{text.pk}/answer/", form | {"body": "Yes."}).content.decode()
    assert "Opted out by staff" in page
    assert "Yes.</textarea>" in page
    assert not OutboundMessage.objects.exists()
    text.refresh_from_db()
    assert text.handled_at is None


def test_what_was_written_is_kept_though_the_only_number_is_opted_out_of_meanwhile(
    boss: Client, text: InboundMessage
) -> None:
    form = _form(boss, text) | {"body": "Half an hour of <b>work</b>."}
    ledger.record(
        Entry(phone_number=ANN, origination_identity=OUR_NUMBER, action=Action.OPT_OUT, source=Source.SMS, word="STOP")
    )
    page = boss.post(f"{URL}/{text.pk}/answer/", form).content.decode()
    assert "Your text was not sent." in page
    assert "before they text JOIN" in page
    assert "readonly>Half an hour of &lt;b&gt;work&lt;/b&gt;.</textarea>" in page
    assert 'name="body"' not in page
    assert not OutboundMessage.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_stop_in_the_last_moment_is_told_and_logged_as_such(
    boss: Client, text: InboundMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the row: the row is there and says why it was not sent."""
    form = _form(boss, text) | {"body": "Yes."}
    ledger.record(
        Entry(phone_number=ANN, origination_identity=OUR_NUMBER, action=Action.OPT_OUT, source=Source.SMS, word="STOP")
    )
    monkeypatch.setattr(inbox, "_allowed", lambda phone_number, wanted: OUR_NUMBER)
    page = boss.post(f"{URL}/{text.pk}/answer/", form, follow=True).content.decode()
    assert "Not sent: " in page
    assert OutboundMessage.objects.get().status == "suppressed"
    text.refresh_from_db()
    assert text.handled_at is None
    assert "Not sent: " in str(LogEntry.objects.get().change_message)


def test_two_mark_it_as_dealt_with_in_the_same_instant(
    boss: Client, text: InboundMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else was there between the look and the deed: their name stays, and nobody is told otherwise."""
    deal_with = inbox.deal_with

    def after_somebody_else(texts: Any, *, by: str) -> int:
        deal_with(InboundMessage.objects.filter(pk=text.pk), by="bob")
        return deal_with(texts, by=by)

    monkeypatch.setattr(inbox, "deal_with", after_somebody_else)
    answer = boss.post(f"{URL}/{text.pk}/put/", {"text": str(text.pk), "place": "done"}, follow=True)
    assert "Somebody has dealt with it before." in answer.content.decode()
    text.refresh_from_db()
    assert text.handled_by == "bob"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(("body", "words"), [(" ", "The text is empty."), ("x" * 1531, "at most 1530 can be sent")])
def test_what_cannot_be_sent_comes_back_with_the_reason(
    boss: Client, text: InboundMessage, body: str, words: str
) -> None:
    page = _answer(boss, text, body=body).content.decode()
    assert words in page
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize("fields", [{"key": "mine"}, {"key": ""}, {"seen": "x"}, {"number": "x" * 30}])
def test_a_form_that_is_no_form_sends_nothing(boss: Client, text: InboundMessage, fields: dict[str, str]) -> None:
    assert "The form was not complete" in _answer(boss, text, **fields).content.decode()
    assert not OutboundMessage.objects.exists()


def test_a_number_that_is_none_of_ours_sends_nothing(boss: Client, text: InboundMessage) -> None:
    assert "not an active origination identity" in _answer(boss, text, number="+19995550000").content.decode()
    assert not OutboundMessage.objects.exists()


def test_the_number_that_was_written_to_is_chosen(boss: Client, number: OriginationIdentity) -> None:
    other = OriginationIdentity.objects.create(identity="+14255550199", kind="ten_dlc", mps=1)
    text = received("hello", outcome="unmatched", routed_at=clock.now(), destination_phone_number=other.identity)
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert re.search(r'<option value="\+14255550199" selected>', page)


def test_what_it_costs_is_told_while_it_is_written(boss: Client, text: InboundMessage) -> None:
    PartPrice.objects.update_or_create(iso_country_code="US", defaults={"price": "0.008"})
    size = boss.post(f"{URL}/{text.pk}/size/", {"body": "Yes 😀"}).json()
    assert (size["encoding"], size["length"], size["parts"], size["strange"]) == ("UCS-2", 6, 1, "😀")
    assert size["cost"] == "about 0.008 USD"
    assert not boss.post(f"{URL}/{text.pk}/size/", {"body": "x" * 1600}).json()["fits"]


def test_without_a_price_it_says_so(boss: Client, text: InboundMessage) -> None:
    PartPrice.objects.all().delete()
    assert "No price is known" in boss.post(f"{URL}/{text.pk}/size/", {"body": "Yes"}).json()["cost"]


def _put(client: Client, text: InboundMessage, place: str) -> str:
    answer = client.post(f"{URL}/{text.pk}/put/", {"text": text.pk, "place": place}, follow=True)
    assert answer.status_code == 200
    text.refresh_from_db()
    return str(answer.content.decode())


def _open(incident_id: str = "123") -> None:
    request = lifecycle.Request(incident_id, "Pump 4", url="", first_contact=ANN, second_contact=BOB)
    lifecycle.open_incident(request, actor="ops")


def test_a_text_is_put_into_an_incident(boss: Client, number: OriginationIdentity) -> None:
    _open()
    text = _unmatched("yes")
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert "It counts as their YES." in page
    assert "Put into Incident 123." in _put(boss, text, "incidents:123")
    assert (text.outcome, text.subject, text.handled_by) == ("incidents", "123", "staff0")
    assert Incident.objects.get().status == "acknowledged"
    assert "Inbox: Put into Incident 123." in [str(one.change_message) for one in LogEntry.objects.all()]
    assert OutboundMessage.objects.filter(idempotency_key__startswith="inbound:", actor="staff0").count() == 1


def test_a_second_time_it_says_that_it_is_done(boss: Client, number: OriginationIdentity) -> None:
    _open()
    text = _unmatched("yes")
    _put(boss, text, "incidents:123")
    assert "Somebody has dealt with it before." in _put(boss, text, "incidents:123")
    assert OutboundMessage.objects.filter(idempotency_key__startswith="inbound:").count() == 1


def test_a_text_is_marked_as_dealt_with(boss: Client, text: InboundMessage) -> None:
    assert "It no longer waits." in _put(boss, text, "done")
    assert (text.outcome, text.handled_by) == ("unmatched", "staff0")


@pytest.mark.parametrize("place", ["incidents:999", "shifts:", "incidents:", "nowhere:1", "", ":", "done "])
def test_it_can_only_be_put_where_it_is_offered(boss: Client, text: InboundMessage, place: str) -> None:
    assert "It cannot be put there any more." in _put(boss, text, place)
    assert text.handled_at is None


@pytest.mark.parametrize("pk", ["", "x", "0", "99999999999999999999", "-1"])
def test_only_a_text_of_this_person_is_put_anywhere(boss: Client, text: InboundMessage, pk: str) -> None:
    of_bob = _unmatched("hello", BOB)
    for key in (pk, str(of_bob.pk)):
        boss.post(f"{URL}/{text.pk}/put/", {"text": key, "place": "done"})
    assert not InboundMessage.objects.exclude(handled_at=None).exists()


def test_whoever_may_not_act_on_incidents_puts_nothing_there(
    staff_with: StaffWith, number: OriginationIdentity
) -> None:
    _open()
    text = _unmatched("yes")
    looks = staff_with("view_inboundmessage", "change_inboundmessage", "view_incident")
    assert "counts as their YES" not in looks.get(f"{URL}/{text.pk}/").content.decode()
    assert "It cannot be put there any more." in _put(looks, text, "incidents:123")
    assert Incident.objects.get().status == "not_acknowledged"
    acts = staff_with("view_inboundmessage", "change_inboundmessage", "view_incident", "change_incident")
    assert "Put into Incident 123." in _put(acts, text, "incidents:123")


def test_whoever_may_only_look_does_nothing(staff_with: StaffWith, text: InboundMessage) -> None:
    reader = staff_with("view_inboundmessage")
    for page, form in [
        ("answer", {"body": "Yes.", "key": "a" * 32}),
        ("put", {"text": str(text.pk), "place": "done"}),
        ("size", {"body": "Yes."}),
    ]:
        assert reader.post(f"{URL}/{text.pk}/{page}/", form).status_code == 403
    text.refresh_from_db()
    assert text.handled_at is None
    assert not OutboundMessage.objects.exists()


@pytest.mark.parametrize("page", ["answer", "put", "size"])
def test_nothing_is_done_by_a_link(boss: Client, text: InboundMessage, page: str) -> None:
    assert boss.get(f"{URL}/{text.pk}/{page}/").status_code == 405


def test_a_contact_is_written_to_first(boss: Client, number: OriginationIdentity) -> None:
    contact = Contact.objects.create(phone_number=BOB, name="Bob")
    form = {"body": "Hello Bob", "key": "a" * 32}
    answer = boss.post(f"{URL}/c{contact.pk}/answer/", form)
    assert answer["Location"] == f"{URL}/c{contact.pk}/"
    assert OutboundMessage.objects.get().destination_phone_number == BOB
