"""What the inbox of staff asks of incidents, and what comes of a text that staff put into one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import inbox
from incidents.models import Incident, TimelineEntry
from messaging import clock
from messaging.inbound import assigning
from messaging.models import InboundMessage
from tests.incidents.stage import ANNA, BEN, STRANGER, Stage
from tests.messaging.factories import received


def _unmatched(body: str, sender: str = ANNA) -> InboundMessage:
    return received(body, sender, outcome="unmatched", routed_at=clock.now())


def _places(text: InboundMessage) -> list[tuple[str, str]]:
    places = inbox.places(text.origination_phone_number, [text])
    return [(one.name, one.effect) for one in places.get(text.pk, ())]


NOTED = "It goes on the timeline, and they are asked for YES or NO."


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ("on my way", NOTED),
        ("yes please", "It counts as their YES."),
        ("No, I am ill", "It counts as their NO."),
        ("yes 999", "They are asked which incident they mean."),
    ],
)
def test_an_open_incident_is_offered_to_its_contacts(stage: Stage, body: str, effect: str) -> None:
    stage.open("123")
    assert _places(_unmatched(body)) == [("Incident 123", effect)]
    assert _places(_unmatched(body, BEN)) == [("Incident 123", effect)]
    assert _places(_unmatched(body, STRANGER)) == []


def test_not_one_that_has_ended(stage: Stage) -> None:
    stage.open("123")
    stage.accept()
    stage.say(ANNA, "yes")
    assert _places(_unmatched("on my way")) == []


def test_who_names_an_incident_means_that_one(stage: Stage) -> None:
    stage.open("100")
    stage.open("200")
    assert {name for name, _ in _places(_unmatched("on my way"))} == {"Incident 100", "Incident 200"}
    assert _places(_unmatched("yes 200")) == [("Incident 200", "It counts as their YES.")]


def test_places_of_many_texts_cost_what_those_of_one_cost(stage: Stage) -> None:
    stage.open("123")
    one, many = [_unmatched("hm")], [_unmatched(f"hm {number}") for number in range(9)]
    with CaptureQueriesContext(connection) as few:
        inbox.places(ANNA, one)
    with CaptureQueriesContext(connection) as more:
        assert len(inbox.places(ANNA, many)) == 9
    assert len(few) == len(more)


def test_each_subject_has_its_page(stage: Stage) -> None:
    stage.open("123")
    pk = Incident.objects.get().pk
    (name, page), *others = inbox.pages({"123", "gone"}).items()
    assert (name, page.name, page.url) == ("123", "Incident 123", f"/admin/incidents/incident/{pk}/change/")
    assert others == []


def _put(text: InboundMessage, incident_id: str) -> None:
    assert assigning.assign(text.pk, conversation="incidents", subject=incident_id, by="alice")
    text.refresh_from_db()


def test_a_yes_that_staff_put_into_an_incident_acknowledges_it(stage: Stage) -> None:
    stage.open("100")
    stage.open("200")
    stage.accept()
    text = _unmatched("yes")
    _put(text, "200")
    assert (stage.status("100"), stage.status("200")) == ("not_acknowledged", "acknowledged")
    assert (text.outcome, text.conversation, text.subject, text.handled_by) == (
        "incidents",
        "incidents",
        "200",
        "alice",
    )
    (thanks,) = stage.heard(text)
    assert "Thank you" in thanks


def test_what_nobody_understands_goes_on_the_timeline_of_the_incident_that_staff_chose(stage: Stage) -> None:
    stage.open("100")
    stage.open("200")
    stage.accept()
    text = _unmatched("on my way")
    _put(text, "100")
    assert (text.outcome, text.subject) == ("not_understood", "100")
    said = TimelineEntry.objects.get(kind="reply", text="on my way")
    assert said.incident.incident_id == "100"
    (asked,) = stage.heard(text)
    assert "not understood" in asked


def test_who_comes_later_may_be_put_there_before_they_are_asked(stage: Stage) -> None:
    stage.open("123")
    stage.accept()
    _put(_unmatched("yes", BEN), "123")
    assert stage.status("123") == "acknowledged"
    assert stage.incident().acknowledged_by == BEN


def test_an_incident_that_ended_meanwhile_does_not_take_it(stage: Stage) -> None:
    stage.open("123")
    stage.accept()
    text = _unmatched("on my way")
    stage.say(BEN, "yes", answering=None)
    with pytest.raises(assigning.NotTaken):
        assigning.assign(text.pk, conversation="incidents", subject="123", by="alice")


def test_a_text_that_answers_one_of_several_is_kept_with_that_one(stage: Stage) -> None:
    stage.open("100")
    stage.accept()
    first = stage.last(ANNA)
    stage.open("200")
    stage.accept()
    stage.say(ANNA, "what is that", answering=first)
    assert TimelineEntry.objects.get(kind="reply", text="what is that").incident.incident_id == "100"
