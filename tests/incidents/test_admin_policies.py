"""Writing a policy in the admin."""

import pytest
from django.test import Client

from incidents.models import EscalationPolicy
from messaging.models import Contact
from tests.incidents.stage import ANNA, BEN, CARA

pytestmark = pytest.mark.django_db
ADD = "/admin/incidents/escalationpolicy/add/"


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
