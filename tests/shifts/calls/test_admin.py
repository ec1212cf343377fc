"""The staff's queue of people to call."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from messaging import clock
from messaging.models import Contact
from shifts.calls import people
from shifts.models import CallBack
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.optout.test_admin import plain, queries, read
from tests.shifts.calls.conftest import noted

LIST = "/admin/shifts/callback/"
CONFIRMED = {"_form_submitted": "on", "note": ""}
CAT = "+14255550184"

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(db: None) -> Client:
    return staff("view_callback", "change_callback", "see_phone_numbers")


@pytest.mark.parametrize(
    ("codenames", "sees", "acts"),
    [
        ((), 403, 403),
        (("view_callback",), 200, 403),
        (("view_callback", "add_callback", "delete_callback"), 200, 403),
        (("view_callback", "change_callback"), 200, 200),
    ],
)
def test_who_may_do_what(codenames: tuple[str, ...], sees: int, acts: int) -> None:
    row = noted()
    client = staff(*codenames)
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        assert client.get(address).status_code == sees
        assert (f"{LIST}{row.pk}/close/" in client.get(address).content.decode()) == (acts == 200)
    assert client.get(f"{LIST}{row.pk}/close/").status_code == acts
    client.post(f"{LIST}{row.pk}/close/", CONFIRMED)
    assert CallBack.objects.get().status == ("closed" if acts == 200 else "waiting")


def test_nobody_adds_edits_or_deletes(admin_client: Client) -> None:
    row = noted()
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{row.pk}/change/", {"status": "closed"}).status_code == 403
    assert admin_client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_says_whom_to_call_and_since_when_and_its_page_why(olga: Client) -> None:
    Contact.objects.create(phone_number=ANN, name="Ann")
    row = noted(reason="Amazon Connect is not set up.", requested_at=clock.now() - timedelta(minutes=12))
    text = read(olga, LIST)
    assert re.search(rf"Ann schedule 12 minutes ago call \{ANN} I call now", text)
    assert "Amazon Connect is not set up." in read(olga, f"{LIST}{row.pk}/change/")
    assert f'href="tel:{ANN}"' in olga.get(LIST).content.decode()


def test_who_waits_is_shown_unless_something_else_is_chosen(olga: Client) -> None:
    late, early = noted(minute=3).phone_number, noted(BOB, minute=4).phone_number
    noted(CAT, "closed")
    noted("+14255550185", "called")

    def shown(**query: str) -> list[str]:
        return [row.phone_number for row in olga.get(LIST, query).context["cl"].result_list]

    assert shown() == shown(status="waiting") == [late, early]
    assert shown(status="closed") == [CAT]
    assert shown(status="placing") == []
    assert shown(status="all") == ["+14255550185", CAT, early, late]
    assert shown(status="all", q="+1 (425) 555-0184") == [CAT]
    assert "by otto" in read(olga, LIST, status="all")
    assert "by Amazon Connect" in read(olga, LIST, status="called")


def test_it_is_closed_with_a_note_after_a_question(olga: Client) -> None:
    row = noted()
    address = f"{LIST}{row.pk}/close/"
    assert "It was dealt with in another way." in read(olga, address)
    assert CallBack.objects.get().status == "waiting"
    answer = olga.post(address, CONFIRMED | {"note": "Will be in at six"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert f"The call back of {ANN} is closed." in plain(answer.content.decode())
    row.refresh_from_db()
    assert (row.status, row.closed_by, row.note) == ("closed", "olga", "Will be in at six")
    page = olga.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "Will be in at six" in page
    assert address not in page, "nothing is offered for what is closed"


def test_a_note_that_is_too_long_closes_nothing(olga: Client) -> None:
    answer = olga.post(f"{LIST}{noted().pk}/close/", CONFIRMED | {"note": "x" * 501})
    assert (answer.status_code, CallBack.objects.get().status) == (200, "waiting")


def test_whoever_comes_second_is_told(olga: Client) -> None:
    row = noted(status="closed")
    answer = olga.post(f"{LIST}{row.pk}/close/", CONFIRMED, follow=True)
    assert "otto has closed it before" in plain(answer.content.decode())


@pytest.mark.parametrize("pk", ["0", "9999", "x", "99999999999999999999"])
def test_there_is_no_action_on_nothing(olga: Client, pk: str) -> None:
    assert olga.post(f"{LIST}{pk}/close/", CONFIRMED).status_code == 404


def test_a_list_costs_the_same_for_any_number_of_rows_and_counts_nothing(olga: Client) -> None:
    def more(first: int, last: int) -> None:
        for n in range(first, last):
            Contact.objects.create(phone_number=f"+1425555{n:04}", name=f"Person {n}")
            noted(f"+1425555{n:04}")

    more(1000, 1002)
    few = queries(olga, LIST)
    more(1002, 1012)
    many = queries(olga, LIST)
    assert len(many) == len(few) <= 12
    assert not [sql for sql in many if "COUNT(" in sql and "shifts_callback" in sql]


def test_nothing_that_people_write_becomes_html(olga: Client) -> None:
    attack = '"><script>alert(1)</script>'
    Contact.objects.create(phone_number=ANN, name=attack)
    row = noted(reason=attack, note=attack, subject=attack)
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        html = olga.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html


def act(client: Client, row: CallBack, action: str, **data: str) -> str:
    """Press a button. Returns the page that one comes to."""
    answer = client.post(f"{LIST}{row.pk}/{action}/", {"_form_submitted": "on"} | data, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    return plain(answer.content.decode())


def states(client: Client) -> list[tuple[str, str]]:
    return [(card.phone_number, card.state) for card in client.get(LIST).context["cards"]]


def test_one_takes_it_calls_and_says_what_came_of_it(olga: Client, time: MovableTime) -> None:
    Contact.objects.create(phone_number=ANN, name="Ann")
    row = noted()
    page = olga.get(LIST).content.decode()
    assert f'formaction="{LIST}{row.pk}/take/"' in page
    assert f"{LIST}{row.pk}/called/" not in page
    assert "You have Ann. Call them" in act(olga, row, "take")
    page = olga.get(LIST).content.decode()
    assert f'href="tel:{ANN}"' in page
    for button in ("called", "not_reached", "release"):
        assert f'hx-get="{LIST}{row.pk}/{button}/"' in page
    assert f"{LIST}{row.pk}/close/" not in page
    assert "The call back of Ann is closed." in act(olga, row, "called", note="At six")
    row.refresh_from_db()
    assert (row.status, row.closed_by, row.note) == ("closed", "olga", "At six")
    assert "olga" in (history := read(olga, f"{LIST}{row.pk}/change/"))
    assert re.search(r"olga .* Called At six", history)


def test_a_colleague_sees_who_is_calling_and_cannot(olga: Client, time: MovableTime) -> None:
    row = noted()
    act(olga, row, "take")
    otto = staff("view_callback", "change_callback", name="otto")
    assert states(olga) == [(ANN, "mine")]
    assert states(otto) == [(ANN, "taken")]
    page = otto.get(LIST).content.decode()
    assert "olga is calling them, since" in page
    assert f"{LIST}{row.pk}/take/" not in page
    assert "olga is calling them" in act(otto, row, "take")
    time.forward(people.HOLDS.total_seconds() + 1)
    assert states(otto) == [(ANN, "free")]
    assert "You have" in act(otto, row, "take")
    assert "otto is calling them" in act(olga, row, "called", note="")


def test_who_was_not_reached_waits_and_stands_last(olga: Client, time: MovableTime) -> None:
    first, second = noted(minute=1), noted(BOB, minute=2)
    act(olga, first, "take")
    told = act(olga, first, "not_reached", again="60", note="Rang long")
    assert re.search(r"is to be called again from \w+ \d+ \w+, \d\d:\d\d on", told)
    assert states(olga) == [(BOB, "free"), (ANN, "later")]
    assert "Not reached once" in (text := read(olga, LIST))
    assert "Rang long" in text
    time.forward(3601)
    assert states(olga) == [(ANN, "free"), (BOB, "free")]
    act(olga, first, "take")
    assert "the call back is given up" in act(olga, first, "not_reached", again="no", note="")
    first.refresh_from_db()
    assert (first.status, second.status) == ("failed", "waiting")
    assert ANN in read(olga, LIST, status="failed")


def test_ones_own_stands_first(olga: Client, time: MovableTime) -> None:
    noted(minute=1)
    mine = noted(BOB, minute=2)
    otto = staff("view_callback", "change_callback", name="otto")
    theirs = noted(CAT, minute=3)
    act(olga, mine, "take")
    act(otto, theirs, "take")
    assert states(olga) == [(BOB, "mine"), (ANN, "free"), (CAT, "taken")]
    act(olga, mine, "release")
    assert states(olga) == [(ANN, "free"), (BOB, "free"), (CAT, "taken")]


@pytest.mark.parametrize("again", [{}, {"again": ""}, {"again": "5"}])
def test_a_time_that_is_not_offered_changes_nothing(olga: Client, again: dict[str, str]) -> None:
    row = noted()
    act(olga, row, "take")
    answer = olga.post(f"{LIST}{row.pk}/not_reached/", {"_form_submitted": "on"} | again)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.status == "taken"


def test_nobody_is_taken_by_a_link(olga: Client) -> None:
    row = noted()
    assert olga.get(f"{LIST}{row.pk}/take/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    assert strict.post(f"{LIST}{row.pk}/take/").status_code == 403
    assert staff("view_callback", name="rita").post(f"{LIST}{row.pk}/take/").status_code == 403
    assert CallBack.objects.get().status == "waiting"


def test_a_reader_is_offered_nothing() -> None:
    row = noted()
    rita = staff("view_callback", "see_phone_numbers", name="rita")
    for address in (LIST, f"{LIST}{row.pk}/change/"):
        page = rita.get(address).content.decode()
        assert ANN in page
        assert f"{LIST}{row.pk}/take/" not in page
        assert f"{LIST}{row.pk}/close/" not in page


def test_what_is_done_stands_in_the_log_of_changes(olga: Client) -> None:
    row = noted()
    act(olga, row, "take")
    act(olga, row, "called", note="")
    told = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert [line.split(":")[0] for line in told] == ["I call now", "Called"]
    assert str(row.pk) == LogEntry.objects.order_by("pk").values_list("object_id", flat=True)[0]


def test_an_empty_queue_says_so(olga: Client) -> None:
    assert "Nobody waits for a call" in read(olga, LIST)
    assert "Nobody with this number waits" in read(olga, LIST, q="4255550199")
