"""Opening incidents: what is refused, what is copied, what a repetition does."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from incidents import lifecycle, policies, texts
from incidents.models import EscalationPolicy, Incident
from messaging.models import Contact, OriginationIdentity, OutboundMessage
from tests.incidents.stage import ANNA, BEN, CARA, Stage


def save_policy(*steps: policies.StepDraft, name: str = "night") -> EscalationPolicy:
    policy = EscalationPolicy.objects.filter(name=name).first() or EscalationPolicy(name=name)
    return policies.save(policy, steps)


def test_other_content_under_the_same_id_is_refused(stage: Stage) -> None:
    stage.open()
    with pytest.raises(lifecycle.DifferentContent, match="123 exists with other content"):
        stage.open(description="Something else")
    assert Incident.objects.count() == 1


def test_a_repetition_says_the_same_though_the_default_wait_has_changed(stage: Stage, settings: Any) -> None:
    first = stage.open(wait_seconds=None, url="no url")
    settings.INCIDENTS_WAIT_SECONDS = 77
    assert stage.open(wait_seconds=None, url="") == first
    assert first.wait_seconds == 40


def test_without_a_number_that_could_ask_nothing_is_opened(stage: Stage) -> None:
    OriginationIdentity.objects.update(two_way=False)
    with pytest.raises(ValidationError) as refusal:
        stage.open()
    assert "ORIGINATION_IDENTITY" in refusal.value.message_dict["origination_identity"][0]
    assert not Incident.objects.exists()


@pytest.mark.parametrize("url", ["", "no url", "No URL", " NO URL "])
def test_no_url_in_any_case_is_none(stage: Stage, url: str) -> None:
    assert stage.open(url=url).url == ""
    assert "url" not in stage.texts(ANNA)[0].lower() if stage.texts(ANNA) else True


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"incident_id": ""}, "incident_id"),
        ({"incident_id": "-1"}, "incident_id"),
        ({"incident_id": "a b"}, "incident_id"),
        ({"incident_id": "x" * 65}, "incident_id"),
        ({"incident_id": "yes"}, "incident_id"),
        ({"incident_id": "a/acknowledge"}, "incident_id"),
        ({"incident_id": "a/"}, "incident_id"),
        ({"description": "  "}, "description"),
        ({"description": "x" * 1600}, "description"),
        ({"description": "\N{GRINNING FACE}" * 400}, "description"),
        ({"url": "two words"}, "url"),
        ({"first_contact": "", "second_contact": ""}, "first_contact"),
        ({"first_contact": ""}, "first_contact"),
        ({"first_contact": "5550111"}, "first_contact"),
        ({"second_contact": "+1"}, "second_contact"),
        ({"wait_seconds": 0}, "wait_seconds"),
        ({"wait_seconds": 86_401}, "wait_seconds"),
        ({"origination_identity": "+14255550000"}, "origination_identity"),
        ({"escalation_policy": "none such", "first_contact": "", "second_contact": ""}, "escalation_policy"),
        ({"escalation_policy": "night"}, "first_contact"),
    ],
)
def test_bad_input_is_refused_on_its_field_and_changes_nothing(
    stage: Stage, fields: dict[str, Any], at_fault: str
) -> None:
    save_policy(policies.StepDraft([ANNA], 10))
    request: dict[str, Any] = {
        "incident_id": "123",
        "description": "Pump 4",
        "first_contact": ANNA,
        "second_contact": BEN,
        "wait_seconds": 40,
    } | fields
    with pytest.raises(ValidationError) as refused:
        lifecycle.open_incident(lifecycle.Request(**request), actor="ops")
    assert at_fault in refused.value.message_dict
    assert not Incident.objects.exists()
    assert not OutboundMessage.objects.exists()


def test_a_text_too_long_is_refused_with_length_and_limit(stage: Stage) -> None:
    with pytest.raises(ValidationError, match=r"would have \d+ characters in GSM; at most 1530 can be sent"):
        stage.open(description="x" * 1500)
    stage.open(description="x" * 1300)


def test_a_number_that_cannot_be_answered_is_refused(stage: Stage) -> None:
    OriginationIdentity.objects.create(identity="PUMPS", kind="sender_id", mps=10, two_way=False)
    with pytest.raises(ValidationError, match="cannot be answered"):
        stage.open(origination_identity="PUMPS")


def test_one_contact_is_enough(stage: Stage) -> None:
    stage.open(second_contact="")
    stage.accept()
    stage.say(ANNA, "no")
    assert stage.status() == "unacknowledged"


def test_a_policy_has_any_number_of_steps_with_waits_of_their_own(stage: Stage) -> None:
    save_policy(
        policies.StepDraft([ANNA, BEN], 10, reminders=0),
        policies.StepDraft([CARA], 20, reminders=2),
        policies.StepDraft([ANNA], 30),
    )
    stage.open(escalation_policy="night")
    assert [len(stage.texts(one)) for one in (ANNA, BEN, CARA)] == [1, 1, 0]
    stage.accept()
    stage.forward(10)
    assert len(stage.texts(CARA)) == 1
    stage.forward(19)
    assert len(stage.texts(CARA)) == 1
    for _ in range(3):
        stage.forward(20)
    assert stage.incident().step == 3
    assert "escalated to you" in stage.texts(ANNA)[-1]


def test_a_later_edit_of_the_policy_does_not_bend_a_running_incident(stage: Stage) -> None:
    save_policy(policies.StepDraft([ANNA], 10), policies.StepDraft([BEN], 10))
    stage.open(escalation_policy="night")
    stage.accept()
    save_policy(policies.StepDraft([CARA], 500))
    Contact.objects.filter(phone_number=BEN).update(name="Benjamin")
    stage.say(ANNA, "no")
    assert len(stage.texts(BEN)) == 1
    assert stage.texts(CARA) == []
    assert "escalated to Ben." in stage.texts(ANNA)[-1]


def test_a_repetition_after_the_policy_was_edited_is_still_the_same_request(stage: Stage) -> None:
    save_policy(policies.StepDraft([ANNA], 10))
    first = stage.open(escalation_policy="night")
    save_policy(policies.StepDraft([BEN], 10))
    assert stage.open(escalation_policy="night") == first


def test_a_policy_without_anybody_is_refused(stage: Stage) -> None:
    EscalationPolicy.objects.create(name="empty")
    with pytest.raises(ValidationError, match="nobody to ask"):
        stage.open(escalation_policy="empty")


def test_the_number_chosen_is_the_one_texted_from(stage: Stage) -> None:
    OriginationIdentity.objects.create(identity="+18005550100", kind="toll_free", mps=3)
    stage.open(origination_identity="+18005550100")
    assert OutboundMessage.objects.get().origination_identity == "+18005550100"


def test_a_description_must_fit_in_the_languages_of_the_contacts(stage: Stage) -> None:
    subject = texts.Subject("123", "", "")
    room = 1530 - texts.longest(subject).length - 1
    german = texts.longest(subject, ["de"]).length
    assert german > texts.longest(subject).length
    stage.open("123", description="x" * room, url="")
    Contact.objects.filter(phone_number=BEN).update(language="de-AT")
    with pytest.raises(ValidationError, match="Shorten description and link by"):
        stage.open("124", description="x" * room, url="")
    stage.open("125", description="x" * (1530 - german - 1), url="")
