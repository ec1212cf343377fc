"""Files that staff upload: checked and imported by workers, however many there are and wherever they die."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from rq.timeouts import JobTimeoutException

from messaging import clock, redis
from shifts import roster
from shifts.models import Employee, RosterImport
from shifts.roster import reading, uploads, work, writing
from shifts.roster.claims import Claim
from shifts.roster.decoding import LARGEST
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.shifts.factories import employee
from tests.together import together

FILE = f"name,phone_number\nAnn,{ANN}\nBob,{BOB}\nBobby,{BOB}\n".encode()
MANY = b"phone_number\n" + b"".join(b"+1425%d\n" % (2_000_000 + number) for number in range(2000))

pytestmark = pytest.mark.django_db


def _upload(content: bytes = FILE, segment: str = "Night nurses") -> RosterImport:
    return uploads.upload("people.csv", content, segment, "olga")


def _now(row: RosterImport) -> RosterImport:
    return RosterImport.objects.get(pk=row.pk)


def _work() -> None:
    work.Imports().run()


def _after_its_pause(row: RosterImport) -> None:
    key = f"textback:claim:import:{row.pk}"
    assert 0 < redis.client().ttl(key) <= 5
    redis.client().delete(key)


def _jobs() -> int:
    return len(redis.queue("slow"))


def _checked(content: bytes = FILE) -> RosterImport:
    row = _upload(content)
    _work()
    return _now(row)


def test_a_file_is_checked_then_imported_when_somebody_says_so() -> None:
    row = _upload()
    assert (row.status, row.created_by, work.Imports().is_due(clock.now())) == ("checking", "olga", True)
    _work()
    row = _now(row)
    assert (row.status, row.rows_done, row.rows_total) == ("checked", 3, 3)
    assert (row.counts["created"], row.counts["unchanged"], row.counts["duplicates"]) == (2, 1, 1)
    assert [one["name"] for one in row.sample] == ["Ann", "Bobby"]
    assert not Employee.objects.exists()
    assert not work.Imports().is_due(clock.now())

    uploads.confirm(row.pk, "olga")
    assert (_now(row).status, work.Imports().is_due(clock.now())) == ("importing", True)
    _work()
    row = _now(row)
    assert (row.status, row.counts["created"], Employee.objects.count()) == ("imported", 2, 2)
    assert row.ended_at is not None
    assert not work.Imports().is_due(clock.now())


def test_nothing_of_people_is_kept_once_a_file_is_of_no_use() -> None:
    imported, refused, discarded = _checked(), _checked(b"phone_number\n1\n"), _checked()
    uploads.confirm(imported.pk, "olga")
    _work()
    uploads.discard(discarded.pk)
    assert {(one.status, bytes(one.content), *one.sample) for one in RosterImport.objects.all()} == {
        ("imported", b""),
        ("refused", b""),
    }
    assert _now(refused).errors == [
        {"line": 2, "column": "phone_number", "message": _now(refused).errors[0]["message"]}
    ]


def test_a_file_with_errors_cannot_be_imported_and_one_that_is_imported_cannot_be_discarded() -> None:
    refused, waiting, imported = _checked(b"phone_number\n1\n"), _checked(), _checked()
    uploads.confirm(imported.pk, "olga")
    for pk, word in ((refused.pk, "has errors"), (imported.pk, "being imported"), (0, "discarded")):
        with pytest.raises(uploads.NotAllowed, match=word):
            uploads.confirm(pk, "olga")
    with pytest.raises(uploads.NotAllowed, match="being imported"):
        uploads.discard(imported.pk)
    _work()
    with pytest.raises(uploads.NotAllowed, match="has been imported"):
        uploads.discard(imported.pk)
    assert _now(waiting).status == "checked"


def test_what_is_no_upload_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        _upload(segment="a/b")
    assert list(refused.value.message_dict) == ["segment"]
    with pytest.raises(ValidationError):
        _upload(b"x" * (LARGEST + 1))
    assert not RosterImport.objects.exists()


def test_progress_is_seen_while_it_is_read(monkeypatch: pytest.MonkeyPatch, time: MovableTime) -> None:
    seen: list[tuple[str, int, int]] = []
    read = reading._take

    def look(number: int, *rest: Any) -> None:
        if number % 500 == 250:
            row = RosterImport.objects.get()
            seen.append((row.status, row.rows_done, row.rows_total))
            time.forward(1)
        read(number, *rest)

    monkeypatch.setattr(reading, "_take", look)
    row = _checked(MANY)
    uploads.confirm(row.pk, "olga")
    _work()
    far = [(500, 2001), (1000, 2001), (1500, 2001)]
    assert [one for one in seen if one[0] == "checking"] == [("checking", 0, 0), *[("checking", *one) for one in far]]
    assert [one[1:] for one in seen if one[0] == "importing"] == [(0, 2000), *far]


def test_two_workers_do_not_both_read_and_a_file_is_imported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    row = _upload()
    reads: list[int] = []
    with Claim(f"import:{row.pk}") as claim, monkeypatch.context() as patched:
        assert claim.held
        patched.setattr(reading, "_take", lambda number, *_: reads.append(number))
        _work()
        assert reads == []
        assert _now(row).status == "checking"
    _work()
    assert _now(row).status == "checked"


def test_a_file_is_imported_once_even_if_a_claim_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    row = _checked()
    uploads.confirm(row.pk, "olga")
    found = _now(row)
    read, write = reading.read, writing.write
    reads: list[int] = []
    writes: list[int] = []

    def while_another_imports(content: bytes, progress: Any) -> reading.Roster:
        reads.append(1)
        if len(reads) == 1:
            uploads._import(found, Claim("another"))
        return read(content)

    def count_writes(people: Any, segment: Any) -> None:
        writes.append(1)
        write(people, segment)

    monkeypatch.setattr(reading, "read", while_another_imports)
    monkeypatch.setattr(writing, "write", count_writes)
    uploads._import(found, Claim("one"))
    assert (len(reads), len(writes), _now(row).counts["created"]) == (2, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once() -> None:
    row = _checked(MANY)
    uploads.confirm(row.pk, "olga")
    together(*[_work] * 3)
    assert (_now(row).status, _now(row).counts["created"], Employee.objects.count()) == ("imported", 2000, 2000)


def test_the_file_of_a_worker_that_died_is_taken_up_by_another() -> None:
    row = _upload()
    claim = Claim(f"import:{row.pk}").__enter__()
    assert claim.held
    _work()
    assert (_now(row).status, work.Imports().is_due(clock.now())) == ("checking", True)
    # Redis lets go of what nobody renews.
    assert 0 < redis.client().ttl(f"textback:claim:import:{row.pk}") <= 30
    redis.client().delete(f"textback:claim:import:{row.pk}")
    _work()
    assert _now(row).status == "checked"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("problem", "status"), [(OperationalError("database is locked"), "importing"), (RuntimeError("a bug"), "refused")]
)
def test_a_database_that_fails_is_tried_again_and_a_bug_is_not(
    problem: Exception, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    employee(ANN, name="Old")
    row = _checked()
    uploads.confirm(row.pk, "olga")

    def fail(*_: Any) -> None:
        raise problem

    with monkeypatch.context() as patched:
        # The segment is made by then, and must not stay.
        patched.setattr(writing, "write", fail)
        _work()
    assert (_now(row).status, Employee.objects.count()) == (status, 1)
    assert not Employee.objects.filter(segments__isnull=False).exists()
    if status == "importing":
        _after_its_pause(row)
        _work()
        assert (_now(row).status, Employee.objects.count()) == ("imported", 2)
    else:
        assert "error in Textback" in _now(row).errors[0]["message"]


def test_a_worker_that_must_end_leaves_the_file_to_another() -> None:
    row = _upload(MANY)
    clock.request_stop()
    uploads.work_on(row.pk)
    assert _now(row).status == "checking"
    clock.forget_stop()
    _work()
    assert _now(row).status == "checked"


def test_a_file_that_is_discarded_meanwhile_is_read_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    row = _upload(MANY)
    lines: list[int] = []
    read = reading._take

    def discard(number: int, *rest: Any) -> None:
        lines.append(number)
        if number == 100:
            uploads.discard(row.pk)
        read(number, *rest)

    monkeypatch.setattr(reading, "_take", discard)
    _work()
    assert len(lines) < 600
    assert not RosterImport.objects.exists()


def test_the_counts_are_those_of_the_import_and_not_of_the_check() -> None:
    row = _checked()
    roster.run(FILE, segment="Night nurses")
    uploads.confirm(row.pk, "olga")
    _work()
    assert (_now(row).counts["created"], _now(row).counts["unchanged"]) == (0, 3)


def test_one_file_is_one_job_and_the_next_waits_for_none() -> None:
    first, second = _upload(), _upload()
    redis.client().flushall()
    _work()
    assert (_now(first).status, _now(second).status, _jobs()) == ("checked", "checking", 1)
    redis.client().flushall()
    _work()
    assert (_now(second).status, _jobs()) == ("checked", 0)
    _work()
    assert _jobs() == 0


def test_a_file_that_another_has_is_passed_over() -> None:
    first, second = _upload(), _upload()
    with Claim(f"import:{first.pk}"):
        _work()
        assert (_now(first).status, _now(second).status) == ("checking", "checked")
        redis.client().delete("textback:wake:imports")
        jobs = _jobs()
        _work()
        assert _jobs() == jobs


@pytest.mark.parametrize("problem", [JobTimeoutException("too long"), OperationalError("database is locked")])
def test_a_file_that_fails_lets_the_others_come_first(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _upload(), _upload(MANY)
    redis.client().flushall()
    read = reading.read

    def fail(content: bytes, progress: Any = None) -> reading.Roster:
        if content == FILE:
            raise problem
        return read(content, progress)

    monkeypatch.setattr(roster, "read", fail)
    _work()
    assert (_now(first).status, _now(second).status, _jobs()) == ("checking", "checking", 1)
    _work()
    assert (_now(first).status, _now(second).status) == ("checking", "checked")
    _after_its_pause(first)
    monkeypatch.undo()
    _work()
    assert _now(first).status == "checked"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phase", ["checking", "importing"])
def test_a_job_that_takes_too_long_is_tried_again_and_not_for_ever(phase: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = _upload() if phase == "checking" else _checked()
    if phase == "importing":
        uploads.confirm(row.pk, "olga")

    def fail(*_: Any) -> None:
        raise JobTimeoutException("Task exceeded maximum timeout value (120 seconds)")

    monkeypatch.setattr(writing, "compare" if phase == "checking" else "write", fail)
    for _ in range(2):
        _work()
        assert (_now(row).status, bytes(_now(row).content)) == (phase, FILE)
        _after_its_pause(row)
    _work()
    assert (_now(row).status, _now(row).errors_total) == ("refused", 1)
    assert "Split it" in _now(row).errors[0]["message"]
    assert not Employee.objects.exists()
