"""The staff's pages of consent: states, their history, the form that records, and the ledger as a file."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Contact, OriginationIdentity, OutboundMessage
from optout import ledger, selectors
from optout.admin import consent as consent_admin
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Consent, ConsentEvent
from tests.incidents.test_admin import file_of, staff
from tests.messaging.factories import ANN, BOB, OUR_NUMBER

OTHER_NUMBER = "+14255550109"
STATES, EVENTS = "/admin/optout/consent/", "/admin/optout/consentevent/"
NOON = datetime(2026, 1, 21, 12, tzinfo=UTC)
READING = ("view_consent", "view_consentevent")

pytestmark = pytest.mark.django_db


def say(action: str, minute: int = 0, **fields: Any) -> ConsentEvent:
    """Somebody said something so many minutes after noon."""
    values: dict[str, Any] = {"phone_number": ANN, "origination_identity": OUR_NUMBER, "source": "sms"}
    values["occurred_at"] = NOON + timedelta(minutes=minute)
    return ledger.record(Entry(action=action, **values | fields)).event


def state(phone_number: str = ANN, scope: str = OUR_NUMBER) -> Consent:
    return Consent.objects.get(phone_number=phone_number, origination_identity=scope)


def plain(html: str) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def read(client: Client, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return plain(answer.content.decode())


def act(client: Client, row: Consent, action: str, reason: str = "Called the hotline") -> Any:
    return client.post(f"{STATES}{row.pk}/{action}/", {"_form_submitted": "on", "reason": reason}, follow=True)


def record(client: Client, **fields: str) -> Any:
    form = {"phone_number": "+1 (425) 555-0182", "ours": OUR_NUMBER, "action": "opt_out", "reason": "By phone"} | fields
    return client.post(f"{STATES}add/", form, follow=True)


def queries(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in found]


@pytest.fixture
def reader(db: None) -> Client:
    return staff(*READING, name="rita")


@pytest.fixture
def olga(number: OriginationIdentity) -> Client:
    """Somebody of the staff who may record consent."""
    return staff(*READING, "add_consentevent")


# who → what they may: see the states, see the ledger and take it as a file, record and opt out
PERMISSIONS = [
    ((), (403, 403, 403)),
    (("view_consent",), (200, 403, 403)),
    (("view_consentevent",), (403, 200, 403)),
    (READING, (200, 200, 403)),
    (("view_plea", "change_consent", "add_consent", "delete_consent"), (200, 403, 403)),
    ((*READING, "add_consentevent"), (200, 200, 200)),
]


@pytest.mark.parametrize(("codenames", "allowed"), PERMISSIONS)
def test_who_may_do_what(
    number: OriginationIdentity, codenames: tuple[str, ...], allowed: tuple[int, int, int]
) -> None:
    event = say("opt_in")
    sees, sees_ledger, acts = allowed
    client = staff(*codenames)
    for address in (STATES, f"{STATES}{state().pk}/change/"):
        assert client.get(address).status_code == sees
    for address in (EVENTS, f"{EVENTS}{event.pk}/change/", f"{EVENTS}export/"):
        assert client.get(address).status_code == sees_ledger
    for address in (f"{STATES}add/", f"{STATES}{state().pk}/opt_out/", f"{STATES}{state().pk}/opt_in/"):
        assert client.get(address).status_code == acts
    record(client)
    act(client, state(), "opt_out")
    assert ConsentEvent.objects.count() == (3 if acts == 200 else 1)


def test_nobody_edits_or_deletes(admin_client: Client) -> None:
    event = say("opt_out")
    for address in (f"{STATES}{state().pk}", f"{EVENTS}{event.pk}"):
        assert admin_client.post(f"{address}/change/", {"state": "opted_in"}).status_code == 403
        assert admin_client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.get(f"{EVENTS}add/").status_code == 403
    assert state().state == "opted_out"


def test_the_list_shows_how_people_stand_and_their_names(reader: Client) -> None:
    Contact.objects.create(phone_number=ANN, name="Ann")
    say("opt_out")
    say("opt_in", phone_number=BOB, every_number=True, source="staff")
    text = read(reader, STATES)
    assert f"{ANN} Ann" in text
    assert re.search(rf"{re.escape(ANN)} Ann {re.escape(OUR_NUMBER)} Opted out 21 Jan 2026, 12:00:00 Text", text)
    assert re.search(rf"{re.escape(BOB)} every other number Opted in 21 Jan 2026, 12:00:00 Staff", text)


def test_what_was_said_later_of_every_number_counts_for_each(reader: Client) -> None:
    say("opt_out")
    say("opt_in", 1, every_number=True, source="staff")
    assert f"{OUR_NUMBER} Opted in 21 Jan 2026, 12:01:00 Staff" in read(reader, STATES)
    text = read(reader, f"{STATES}{state().pk}/change/")
    assert "Opted in since 21 Jan 2026, 12:01:00 (staff)." in text


def test_what_was_said_later_of_one_number_stands(reader: Client) -> None:
    say("opt_out", every_number=True)
    say("opt_in", 1)
    text = read(reader, STATES)
    assert f"{OUR_NUMBER} Opted in 21 Jan 2026, 12:01:00" in text
    assert "every other number Opted out 21 Jan 2026, 12:00:00" in text


@pytest.mark.parametrize("page", [STATES, EVENTS])
@pytest.mark.parametrize("written", [ANN, "+1 (425) 555-0182", "001 425.555.0182", "425 555 0182"])
def test_any_form_of_a_phone_number_finds_it(
    reader: Client, number: OriginationIdentity, page: str, written: str
) -> None:
    say("opt_out")
    say("opt_out", phone_number=BOB)
    text = read(reader, page, q=written)
    assert ANN in text
    assert BOB not in text


@pytest.mark.parametrize(("page", "question"), [(STATES, ""), (STATES, "?q=4255550182&state=opted_out"), (EVENTS, "")])
def test_a_list_costs_the_same_for_any_number_of_rows_and_counts_nothing(
    reader: Client, page: str, question: str
) -> None:
    def more(first: int, last: int) -> None:
        for n in range(first, last):
            Contact.objects.create(phone_number=f"+1425555{n:04}", name=f"Person {n}")
            say("opt_out", phone_number=f"+1425555{n:04}")
            say("opt_in", 1, phone_number=f"+1425555{n:04}", every_number=True)

    more(1000, 1002)
    few = queries(reader, f"{page}{question}")
    more(1002, 1012)
    many = queries(reader, f"{page}{question}")
    assert len(many) == len(few) <= 11
    # No more of the table than a page, whatever is asked.
    assert not [sql for sql in many if "optout_consent" in sql and ("COUNT(" in sql or "DISTINCT" in sql)]


def test_the_page_of_a_state_shows_what_concerns_it_newest_first(reader: Client) -> None:
    say("opt_out", 0, word="STOP")
    say("opt_out", 1, origination_identity=OTHER_NUMBER, word="ELSEWHERE")
    say("opt_in", 2, every_number=True, source="staff", actor="otto", reason="Asked on the phone")
    say("opt_out", 3, phone_number=BOB, word="SOMEBODY")
    text = read(reader, f"{STATES}{state().pk}/change/")
    assert re.search(r"every number Opt in - Staff otto Asked on the phone .* Opt out STOP Text - -", text)
    assert "ELSEWHERE" not in text
    assert "SOMEBODY" not in text
    every = read(reader, f"{STATES}{state(scope=EVERY_NUMBER).pk}/change/")
    assert "Asked on the phone" in every
    assert "STOP" not in every


def test_the_history_of_one_state_is_bounded(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_admin, "_MOST_EVENTS", 3)
    for n in range(5):
        say("opt_out", n, word=f"WORD{n}")
    address = f"{STATES}{state().pk}/change/"
    assert re.findall(r"WORD\d", read(reader, address)) == ["WORD4", "WORD3", "WORD2"]
    html = reader.get(address).content.decode()
    all_of_them = f"{EVENTS}?of={state().pk}"
    assert f'href="{all_of_them}"' in html
    assert "%2B1425" not in html
    say("opt_out", 9, phone_number=BOB, word="SOMEBODY")
    assert sorted(set(re.findall(r"WORD\d|SOMEBODY", read(reader, all_of_them)))) == [f"WORD{n}" for n in range(5)]
    for nobody in ("0", "x", "9" * 30):
        assert "WORD" not in read(reader, f"{EVENTS}?of={nobody}")


def test_the_history_is_for_those_who_may_see_events() -> None:
    say("opt_out", word="UNSUBSCRIBE")
    text = read(staff("view_consent"), f"{STATES}{state().pk}/change/")
    assert "UNSUBSCRIBE" not in text
    assert "All that was said" not in text


@pytest.mark.parametrize(
    ("said", "offered", "other"), [("opt_out", "opt_in", "opt_out"), ("opt_in", "opt_out", "opt_in")]
)
def test_what_would_change_something_is_offered(
    olga: Client, reader: Client, said: str, offered: str, other: str
) -> None:
    say(said)
    address = f"{STATES}{state().pk}"
    html = olga.get(f"{address}/change/").content.decode()
    assert f"{address}/{offered}/" in html
    assert f"{address}/{other}/" not in html
    assert f"{address}/{offered}/" not in reader.get(f"{address}/change/").content.decode()


def test_what_counts_decides_what_is_offered(olga: Client) -> None:
    say("opt_out")
    say("opt_in", 1, every_number=True)
    address = f"{STATES}{state().pk}"
    assert f"{address}/opt_out/" in olga.get(f"{address}/change/").content.decode()


def test_staff_opt_somebody_out_and_in_with_a_reason(olga: Client) -> None:
    say("opt_in")
    row = state()
    assert "Nobody is texted" in read(olga, f"{STATES}{row.pk}/opt_out/")
    text = plain(act(olga, row, "opt_out").content.decode())
    assert f"{ANN} is opted out of texts from {OUR_NUMBER}. Nobody was texted." in text
    event = ConsentEvent.objects.latest("id")
    assert (event.action, event.source, event.actor, event.reason, event.every_number) == (
        *("opt_out", "staff", "olga", "Called the hotline"),
        False,
    )
    text = plain(act(olga, row, "opt_in").content.decode())
    assert f"{ANN} is opted in to texts from {OUR_NUMBER}." in text
    assert state().state == "opted_in"
    assert not OutboundMessage.objects.exists()


def test_staff_opt_somebody_out_of_every_number(olga: Client) -> None:
    say("opt_in", every_number=True)
    text = plain(act(olga, state(scope=EVERY_NUMBER), "opt_out").content.decode())
    assert f"{ANN} is opted out of texts from every number of ours." in text
    assert ConsentEvent.objects.latest("id").every_number
    stands = selectors.standing_with(ANN, OTHER_NUMBER)
    assert stands is not None
    assert stands.opted_out


def test_no_reason_no_change(olga: Client) -> None:
    say("opt_in")
    assert "This field is required" in plain(act(olga, state(), "opt_out", " ").content.decode())
    assert state().state == "opted_in"


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
@pytest.mark.parametrize("action", ["opt_out", "opt_in"])
def test_there_is_no_action_on_nothing(olga: Client, pk: str, action: str) -> None:
    answer = olga.post(f"{STATES}{pk}/{action}/", {"_form_submitted": "on", "reason": "x"})
    assert answer.status_code == 404


def test_consent_is_recorded_from_the_form(olga: Client) -> None:
    page = read(olga, f"{STATES}add/")
    assert "Record consent" in page
    assert "Nobody is texted" in page
    text = plain(record(olga).content.decode())
    assert f"{ANN} is opted out of texts from {OUR_NUMBER}. Nobody was texted." in text
    event = ConsentEvent.objects.get()
    assert (event.phone_number, event.scope, event.source, event.actor, event.reason) == (
        *(ANN, OUR_NUMBER, "staff", "olga"),
        "By phone",
    )
    assert not OutboundMessage.objects.exists()


def test_every_number_is_a_choice_of_the_form(olga: Client) -> None:
    text = plain(record(olga, ours="*").content.decode())
    assert f"{ANN} is opted out of texts from every number of ours." in text
    event = ConsentEvent.objects.get()
    assert (event.every_number, event.origination_identity) == (True, "")


def test_saying_it_again_is_recorded_and_told(olga: Client) -> None:
    say("opt_out")
    text = plain(record(olga).content.decode())
    assert f"{ANN} was opted out of texts from {OUR_NUMBER} before, and stays so." in text
    assert ConsentEvent.objects.count() == 2


def test_the_word_of_staff_counts_though_an_earlier_one_bears_a_time_ahead_of_ours(olga: Client) -> None:
    say("opt_in", occurred_at=datetime.now(UTC) + timedelta(minutes=5))
    assert f"{ANN} is opted out of texts from {OUR_NUMBER}." in plain(record(olga).content.decode())
    assert state().state == "opted_out"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("phone_number", "425 555 0182"), ("phone_number", ""), ("ours", ""), ("ours", "+14255550199")),
        *(("action", ""), ("action", "maybe"), ("reason", " "), ("reason", "x" * 301)),
    ],
)
def test_what_is_incomplete_is_not_recorded(olga: Client, field: str, value: str) -> None:
    assert record(olga, **{field: value}).status_code == 200
    assert not ConsentEvent.objects.exists()


def test_only_active_numbers_are_offered(olga: Client) -> None:
    OriginationIdentity.objects.create(identity=OTHER_NUMBER, kind="ten_dlc", mps=1, active=False)
    html = olga.get(f"{STATES}add/").content.decode()
    assert f'value="{OUR_NUMBER}"' in html
    assert OTHER_NUMBER not in html


def test_who_may_record_and_not_look_is_led_to_a_page_that_is_theirs(number: OriginationIdentity) -> None:
    answer = record(staff("add_consentevent"))
    assert answer.redirect_chain == [("/admin/", 302)]
    assert f"{ANN} is opted out" in plain(answer.content.decode())


def test_nothing_that_people_write_becomes_html(olga: Client) -> None:
    attack = "<script>alert(1)</script>"
    Contact.objects.create(phone_number=ANN, name=attack)
    say("opt_out", word=attack, actor=attack, reason=attack)
    for address in (
        STATES,
        f"{STATES}{state().pk}/change/",
        EVENTS,
        f"{EVENTS}{ConsentEvent.objects.get().pk}/change/",
    ):
        html = olga.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert attack not in html


def test_the_ledger_is_read_newest_first(reader: Client) -> None:
    say("opt_out", 5, word="LATER")
    say("opt_in", 1, word="EARLIER", every_number=True)
    text = read(reader, EVENTS)
    assert text.index("LATER") < text.index("EARLIER")
    assert re.search(r"every number Opt in EARLIER Text", text)


@pytest.mark.parametrize(("question", "shown"), [("action__exact=opt_in", "BACK"), ("source__exact=sms", "STOP")])
def test_the_ledger_is_filtered(reader: Client, question: str, shown: str) -> None:
    say("opt_out", word="STOP")
    say("opt_in", 1, word="BACK", source="staff")
    text = plain(reader.get(f"{EVENTS}?{question}").content.decode())
    assert [word for word in ("STOP", "BACK") if f" {word} " in text] == [shown]


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO("\n".join(file_of(answer)))))


def test_the_ledger_is_a_file_oldest_first(reader: Client) -> None:
    say("opt_in", 5, every_number=True, source="staff", actor="otto", reason="=1+1", key="one")
    say("opt_out", 1, word="STOP")
    late = ConsentEvent.objects.latest("id")
    first, second = rows(reader.get(f"{EVENTS}export/"))
    assert first == {
        "phone_number": ANN,
        "origination_identity": OUR_NUMBER,
        "every_number": "false",
        "action": "opt_out",
        "word": "STOP",
        "text": "",
        "source": "sms",
        "actor": "",
        "reason": "",
        "occurred_at": "2026-01-21T12:01:00.000000Z",
        "recorded_at": late.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    assert (second["every_number"], second["actor"], second["reason"]) == ("true", "otto", "'=1+1")


def test_the_file_has_what_the_list_finds(reader: Client) -> None:
    say("opt_out")
    say("opt_in", 1)
    say("opt_out", 2, phone_number=BOB)
    question = "action__exact=opt_out&q=%2B14255550182"
    html = reader.get(f"{EVENTS}?{question}&p=2").content.decode()
    [address] = re.findall(rf'href="({EVENTS}export/[^"]*)"', html)
    address = address.replace("&amp;", "&")
    assert address == f"{EVENTS}export/?{question}"
    assert "Export what is found as CSV" in html
    answer = reader.get(address)
    assert "consent-history-found.csv" in answer.headers["Content-Disposition"]
    assert [(row["phone_number"], row["action"]) for row in rows(answer)] == [(ANN, "opt_out")]


def test_without_a_question_the_file_has_all(reader: Client) -> None:
    say("opt_out")
    html = reader.get(EVENTS).content.decode()
    assert f'href="{EVENTS}export/"' in html
    assert "Export as CSV" in html
    answer = reader.get(f"{EVENTS}export/")
    assert "consent-history.csv" in answer.headers["Content-Disposition"]
    assert len(rows(answer)) == 1


def test_a_filter_that_makes_no_sense_exports_nothing(reader: Client) -> None:
    say("opt_out")
    answer = reader.get(f"{EVENTS}export/?occurred_at__gte=yesterday", follow=True)
    assert answer.redirect_chain == [(EVENTS, 302)]
    assert "Nothing is exported" in plain(answer.content.decode())


def test_the_file_is_read_in_chunks(reader: Client) -> None:
    ConsentEvent.objects.bulk_create(
        ConsentEvent(
            key=f"k{n}",
            phone_number=ANN,
            origination_identity=OUR_NUMBER,
            action="opt_out",
            source="import",
            occurred_at=NOON + timedelta(seconds=n),
            recorded_at=NOON,
        )
        for n in range(5000)
    )
    with CaptureQueriesContext(connection) as found:
        answer: Any = reader.get(f"{EVENTS}export/")
        before = len(found)
        pieces = iter(answer.streaming_content)
        first = next(pieces)
    assert len(found) - before <= 2
    lines = (first + b"".join(pieces)).decode().splitlines()
    assert len(lines) == 5001
    assert lines[1].endswith("2026-01-21T12:00:00.000000Z,2026-01-21T12:00:00.000000Z")
