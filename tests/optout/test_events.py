"""What other systems hear of consent: in the transaction of each change."""

import pytest
from django.db import transaction

from messaging.events import endpoints
from optout import ledger
from optout.api.serializers import standing
from optout.ledger import Entry
from tests.messaging.events.looking import happened, latest
from tests.messaging.factories import ANN, OUR_NUMBER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wanted", "number")]


@pytest.fixture
def wanted(db: None) -> None:
    endpoints.create(name="CRM", url="https://example.com/", event_types=["consent.changed"], by="boss")


def says(action: str, **fields: object) -> None:
    ledger.record(Entry(ANN, OUR_NUMBER, action, "sms", **fields))  # type: ignore[arg-type]


def test_each_change_is_told_with_how_they_stand_now() -> None:
    says("opt_out")
    told = latest()["data"]
    assert (told["phone_number"], told["origination_identity"], told["state"]) == (ANN, OUR_NUMBER, "opted_out")
    assert told["state"] == standing(ANN, OUR_NUMBER)["state"]
    says("opt_in")
    assert latest()["data"]["state"] == "opted_in"
    assert happened() == ["consent.changed"] * 2


def test_what_changes_nothing_is_no_event() -> None:
    says("opt_out", key="one")
    says("opt_out", key="one")
    says("opt_out", key="two")
    assert happened() == ["consent.changed"]


def test_of_every_number_each_that_stands_otherwise_now_is_told() -> None:
    says("opt_in")
    says("opt_out", every_number=True)
    assert happened() == ["consent.changed"] * 3
    assert latest()["data"]["state"] == "opted_out"


def test_what_is_taken_back_was_never_told_of() -> None:
    with transaction.atomic():
        says("opt_out")
        assert happened() == ["consent.changed"]
        transaction.set_rollback(True)
    assert happened() == []
