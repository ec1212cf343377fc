"""What staff see before they send, and that it is what then happens."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.models import OriginationIdentity, PartPrice
from messaging.outbound import guards, outbox
from shifts.campaigns import Preview, audience, create, pause, preview
from shifts.models import Campaign, Employee, Segment, SegmentMember, Shift
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.campaigns.conftest import ask, crowd, expand, person, rows, says_stop
from tests.shifts.factories import campaign, employee, segment, shift

pytestmark = pytest.mark.django_db

US, CA, GB = "+14255550182", "+16045550182", "+447700900123"


def drafted(**fields: Any) -> Preview:
    return preview(campaign(**fields))


def numbered(identity: str, mps: int, **fields: Any) -> OriginationIdentity:
    return OriginationIdentity.objects.create(identity=identity, kind="long_code", mps=mps, **fields)


class TestPeople:
    def test_those_who_will_be_texted_and_those_who_will_not_and_why(self, nurses: Segment) -> None:
        employee("+14255550111", approved=False, segments=[nurses])
        says_stop("+14255550111")
        says_stop(person(2_000_000))
        SegmentMember.objects.filter(employee__contact__phone_number=person(2_000_001)).update(times_listed=4)
        told = drafted()
        assert (told.recipients, told.suppressed, told.duplicates) == (3, 2, 3)
        assert told.reasons == {"Not approved": 1, "Opted out": 1}
        assert told.numbers == {OUR_NUMBER: 3}
        assert told.problems == ()

    def test_chunk_by_chunk(self, number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audience, "CHUNK", 2)
        group = crowd(5)
        crowd(3, begin=1_000_000, approved=False)
        told = drafted(segment=group)
        assert (told.recipients, told.suppressed) == (5, 3)

    @pytest.mark.parametrize("begun_with", [0, 4])
    def test_once_it_has_begun_those_who_joined_later_do_not_count(
        self, number: OriginationIdentity, begun_with: int
    ) -> None:
        crowd(begun_with)
        row, _ = create(ask(), actor="hr")
        crowd(2, begin=3_000_000)
        assert preview(row).recipients == begun_with

    def test_the_queries_do_not_grow_with_the_people(self, number: OriginationIdentity) -> None:
        def queries(row: Campaign) -> int:
            with CaptureQueriesContext(
                connection,
            ) as context:
                preview(row)
            return len(context)

        numbered("+14255550101", 1)
        few = campaign("few", segment=crowd(150, name="few"), shifts=[shift("A1"), shift("B2")])
        many = campaign("many", segment=crowd(400, begin=0, name="many"), shifts=list(Shift.objects.all()))
        preview(few)
        assert queries(many) == queries(few) < 16


class TestSpending:
    @pytest.mark.parametrize(
        ("numbers", "message", "cost"),
        [
            ([US], "Hi", "0.01"),
            ([US, CA], "Hi", "0.02"),
            ([US, CA, GB], "Hi", "0.07"),
            ([GB, "+447700900124"], "x" * 200, "0.20"),
            ([], "Hi", "0"),
        ],
    )
    def test_by_country_and_part(
        self, number: OriginationIdentity, numbers: Sequence[str], message: str, cost: str
    ) -> None:
        group = segment()
        for one in numbers:
            employee(one, segments=[group])
        told = drafted(campaign_message=message)
        assert (told.estimated_cost, told.currency) == (Decimal(cost), "USD")

    def test_nothing_is_paid_for_who_is_not_texted(self, number: OriginationIdentity) -> None:
        employee(US, segments=[segment()])
        employee(CA, approved=False, segments=[segment()])
        employee(GB, segments=[segment()])
        says_stop(GB)
        assert drafted().estimated_cost == Decimal("0.01")

    def test_a_missing_price_is_a_problem_that_says_what_to_do(self, number: OriginationIdentity) -> None:
        PartPrice.objects.filter(iso_country_code="").delete()
        employee(GB, segments=[segment()])
        told = drafted()
        assert (told.estimated_cost, told.currency) == (None, "")
        assert told.problems == ("No price is known for GB. Add it to the prices per part.",)

    def test_a_text_of_several_parts(self, nurses: Segment) -> None:
        told = drafted(campaign_message="ж" * 100)
        assert (told.encoding, told.parts) == ("UCS-2", 3)
        assert told.estimated_cost == 4 * 3 * Decimal("0.01")


class TestSeconds:
    @pytest.mark.parametrize(
        ("mps", "people", "message", "seconds"),
        [(1, 4, "Hi", 4), (3, 4, "Hi", 2), (100, 4, "Hi", 1), (3, 4, "x" * 200, 3), (1, 0, "Hi", None)],
    )
    def test_parts_at_the_rate_of_the_number(
        self, number: OriginationIdentity, mps: int, people: int, message: str, seconds: int | None
    ) -> None:
        OriginationIdentity.objects.update(mps=mps)
        assert drafted(segment=crowd(people), campaign_message=message).estimated_seconds == seconds

    def test_of_two_numbers_the_one_that_takes_longer(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.update(mps=2)
        numbered("+447860019066", 1, iso_country_code="GB")
        for place in range(6):
            employee(person(place), segments=[segment()])
        for place in range(5):
            employee(f"+44770090012{place}", segments=[segment()])
        told = drafted()
        assert told.numbers == {OUR_NUMBER: 6, "+447860019066": 5}
        assert told.estimated_seconds == 5
        OriginationIdentity.objects.filter(identity=OUR_NUMBER).update(mps=1)
        assert drafted(campaign_id="b").estimated_seconds == 6

    def test_the_number_that_was_asked_for(self, nurses: Segment) -> None:
        numbered("+14255550101", 4)
        told = drafted(origination_identity="+14255550101")
        assert (told.numbers, told.estimated_seconds) == ({"+14255550101": 4}, 1)


class TestProblems:
    def test_no_number(self, nurses: Segment) -> None:
        OriginationIdentity.objects.all().delete()
        told = drafted()
        assert (told.recipients, told.estimated_seconds) == (0, None)
        assert told.problems == (
            "There is no origination identity to send from. Add one in the admin, or set ORIGINATION_IDENTITY.",
        )

    def test_nobody(self, number: OriginationIdentity) -> None:
        assert drafted().problems == ("Nobody would be texted.",)

    def test_too_long(self, nurses: Segment) -> None:
        assert "at most 1530 can be sent" in drafted(campaign_message="x" * 1530).problems[0]

    def test_no_word_of_stop(self, nurses: Segment) -> None:
        assert "does not say that STOP opts out" in drafted(footer="Call us.").problems[0]
        assert drafted(campaign_id="b", footer="Text stop.").problems == ()

    def test_no_shift_that_can_be_booked(self, nurses: Segment) -> None:
        row = shift("A1", places=1)
        draft = campaign(shifts=[row])
        assert preview(draft).problems == ()
        Shift.objects.update(booked=1)
        assert "The text names no shift" in preview(draft).problems[0]

    def test_nobody_knows_who_opted_out(self, nurses: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
        from messaging import registry

        def away(pairs: Any) -> Any:
            raise guards.CannotTell(registry.send_guards()[0], RuntimeError("consent is away"))

        monkeypatch.setattr(guards, "refusals", away)
        told = drafted()
        assert told.problems[0].startswith("It cannot be told now who has opted out: a send guard")
        assert told.recipients == 4

    def test_a_campaign_that_has_begun_shows_the_text_that_is_sent(self, nurses: Segment) -> None:
        shift("A1")
        row, _ = create(ask(shifts=("A1",)), actor="hr")
        Shift.objects.update(booked=1)
        pause("july", actor="hr")
        told = preview(row)
        assert (told.text, told.problems) == (row.text, ())


def test_it_changes_nothing(nurses: Segment) -> None:
    draft = campaign()
    before = Campaign.objects.values().get()
    preview(draft)
    assert Campaign.objects.values().get() == before
    assert not rows().exists()


# One line of a roster: country, approved, opted out, how often it is listed.
LINES = st.lists(
    st.tuples(st.sampled_from(["+1425", "+1604", "+44770"]), st.booleans(), st.booleans(), st.integers(1, 3)),
    max_size=9,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, chunk=st.integers(1, 4), two_numbers=st.booleans())
def test_what_is_foretold_is_what_the_expansion_makes(
    number: OriginationIdentity,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[tuple[str, bool, bool, int]],
    chunk: int,
    two_numbers: bool,
) -> None:
    monkeypatch.setattr(audience, "CHUNK", chunk)
    with transaction.atomic():
        if two_numbers:
            numbered("+447860019066", 1, iso_country_code="GB")
        group = segment()
        for place, (country, approved, opted_out, times) in enumerate(lines):
            somebody = employee(country + f"{place:07}", approved=approved)
            SegmentMember.objects.create(segment=group, employee=somebody, times_listed=times)
            if opted_out:
                says_stop(country + f"{place:07}")
        told = preview(campaign(segment=group))
        create(ask("sent"), actor="hr")
        expand("sent")
        made = Counter(rows("sent").values_list("status", flat=True))
        assert (told.recipients, told.suppressed) == (made["queued"], made["suppressed"])
        assert told.duplicates == sum(times - 1 for *_, times in lines)
        assert told.numbers == Counter(rows("sent", status="queued").values_list("origination_identity", flat=True))
        assert told.reasons == {
            reason: count
            for reason, code in (("Not approved", "NOT_APPROVED"), ("Opted out", "GUARD"))
            if (count := rows("sent", error_code=code).count())
        }
        assert Employee.objects.count() == made.total()
        if made["queued"]:
            row = rows("sent")[0]
            assert (told.text, told.parts, told.encoding) == (row.body, row.parts, row.encoding)
        transaction.set_rollback(True)


def test_judging_is_one_question_for_all(nurses: Segment) -> None:
    says_stop(person(2_000_000))
    people = [person(2_000_000 + place) for place in range(4)]
    judged = outbox.judge(people, origination_identity=None, expects_reply=True)
    assert set(judged.refusals) == {people[0]}
    assert judged.identities == dict.fromkeys(people, OUR_NUMBER)
