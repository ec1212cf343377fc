"""Who opted out in Pinpoint: the send guards are told before anybody is imported, or nobody is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from rq.timeouts import JobTimeoutException

from messaging import redis
from messaging.models import Contact
from messaging.outbound import guards
from shifts import roster
from shifts.models import Employee, RosterImport, Segment
from shifts.roster import opt_outs, reading, uploads, work
from tests.messaging.factories import ANN, BOB

HERE = "tests.shifts.roster.test_opt_outs"
NURSES = "Night nurses"
LIST = f"ChannelType,Address,OptOut,EffectiveDate\nSMS,{ANN},ALL,2020-05-04T03:02:01.5Z\nSMS,{BOB},NONE,\n".encode()
AT = datetime(2020, 5, 4, 3, 2, 1, 500_000, UTC)

pytestmark = pytest.mark.django_db

told: list[tuple[dict[str, datetime | None], str, int]] = []
troubles: list[Exception] = []


class Listener:
    """A guard that forbids nothing, and notes what it is told and how many employees there are by then."""

    def refusals(self, recipients: Any) -> dict[tuple[str, str], str]:
        return {}

    def carrier_opted_out(self, message: Any) -> None:
        """Not told here."""

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        if troubles:
            raise troubles[0]
        assert "Pinpoint" in reason
        told.append((dict(found), actor, Employee.objects.count()))


@pytest.fixture(autouse=True)
def _listening(settings: Any) -> None:
    told.clear()
    troubles.clear()
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Listener"]}


def _lines(*lines: str) -> bytes:
    return "\n".join(["ChannelType,Address,OptOut,EffectiveDate", *lines, ""]).encode()


# lines → who opted out, and when
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (LIST, {ANN: AT}),
        (_lines(f"SMS,{ANN},all,2020-05-04T05:02:01.500+02:00"), {ANN: AT}),
        (_lines(f"SMS,{ANN},ALL,2020-05-04T03:02:01.5"), {ANN: AT}),
        (_lines(f"SMS,{ANN},ALL,"), {ANN: None}),
        (_lines(f"SMS,{ANN},NONE,2020-05-04T03:02:01Z"), {}),
        (f"Address,OptOut\n{ANN},ALL\n".encode(), {ANN: None}),
        (f"Address\n{ANN}\n".encode(), {}),
        (f"phone_number\n{ANN}\n".encode(), {}),
        # What is no time says nothing: then it is now, and holds.
        *((_lines(f"SMS,{ANN},ALL,{cell}"), {ANN: None}) for cell in ("yesterday", "0001-01-01", "1588561321")),
        (_lines(f"SMS,{ANN},ALL,9999-12-31T23:59:59-05:00"), {ANN: None}),
        # Of several lines the latest; one without a time is later than all.
        (_lines(f"SMS,{ANN},ALL,2019-01-01", f"SMS,{ANN},ALL,2020-05-04T03:02:01.5Z"), {ANN: AT}),
        (_lines(f"SMS,{ANN},ALL,2020-05-04T03:02:01.5Z", f"SMS,{ANN},ALL,2019-01-01"), {ANN: AT}),
        (_lines(f"SMS,{ANN},ALL,2020-05-04T03:02:01.5Z", f"SMS,{ANN},NONE,2021-01-01"), {ANN: AT}),
        (_lines(f"SMS,{ANN},NONE,2021-01-01", f"SMS,{ANN},ALL,2020-05-04T03:02:01.5Z"), {ANN: AT}),
        (_lines(f"SMS,{ANN},ALL,2019-01-01", f"SMS,{ANN},ALL,"), {ANN: None}),
        (_lines(f"SMS,{ANN},ALL,", f"SMS,{ANN},ALL,2019-01-01"), {ANN: None}),
    ],
)
def test_who_opted_out_and_when(content: bytes, found: dict[str, datetime | None]) -> None:
    read = reading.read(content)
    assert read.report.errors == []
    assert read.opt_outs() == found
    assert read.report.opted_out == len(found)


def test_guards_are_told_first_and_then_people_are_imported_like_others() -> None:
    report = roster.run(LIST, segment=NURSES, actor="olga")
    assert told == [({ANN: AT}, "olga", 0)]
    assert (report.created, report.opted_out) == (2, 1)
    assert set(Employee.objects.values_list("approved", flat=True)) == {True}


@pytest.mark.parametrize("content", [_lines(f"SMS,{ANN},ALL,", "SMS,1,NONE,"), _lines(f"SMS,{ANN},NONE,")])
def test_of_a_bad_file_or_nobody_guards_are_not_told(content: bytes) -> None:
    roster.run(content, segment=NURSES)
    assert told == []


def test_a_check_tells_nobody() -> None:
    assert roster.check(LIST, segment=NURSES).opted_out == 1
    uploads.upload("people.csv", LIST, NURSES, "olga")
    work.Imports().run()
    assert told == []


def test_a_guard_that_fails_and_nothing_is_imported() -> None:
    troubles.append(RuntimeError("consent is away"))
    with pytest.raises(guards.CannotBeTold, match="consent is away"):
        roster.run(LIST, segment=NURSES)
    assert not Contact.objects.exists()
    assert not Segment.objects.exists()


def test_many_are_told_in_parts_and_progress_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opt_outs, "AT_ONCE", 200)
    content = _lines(*(f"SMS,+1425{2_000_000 + number},ALL," for number in range(450)))
    steps: list[tuple[int, int]] = []
    roster.run(content, segment=NURSES, progress=lambda done, total: steps.append((done, total)))
    assert [len(found) for found, _, _ in told] == [200, 200, 50]
    assert steps == [(450, 450)] * 4


# A job that ends while opt-outs are recorded leaves less to the next: it may happen as often as it must.
@pytest.mark.parametrize("trouble", [RuntimeError("consent is away"), JobTimeoutException("too long")])
def test_an_upload_whose_guard_fails_is_tried_again(trouble: Exception) -> None:
    row = uploads.upload("people.csv", LIST, NURSES, "olga")
    work.Imports().run()
    uploads.confirm(row.pk, "hanna")
    troubles.append(trouble)
    for _ in range(4):
        assert uploads.work_on(row.pk)
        assert RosterImport.objects.get().status == "importing"
        assert not Employee.objects.exists()
        # Its pause is over.
        redis.client().delete(f"textback:claim:import:{row.pk}")
    troubles.clear()
    uploads.work_on(row.pk)
    assert RosterImport.objects.get().status == "imported"
    assert told == [({ANN: AT}, "olga", 0)]
