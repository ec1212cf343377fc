"""The list: who waits first, then who wrote last; each person once; searched, filtered, and at a fixed cost."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.admin.inbox import page as inbox_page
from messaging.admin.inbox import people
from messaging.models import Contact, OriginationIdentity
from tests.messaging.admin.conftest import StaffWith
from tests.messaging.api.rows import NOON, inbound, outbound

URL = "/admin/messaging/inboundmessage/inbox/"
ANN, BOB, CAT, DAN = (f"+1425555018{number}" for number in range(2, 6))


def _from(number: str, minutes: int = 0, **fields: object) -> int:
    """A text of somebody, routed as a keyword unless told otherwise."""
    fields.setdefault("outcome", "keyword")
    return inbound(minutes, origination_phone_number=number, **fields).pk


def _listed(kind: str = "all", hidden: list[str] | None = None) -> list[str]:
    """The numbers of all pages, in order."""
    numbers: list[str] = []
    after = ""
    for _ in range(20):
        page = people.found(kind, hidden or [], after)
        numbers += [person.phone_number for person in page.people]
        if not page.older:
            return numbers
        after = page.older
    raise AssertionError("The pages have no end.")


@pytest.mark.django_db
def test_who_waits_stands_before_who_wrote_last() -> None:
    _from(ANN, 1, outcome="unmatched")
    _from(BOB, 2, outcome="unmatched")
    _from(CAT, 3)
    _from(DAN, 4)
    assert _listed() == [BOB, ANN, DAN, CAT]
    assert _listed("waiting") == [BOB, ANN]


@pytest.mark.django_db
def test_each_person_stands_once_where_their_last_text_stands() -> None:
    _from(ANN, 1)
    _from(BOB, 2)
    _from(ANN, 3)
    _from(BOB, 4, outcome="unmatched")
    _from(CAT, 5)
    _from(BOB, 6)
    assert _listed() == [BOB, CAT, ANN]


@pytest.mark.django_db
def test_a_redrive_of_an_old_text_brings_nobody_twice() -> None:
    _from(ANN, 10)
    _from(BOB, 11)
    # Stored last, and sent before the other.
    _from(ANN, 1)
    assert _listed() == [BOB, ANN]


@pytest.mark.django_db
def test_texts_of_the_same_instant_are_no_trouble() -> None:
    for _ in range(3):
        _from(ANN, 1)
    assert _listed() == [ANN]


@pytest.mark.django_db
def test_who_is_dealt_with_no_longer_waits() -> None:
    _from(ANN, 1, outcome="unmatched", handled_at=NOON, handled_by="alice")
    _from(BOB, 2)
    assert _listed("waiting") == []
    assert _listed() == [BOB, ANN]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["incidents", "shifts", "consent", "keyword"])
def test_each_kind_has_those_who_texted_of_it(kind: str) -> None:
    for number, outcome in [(ANN, "incidents"), (BOB, "shifts"), (CAT, "consent"), (DAN, "keyword")]:
        _from(number, outcome=outcome, conversation="" if outcome == "keyword" else outcome)
    expected = {"incidents": ANN, "shifts": BOB, "consent": CAT, "keyword": DAN}
    assert _listed(kind) == [expected[kind]]


@pytest.mark.django_db
def test_what_somebody_may_not_see_is_as_if_it_were_not() -> None:
    _from(ANN, 1, outcome="keyword")
    _from(BOB, 2, outcome="keyword")
    _from(ANN, 3, outcome="incidents", conversation="incidents", body="secret")
    _from(CAT, 4, outcome="incidents", conversation="incidents")
    outbound(5, destination_phone_number=BOB, conversation="incidents", body="secret")
    assert _listed(hidden=["incidents"]) == [BOB, ANN]
    page = people.found("all", ["incidents"])
    assert not [one for one in page.people if one.last and one.last.body == "secret"]
    assert {kind for one in page.people for kind in one.kinds} == {"Keyword"}
    assert "incidents" not in people.kinds(["incidents"])


@pytest.mark.django_db
def test_the_last_text_may_be_ours() -> None:
    _from(ANN, 1, body="hello")
    outbound(2, destination_phone_number=ANN, body="hello to you", status="failed", conversation="shifts")
    (person,) = people.found("all", []).people
    assert person.last
    assert (person.last.ours, person.last.body, person.last.trouble) == (True, "hello to you", "Failed")
    assert person.kinds == ("Shifts", "Keyword")


@pytest.mark.django_db
def test_a_contact_has_a_name_and_an_address_of_its_own() -> None:
    _from(ANN, 1)
    text = _from(BOB, 2)
    contact = Contact.objects.create(phone_number=ANN, name="Ann")
    bob, ann = people.found("all", []).people
    assert (ann.name, ann.key) == ("Ann", f"c{contact.pk}")
    assert (bob.name, bob.key) == ("", f"{text}")


@pytest.mark.django_db
def test_how_many_wait_is_counted_for_each_and_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        _from(ANN, outcome="unmatched")
    _from(BOB)
    assert {one.phone_number: one.waiting for one in people.found("all", []).people} == {ANN: "3", BOB: ""}
    monkeypatch.setattr(people, "COUNTED_TO", 2)
    assert people.found("all", []).people[0].waiting == "3+"


def _number(n: int) -> str:
    return f"+1425556{n:04}"


@pytest.mark.django_db
@pytest.mark.parametrize(("waiting", "others"), [(0, 120), (70, 70), (50, 50), (50, 0), (100, 1), (49, 1)])
def test_every_page_goes_on_where_the_one_before_ended(waiting: int, others: int) -> None:
    for n in range(others):
        _from(_number(n), n)
    for n in range(others, others + waiting):
        _from(_number(n), n, outcome="unmatched")
    expected = [_number(n) for n in reversed(range(others + waiting))]
    assert _listed() == expected
    first = people.found("all", [])
    assert len(first.people) == min(people.PER_PAGE, len(expected))


@pytest.mark.django_db
def test_a_flood_from_one_sender_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "_WINDOW", 5)
    monkeypatch.setattr(people, "_WINDOWS", 2)
    _from(ANN, 0)
    for n in range(23):
        _from(BOB, 1 + n)
    page = people.found("all", [])
    assert [one.phone_number for one in page.people] == [BOB]
    assert page.older
    assert _listed() == [BOB, ANN]


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["", "x", "w", "r-1", "w99999999999999999999", "q12", "w1.5", "r１２"])
def test_nonsense_in_the_address_is_the_first_page(after: str) -> None:
    _from(ANN)
    page = people.found("all", [], after)
    assert [one.phone_number for one in page.people] in ([ANN], [])


def _found(words: str, *, names: bool = True, hidden: list[str] | None = None) -> list[str]:
    return [one.phone_number for one in people.named(words, hidden or [], names=names).people]


@pytest.mark.django_db
def test_people_are_found_by_name_though_they_never_wrote() -> None:
    Contact.objects.create(phone_number=ANN, name="Ann Arbor")
    Contact.objects.create(phone_number=BOB, name="Bob")
    assert _found("arb") == [ANN]
    assert _found("nobody") == []
    assert _found("ann", names=False) == []
    assert _found("a\x00") == []


@pytest.mark.parametrize("written", ["+14255550182", "+1 (425) 555-0182", "001 425.555.0182", "(425) 555-0182"])
def test_people_are_found_by_any_form_of_their_number(number: OriginationIdentity, written: str) -> None:
    assert _found(written) == []
    outbound(destination_phone_number=ANN)
    assert _found(written) == [ANN]
    _from(ANN)
    assert _found(written) == [ANN]
    Contact.objects.create(phone_number=ANN, name="Ann")
    assert _found(written) == [ANN]
    assert _found("+14255550183") == []


@pytest.mark.django_db
def test_a_short_code_is_found() -> None:
    _from("72345")
    assert _found("72345") == ["72345"]


@pytest.mark.django_db
def test_a_number_of_which_one_may_see_nothing_is_not_found() -> None:
    _from(ANN, outcome="incidents", conversation="incidents")
    outbound(destination_phone_number=ANN, conversation="incidents")
    assert _found(ANN) == [ANN]
    assert _found(ANN, hidden=["incidents"]) == []


def _queries(client: Client, question: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"{URL}{question}").status_code == 200
    assert not [one["sql"] for one in queries if "COUNT(" in one["sql"]]
    return len(queries)


@pytest.mark.parametrize(
    "question", ["", "?kind=waiting", "?kind=incidents", "?kind=keyword", "?q=person", "?q=%2B14255560001"]
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    boss: Client, number: OriginationIdentity, question: str
) -> None:
    def more(begin: int, end: int) -> None:
        for n in range(begin, end):
            Contact.objects.create(phone_number=_number(n), name=f"Person {n}")
            _from(_number(n), n, outcome="unmatched")
            _from(_number(500 + n), n, outcome="incidents", conversation="incidents", subject="7")
            _from(_number(800 + n), n)
            outbound(n, destination_phone_number=_number(n), conversation="shifts")

    more(0, 2)
    few = _queries(boss, question)
    more(2, 30)
    assert _queries(boss, question) <= few
    assert few < 30


def test_an_empty_inbox_says_what_to_do(boss: Client) -> None:
    assert "Nobody has written to us yet" in boss.get(URL).content.decode()
    assert "Nothing waits for a person" in boss.get(f"{URL}?kind=waiting").content.decode()
    assert "Nobody has texted anything of this kind" in boss.get(f"{URL}?kind=shifts").content.decode()
    assert "Nobody is called “Zoe”" in boss.get(f"{URL}?q=Zoe").content.decode()


def test_no_phone_number_stands_in_an_address(boss: Client) -> None:
    _from(ANN)
    outbound(destination_phone_number=BOB)
    Contact.objects.create(phone_number=CAT, name="Cat")
    _from(CAT)
    for question in ("", f"?q={BOB[1:]}", "?q=Cat"):
        page = boss.get(f"{URL}{question}").content.decode()
        links = re.findall(r'href="([^"]*)"', page)
        assert [link for link in links if "/inbox/" in link and link != URL]
        assert not [link for link in links if "1425555018" in link]


def test_the_page_shows_people(boss: Client) -> None:
    Contact.objects.create(phone_number=ANN, name="Ann <b>")
    _from(ANN, outcome="unmatched", body="<script>hello</script>")
    page = boss.get(URL).content.decode()
    assert "Ann &lt;b&gt;" in page
    assert "&lt;script&gt;hello" in page
    assert "1 waits" in page


def test_who_may_not_view_texts_has_no_inbox(staff_with: StaffWith) -> None:
    assert staff_with("view_contact").get(URL).status_code == 403
    assert staff_with("view_inboundmessage").get(URL).status_code == 200


def test_older_is_a_link(boss: Client) -> None:
    for n in range(people.PER_PAGE + 1):
        _from(_number(n), n)
    page = boss.get(URL).content.decode()
    (older,) = re.findall(r'href="(\?kind=all&amp;after=[^"]*)"', page)
    second = boss.get(f"{URL}{older.replace('&amp;', '&')}").content.decode()
    assert _number(0) in second
    assert _number(1) not in second


@pytest.mark.django_db
def test_who_waits_stands_with_what_waits_whatever_was_sent_since() -> None:
    _from(ANN, 1, outcome="unmatched", body="please stop texting me")
    outbound(2, destination_phone_number=ANN, body="Shifts are open", status="delivered", conversation="shifts")
    (person,) = people.found("all", []).people
    assert person.last
    assert (person.last.ours, person.last.body) == (False, "please stop texting me")


@pytest.mark.django_db
def test_a_text_that_nobody_got_is_not_shown_as_if_they_had(staff_with: StaffWith) -> None:
    _from(ANN, 1)
    outbound(2, destination_phone_number=ANN, body="Shifts are open", status="suppressed", conversation="")
    page = staff_with("view_inboundmessage", "view_outboundmessage").get(URL).content.decode()
    assert '<b class="inbox-trouble">Suppressed:</b>' in page


def test_the_tab_counts_what_waits_no_further_than_anybody_reads(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_page, "_MOST_COUNTED", 2)
    for n in range(2):
        inbound(n, outcome="unmatched")
    count = re.compile(r'Waiting <span class="inbox-count">([^<]*)</span>')
    assert count.findall(boss.get(URL).content.decode()) == ["2"]
    for n in range(5):
        inbound(n, outcome="unmatched")
    with CaptureQueriesContext(connection) as asked:
        assert count.findall(boss.get(URL).content.decode()) == ["2+"]
    counting = [one["sql"] for one in asked if "LIMIT 3" in one["sql"]]
    assert len(counting) == 1
