"""Which number a text leaves from."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import clock, numbers
from messaging.models import OriginationIdentity, Status
from messaging.validators import validate_phone_number
from tests.messaging.factories import ANN, standing

pytestmark = pytest.mark.django_db

KINDS = [
    ("+14255550100", "ten_dlc", "US", 1),
    ("+16045550100", "ten_dlc", "CA", 1),
    ("+18005550100", "toll_free", "US", 3),
    ("+18335550100", "toll_free", "US", 3),
    ("+18885550100", "toll_free", "US", 3),
    ("+447860019066", "long_code", "GB", 10),
    ("+4915112345678", "long_code", "DE", 10),
    ("12345", "short_code", "", 100),
    ("TEXTBACK", "sender_id", "", 10),
]


@pytest.mark.parametrize(("identity", "kind", "country", "mps"), KINDS)
def test_what_is_derived_from_a_number(identity: str, kind: str, country: str, mps: int) -> None:
    number = numbers.create(identity)
    assert (number.kind, number.iso_country_code, number.mps) == (kind, country, mps)
    assert number.two_way is (kind != "sender_id")


@pytest.mark.parametrize("kind", ["long_code"])
def test_a_canadian_long_code_has_one_part_a_second(kind: str) -> None:
    assert numbers.default_mps(kind, "CA") == 1
    assert numbers.default_mps(kind, "DE") == 10


def make(identity: str, **fields: Any) -> OriginationIdentity:
    return numbers.create(identity, **fields)


def test_the_conversations_own_choice_comes_first() -> None:
    make("+14255550100", is_default=True)
    make("+14255550101")
    assert numbers.choose(ANN, wanted="+14255550101") == "+14255550101"


def test_then_the_number_the_person_was_last_written_to_from() -> None:
    make("+14255550100", is_default=True)
    make("+14255550101")
    standing(Status.SENT, origination_identity="+14255550101")
    assert numbers.choose(ANN) == "+14255550101"


def test_then_the_one_of_the_recipients_country_then_the_default() -> None:
    make("+14255550100", is_default=True)
    make("+447860019066")
    assert numbers.choose("+447700900123") == "+447860019066"
    assert numbers.choose("+4915112345678") == "+14255550100"


def test_what_asks_for_a_reply_never_leaves_from_a_sender_id() -> None:
    make("TEXTBACK", is_default=True)
    with pytest.raises(numbers.NoOriginationIdentity):
        numbers.choose(ANN, expects_reply=True)
    make("+14255550100")
    standing(Status.SENT, origination_identity="TEXTBACK")
    assert numbers.choose(ANN, expects_reply=True) == "+14255550100"
    assert numbers.choose(ANN) == "TEXTBACK"


def test_of_two_texts_of_one_moment_the_later_row_is_the_last() -> None:
    make("+14255550100", is_default=True)
    make("+14255550101")
    make("+14255550102")
    at = clock.now()
    for identity in ("+14255550101", "+14255550102", "+14255550101", "+14255550102"):
        standing(Status.SENT, origination_identity=identity, queued_at=at)
    assert numbers.choose(ANN) == "+14255550102"
    assert numbers.choose_for_all([ANN]) == {ANN: "+14255550102"}


OURS = ["+14255550100", "+447860019066", "+18005550100", "TEXTBACK"]
THEIRS = ["+14255550182", "+14255550183", "+447700900123", "+4915112345678"]
# Texts there have been: to whom, from which of our numbers (one of them is ours no more), how long ago.
TEXTS = st.lists(
    st.tuples(st.sampled_from(THEIRS), st.sampled_from([*OURS, "+14255550999", ""]), st.integers(0, 3)), max_size=12
)
IDENTITIES = st.lists(st.tuples(st.sampled_from(OURS), st.booleans(), st.booleans()), unique_by=lambda one: one[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=IDENTITIES, texts=TEXTS, wanted=st.sampled_from([None, "", *OURS]), expects_reply=st.booleans())
def test_many_at_once_get_the_number_that_each_would_have_got(
    db: None,
    ours: list[tuple[str, bool, bool]],
    texts: list[tuple[str, str, int]],
    wanted: str | None,
    expects_reply: bool,
) -> None:
    def choose(to: str) -> str:
        try:
            return numbers.choose(to, wanted=wanted, expects_reply=expects_reply)
        except numbers.NoOriginationIdentity as problem:
            return str(problem)

    with transaction.atomic():
        now = clock.now()
        for identity, active, is_default in ours:
            make(identity, active=active, is_default=is_default)
        for to, identity, ago in texts:
            standing(Status.SENT, to, origination_identity=identity, queued_at=now - timedelta(seconds=ago))
        each = {to: choose(to) for to in THEIRS}
        try:
            together = numbers.choose_for_all(THEIRS, wanted=wanted, expects_reply=expects_reply)
        except numbers.NoOriginationIdentity as problem:
            together = dict.fromkeys(THEIRS, str(problem))
        assert together == each
        transaction.set_rollback(True)


def test_many_at_once_are_one_question_however_many() -> None:
    make("+14255550100", is_default=True)
    make("+14255550101")
    people = [f"+1425{place:07}" for place in range(3000)]
    standing(Status.SENT, people[7], origination_identity="+14255550101")
    with CaptureQueriesContext(connection) as context:
        chosen = numbers.choose_for_all(people)
    assert len(context) == 3
    assert (len(chosen), chosen[people[7]], chosen[people[8]]) == (3000, "+14255550101", "+14255550100")


def test_an_inactive_number_is_never_chosen() -> None:
    make("+14255550100", is_default=True, active=False)
    with pytest.raises(numbers.NoOriginationIdentity) as refusal:
        numbers.choose(ANN)
    assert "ORIGINATION_IDENTITY" in str(refusal.value)


def test_there_is_one_default() -> None:
    make("+14255550100", is_default=True)
    make("+14255550101", is_default=True)
    assert OriginationIdentity.objects.get(is_default=True).identity == "+14255550101"


def test_the_number_of_the_environment_is_the_default_after_migrate(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"ORIGINATION_IDENTITY": "+18005550100"}
    numbers.ensure_default_identity()
    number = OriginationIdentity.objects.get()
    assert (number.is_default, number.kind, number.mps) == (True, "toll_free", 3)
    other = make("+14255550101", is_default=True)
    numbers.ensure_default_identity()
    other.refresh_from_db()
    assert other.is_default, "what staff chose since is not undone by every migrate"


@pytest.mark.parametrize("number", ["+14255550182", "+447700900123", "+8613800138000", "+15555550100"])
def test_phone_numbers(number: str) -> None:
    validate_phone_number(number)


@pytest.mark.parametrize(
    "number",
    [
        *("", "+", "14255550182", "+1425555018", "+142555501822", "+1 425 555 0182", "(425) 555-0182", "+0123456789"),
        *(
            "tel:+14255550182",
            "+14255550182x1",
            "+999123456789",
            "+14255550182\n",
            "+1425555٠182",
            "００１",
            "+14255550",
        ),
    ],
)
def test_no_phone_numbers(number: str) -> None:
    with pytest.raises(ValidationError):
        validate_phone_number(number)
