"""Writing a policy in the admin."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents import policies
from incidents.models import EscalationPolicy
from incidents.policies import StepDraft
from messaging.models import Contact, OriginationIdentity
from optout import ledger
from optout.ledger import Entry
from optout.models import Action, Source
from tests.incidents.stage import ANNA, BEN, CARA, OUR_NUMBER
from tests.incidents.test_admin import staff
from tests.incidents.test_admin_story import plain

pytestmark = pytest.mark.django_db
LIST = "/admin/incidents/escalationpolicy/"
ADD = f"{LIST}add/"


def form(*steps: tuple[str, str]) -> dict[str, object]:
    """The form as a browser sends it: (position, phone number) of each step."""
    values: dict[str, object] = {"name": "Night", "description": "", "steps-TOTAL_FORMS": len(steps)}
    values |= {"steps-INITIAL_FORMS": 0, "steps-MIN_NUM_FORMS": 1, "steps-MAX_NUM_FORMS": 1000}
    for n, (position, number) in enumerate(steps):
        contact = Contact.objects.get_or_create(phone_number=number)[0]
        values |= {
            f"steps-{n}-position": position,
            f"steps-{n}-contacts": [contact.pk],
            f"steps-{n}-wait_seconds": 30,
            f"steps-{n}-reminders": 1,
        }
    return values


@pytest.mark.parametrize(
    ("steps", "order"),
    [
        ((("", ANNA), ("", BEN), ("", CARA)), [ANNA, BEN, CARA]),
        ((("2", ANNA), ("1", BEN), ("", CARA)), [BEN, ANNA, CARA]),
        ((("1", ANNA),), [ANNA]),
    ],
)
def test_steps_without_a_position_follow_in_the_order_of_the_form(
    admin_client: Client, steps: tuple[tuple[str, str], ...], order: list[str]
) -> None:
    answer = admin_client.post(ADD, form(*steps))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    saved = EscalationPolicy.objects.get().steps.order_by("position")
    assert [step.contacts.get().phone_number for step in saved] == order


def test_one_position_twice_is_refused(admin_client: Client) -> None:
    assert admin_client.post(ADD, form(("1", ANNA), ("1", BEN))).status_code == 200
    assert not EscalationPolicy.objects.exists()


def night(*steps: StepDraft, name: str = "Night") -> EscalationPolicy:
    return policies.save(EscalationPolicy(name=name), steps)


def page(client: Client, policy: EscalationPolicy) -> str:
    html = client.get(f"{LIST}{policy.pk}/change/").content.decode()
    return plain(html.split('class="tb tb-card policy"')[1].split("</section>")[0])


def test_the_page_shows_the_ladder(admin_client: Client, people: None, number: OriginationIdentity) -> None:
    text = page(admin_client, night(StepDraft([ANNA, BEN], 30, 1), StepDraft([CARA], 90, 0)))
    for words in (
        "at once Step 1",
        "1 reminder, 30 s after each text",
        "after 60 s Step 2",
        "no reminder, 90 s after each text",
        "after 2 min 30 s Logged for review",
    ):
        assert words in text
    assert "warning" not in text


def test_the_page_warns(admin_client: Client, people: None, number: OriginationIdentity) -> None:
    policy = night(StepDraft([ANNA], 30), StepDraft([], 30), StepDraft([CARA], 30))
    Contact.objects.filter(phone_number=ANNA).update(phone_number="+1425")
    ledger.record(
        Entry(phone_number=CARA, origination_identity=OUR_NUMBER, action=Action.OPT_OUT, source=Source.STAFF, actor="x")
    )
    text = page(admin_client, policy)
    assert "Step 1, Anna: +1425 is no number that can be texted." in text
    assert "Step 2 has nobody: it is passed over." in text
    assert "Step 3, Cara: Opted out by staff" in text
    assert "never Step 2" in text
    assert "(and 2 more)" in admin_client.get(LIST).content.decode()
    assert "no incident can be opened with it" in page(admin_client, night(name="Nobody"))


def test_where_consent_cannot_be_read_the_page_is_there(
    admin_client: Client, people: None, number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no table")

    monkeypatch.setattr("optout.guard.Consent.refusals", fail)
    assert "Logged for review" in page(admin_client, night(StepDraft([ANNA], 30)))


def test_a_policy_is_duplicated(admin_client: Client, people: None) -> None:
    policy = night(StepDraft([ANNA, BEN], 30, 2), StepDraft([CARA], 90, 0))
    address = f"{LIST}{policy.pk}/duplicate/"
    assert "A new policy with the same steps" in admin_client.get(address).content.decode()
    for name in ("Night", "a/b", ""):
        admin_client.post(address, {"_form_submitted": "on", "name": name})
        assert EscalationPolicy.objects.count() == 1
    answer = admin_client.post(address, {"_form_submitted": "on", "name": "Weekend"})
    copy = EscalationPolicy.objects.get(name="Weekend")
    assert answer.headers["Location"] == f"{LIST}{copy.pk}/change/"
    steps = [
        (step.position, step.wait_seconds, step.reminders, sorted(one.phone_number for one in step.contacts.all()))
        for step in copy.steps.order_by("position")
    ]
    assert steps == [(1, 30, 2, [ANNA, BEN]), (2, 90, 0, [CARA])]
    assert policy.steps.count() == 2


def test_who_may_only_look_duplicates_nothing(people: None) -> None:
    reader = staff("view_escalationpolicy")
    policy = night(StepDraft([ANNA], 30))
    assert "If nobody answers" in page(reader, policy)
    assert reader.post(f"{LIST}{policy.pk}/duplicate/", {"_form_submitted": "on", "name": "x"}).status_code == 403
    assert EscalationPolicy.objects.count() == 1


def test_the_list_takes_as_many_queries_with_many_policies(
    admin_client: Client, people: None, number: OriginationIdentity
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(LIST).status_code == 200
        return len(queries)

    night(StepDraft([ANNA, BEN], 30), StepDraft([CARA], 30))
    few = count()
    for one in range(20):
        night(StepDraft([ANNA], 30), StepDraft([BEN, CARA], 30), StepDraft([], 30), name=f"Policy {one}")
    assert count() == few


def test_an_empty_list_says_what_a_policy_is(admin_client: Client) -> None:
    text = admin_client.get(LIST).content.decode()
    assert "No escalation policy yet" in text
    assert "Add a policy" in text
    night()
    assert "No policy is called so" in admin_client.get(LIST, {"q": "nothing"}).content.decode()
    reader = staff("view_escalationpolicy").get(LIST, {"q": "nothing"}).content.decode()
    assert "Add a policy" not in reader
