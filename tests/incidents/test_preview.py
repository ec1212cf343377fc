"""What would happen, told while an incident is typed."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents import lifecycle, policies
from incidents.models import EscalationPolicy, Incident
from incidents.policies import StepDraft
from incidents.preview import preview
from messaging.models import Contact, OutboundMessage, PartPrice
from messaging.outbound import pauses
from optout import ledger
from optout.ledger import Entry
from optout.models import Action, Source
from tests.incidents.stage import ANNA, BEN, CARA, OUR_NUMBER, Stage
from tests.incidents.test_admin import LIST, staff
from tests.incidents.test_admin_story import plain


@pytest.fixture
def olga(stage: Stage) -> Client:
    return staff("add_incident", "see_phone_numbers")


def ask(client: Client, **typed: Any) -> str:
    answer = client.post(f"{LIST}preview/", typed)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def request(**typed: Any) -> lifecycle.Request:
    return lifecycle.Request(**({"incident_id": "9", "description": "Fire"} | typed))


def words(told: Any) -> list[tuple[str, str]]:
    return [(one.field, one.words) for one in told.warnings]


def test_the_first_contact_reads_what_lifecycle_will_send(olga: Client, stage: Stage) -> None:
    told = preview(request(first_contact=ANNA, second_contact=BEN, url="https://example.com/9"))
    stage.open("9", description="Fire", url="https://example.com/9")
    assert [told.text] == stage.texts(ANNA)
    assert (told.to, told.sender) == (ANNA, OUR_NUMBER)


def test_with_another_incident_open_the_id_is_spelled_out(stage: Stage) -> None:
    stage.open("8")
    assert "YES 9" in preview(request(first_contact=ANNA)).text
    stage.open("9", description="Fire", url="")
    assert preview(request(incident_id="9", first_contact=ANNA)).text == stage.texts(ANNA)[-1]


def test_it_says_who_is_asked_when_and_what_it_costs(olga: Client) -> None:
    PartPrice.objects.update_or_create(iso_country_code="US", defaults={"price": "0.01", "currency": "USD"})
    text = ask(olga, incident_id="9", description="Fire", first_contact="(425) 555-0111", typing="")
    assert "Name a first contact" in text
    text = ask(olga, incident_id="9", description="Fire", first_contact="+1 425 555 0111", second_contact=BEN)
    assert "Incident 9: Fire" in text
    assert "as Anna reads it" in text
    for line in (
        "at once Anna is asked",
        "after 40 s reminder to Anna",
        "after 80 s Ben is asked",
        "after 2 min 40 s logged for review",
        "0.01 USD at once",
        # Two alerts, two reminders, that it was escalated, and twice that it is logged for review.
        "0.07 USD for 7 texts",
    ):
        assert line in re_spaced(text)


def re_spaced(text: str) -> str:
    return text.replace("alarm", "").replace("notifications_active", "").replace("report", "")


def test_a_policy_brings_its_own_steps_and_waits(stage: Stage) -> None:
    policies.save(EscalationPolicy(name="Night"), [StepDraft([ANNA, BEN], 30, 0), StepDraft([CARA], 60, 2)])
    told = preview(request(escalation_policy="Night"))
    assert [rung.after.total_seconds() for rung in told.rungs] == [0, 30, 90, 150, 210]
    assert told.texts == 2 + 1 + 2 + 1 + 1 + 3
    assert preview(request(escalation_policy="Night", wait_seconds=10)).rungs[-1].after.total_seconds() == 40


def test_the_text_is_in_the_language_of_its_reader(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    Contact.objects.filter(phone_number=ANNA).update(language="es")
    spoken: list[str] = []
    from incidents import texts

    real = texts.alert

    def alert(*arguments: Any, **options: Any) -> str:
        from django.utils import translation

        spoken.append(translation.get_language() or "")
        return real(*arguments, **options)

    monkeypatch.setattr(texts, "alert", alert)
    preview(request(first_contact=ANNA, second_contact=BEN))
    assert "es" in spoken
    assert "en" in spoken


@pytest.mark.parametrize(
    ("typed", "field", "beginning"),
    [
        ({"first_contact": "555 0111"}, "first_contact", "Begin with +"),
        ({"first_contact": "+1555"}, "first_contact", "+1555 is not a phone number"),
        ({"first_contact": ANNA, "second_contact": "Bob"}, "second_contact", "Begin with +"),
        ({"incident_id": "taken"}, "incident_id", "There is an incident with this id already."),
        ({"description": "x" * 2000}, "description", "Too long to be sent"),
        ({"wait_seconds": 99_999_999}, "wait_seconds", "Wait between 1 and 86400 seconds."),
        (
            {"first_contact": ANNA, "origination_identity": "+19995550100"},
            "origination_identity",
            "+19995550100 is not",
        ),
        ({"first_contact": CARA}, "contact", f"Cara gets no text from {OUR_NUMBER}. Opted out"),
    ],
)
def test_what_to_beware_of(stage: Stage, typed: dict[str, Any], field: str, beginning: str) -> None:
    stage.open("taken")
    ledger.record(
        Entry(phone_number=CARA, origination_identity=OUR_NUMBER, action=Action.OPT_OUT, source=Source.STAFF, actor="x")
    )
    told = words(preview(request(**typed)))
    assert [one for one, _ in told] == [field]
    assert told[0][1].startswith(beginning)


def test_a_number_that_is_just_being_typed_is_no_mistake(stage: Stage) -> None:
    assert words(preview(request(first_contact="+1425"), typing="first_contact")) == []
    assert words(preview(request(first_contact="+1425"), typing="description")) != []


def test_where_consent_cannot_be_read_that_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("no table")

    monkeypatch.setattr("optout.guard.Consent.refusals", fail)
    [(_, said)] = words(preview(request(first_contact=ANNA)))
    assert said.startswith("Nobody can tell now who may be texted")


def test_nothing_is_written_and_queries_do_not_grow(olga: Client, stage: Stage) -> None:
    policies.save(EscalationPolicy(name="Few"), [StepDraft([ANNA], 30)])
    many = [f"+1425555{number:04}" for number in range(100, 160)]
    policies.save(EscalationPolicy(name="Many"), [StepDraft(many[at : at + 10], 30, 3) for at in range(0, 60, 10)])
    counts = []
    for policy in EscalationPolicy.objects.order_by("name"):
        with CaptureQueriesContext(connection) as queries:
            ask(olga, incident_id="9", description="Fire", escalation_policy=policy.pk)
        counts.append(len(queries))
        assert not [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    # Of one person alone, the number that would ask is known without asking who was written to last.
    assert counts[1] - counts[0] <= 1
    assert counts[1] <= 20
    assert not Incident.objects.exists()
    assert not OutboundMessage.objects.exists()


def test_rubbish_is_answered_like_anything_else(olga: Client) -> None:
    ask(
        olga,
        escalation_policy="x",
        wait_seconds="-1e9",
        incident_id="\x00",
        first_contact="\x00",
        description="é" * 9_999,
    )
    ask(olga)
    ask(olga, escalation_policy="9" * 30, wait_seconds="9" * 30)


def test_only_who_may_open_is_told(stage: Stage) -> None:
    assert staff("view_incident", "change_incident").post(f"{LIST}preview/").status_code == 403
    assert staff("add_incident", name="otto").get(f"{LIST}preview/").status_code == 405


def test_a_number_that_is_paused_is_warned_of(olga: Client, stage: Stage) -> None:
    paused = f"Sending from {OUR_NUMBER} is paused, so nobody is texted before it is resumed. No credentials."
    assert paused not in ask(olga, incident_id="9", description="Fire", first_contact=ANNA)
    pauses.pause(OUR_NUMBER, "No credentials.")
    assert paused in ask(olga, incident_id="9", description="Fire", first_contact=ANNA)


def test_what_makes_a_text_dearer_is_named(olga: Client) -> None:
    assert "UCS-2, because of – ú" in ask(olga, incident_id="9", description="Fire – núm 3", first_contact=ANNA)
