"""One person's thread: both sides in order, what became of each text, pages, and news while it is open."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents import lifecycle
from incidents.models import Incident
from messaging.admin.inbox import thread
from messaging.admin.inbox.thread import Bubble
from messaging.models import Contact, OriginationIdentity, OutboundMessage
from tests.messaging.admin.conftest import StaffWith
from tests.messaging.api.rows import NOON, inbound, outbound
from tests.messaging.factories import ANN, BOB, OUR_NUMBER

URL = "/admin/messaging/inboundmessage/inbox"
HERE = "tests.messaging.admin.inbox.test_thread"


class Forbids:
    """Forbids everything from our number."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        return {pair: "Opted out by text on 2026-07-01." for pair in recipients if pair[1] == OUR_NUMBER}

    def carrier_opted_out(self, message: OutboundMessage) -> None: ...

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None: ...


class Away(Forbids):
    """Cannot be asked."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        raise RuntimeError("the ledger is away")


def _bubbles(hidden: list[str] | None = None, before: str = "") -> list[Bubble]:
    return list(thread.tell(ANN, hidden or [], [], before).bubbles)


@pytest.mark.django_db
def test_both_sides_stand_in_the_order_of_time() -> None:
    inbound(3, body="third")
    outbound(2, body="second")
    inbound(1, body="first")
    outbound(4, body="fourth")
    inbound(1, body="of somebody else", origination_phone_number=BOB)
    assert [(one.body, one.ours) for one in _bubbles()] == [
        ("first", False),
        ("second", True),
        ("third", False),
        ("fourth", True),
    ]


@pytest.mark.django_db
def test_each_day_begins_with_its_date() -> None:
    inbound(0)
    outbound(1)
    inbound(60 * 24)
    assert [one.new_day for one in _bubbles()] == [True, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words", "tone", "reason"),
    [
        ({"status": "queued"}, "Queued", "plain", ""),
        ({"status": "sent", "carrier_message_id": "m1", "sent_at": NOON}, "Sent", "primary", ""),
        ({"status": "delivered", "delivered_at": NOON}, "Delivered", "success", ""),
        (
            {"status": "failed", "ended_at": NOON, "error_reason": "No such number"},
            "Failed",
            "danger",
            "No such number",
        ),
        ({"status": "suppressed", "ended_at": NOON, "error_reason": "Opted out"}, "Suppressed", "warning", "Opted out"),
        ({"status": "unknown", "unknown_at": NOON}, "Unknown", "warning", ""),
    ],
)
def test_a_text_of_ours_says_what_became_of_it(fields: dict[str, Any], words: str, tone: str, reason: str) -> None:
    outbound(**fields)
    (one,) = _bubbles()
    assert (one.told.words, one.told.tone, one.told.reason, one.told.at) == (words, tone, reason, NOON)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words", "waits"),
    [
        ({"outcome": "unmatched"}, "Waits for a person", True),
        ({"outcome": "unmatched", "handled_at": NOON, "handled_by": "alice"}, "Dealt with by alice", False),
        ({"outcome": "incidents", "conversation": "incidents"}, "Incidents", False),
        (
            {"outcome": "incidents", "conversation": "incidents", "handled_at": NOON, "handled_by": "alice"},
            "Incidents, put there by alice",
            False,
        ),
        ({"outcome": "not_understood", "conversation": "shifts"}, "Not understood, asked back", False),
        ({"outcome": "consent"}, "Consent", False),
        ({}, "Being placed", False),
    ],
)
def test_a_text_of_theirs_says_what_became_of_it(fields: dict[str, Any], words: str, waits: bool) -> None:
    inbound(**fields)
    (one,) = _bubbles()
    assert (one.told.words, one.waits) == (words, waits)


@pytest.mark.django_db
def test_who_wrote_is_told() -> None:
    User.objects.create_user("alice", first_name="Alice", last_name="Abel")
    outbound(1, actor="alice")
    outbound(2, actor="gone")
    outbound(3, is_automatic_reply=True)
    outbound(4, conversation="shifts", actor="alice")
    assert [one.who for one in _bubbles()] == ["Alice Abel", "gone", "Automatic answer", "Shifts"]


def test_what_belongs_to_an_incident_leads_there(boss: Client, number: OriginationIdentity) -> None:
    lifecycle.open_incident(
        lifecycle.Request("123", "Pump 4", url="", first_contact=ANN, second_contact=BOB), actor="x"
    )
    inbound(outcome="incidents", conversation="incidents", subject="123")
    contact = Contact.objects.create(phone_number=ANN, name="Ann")
    page = boss.get(f"{URL}/c{contact.pk}/").content.decode()
    link = f'href="/admin/incidents/incident/{Incident.objects.get().pk}/change/">Incident 123<'
    assert page.count(link) == 2


@pytest.mark.django_db
def test_what_one_may_not_see_is_not_there() -> None:
    inbound(1, outcome="incidents", conversation="incidents")
    outbound(2, conversation="incidents")
    inbound(3, outcome="unmatched", body="seen")
    outbound(4, conversation="shifts", body="seen too")
    assert [one.body for one in _bubbles(["incidents"])] == ["seen", "seen too"]


@pytest.mark.django_db
def test_pages_go_on_where_the_one_before_ended_also_among_texts_of_one_instant() -> None:
    for n in range(70):
        inbound(n // 10, body=f"in {n}")
        outbound(n // 10, body=f"out {n}")
    seen: list[tuple[bool, int]] = []
    before, pages = "", 0
    while True:
        page = thread.tell(ANN, [], [], before)
        seen = [*((one.ours, one.key) for one in page.bubbles), *seen]
        pages += 1
        if not page.earlier:
            break
        before = page.earlier
    assert pages == 2
    assert len(seen) == len(set(seen)) == 140
    assert [key for ours, key in seen if ours] == sorted(key for ours, key in seen if ours)
    assert [key for ours, key in seen if not ours] == sorted(key for ours, key in seen if not ours)


@pytest.mark.django_db
@pytest.mark.parametrize("before", ["x", "12", "i12", "99999999999999999999i1", "1.5i2", "١i٢"])
def test_nonsense_in_the_address_is_the_latest_page(before: str) -> None:
    inbound()
    assert len(_bubbles(before=before)) == 1


@pytest.mark.django_db
def test_a_moment_that_no_database_knows_is_no_trouble() -> None:
    inbound()
    assert len(_bubbles(before="99999999999999999i1")) == 1
    assert _bubbles(before="0i1") == []


def test_it_says_from_which_numbers_they_may_be_texted(
    boss: Client, number: OriginationIdentity, settings: Any
) -> None:
    OriginationIdentity.objects.create(identity="+14255550199", kind="ten_dlc", mps=1)
    text = inbound()
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Forbids"]}
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert re.search(r"<b>\+14255550100</b> Opted out by text on 2026-07-01\.", page)
    assert re.search(r"<b>\+14255550199</b> may text them", page)
    # Another number may still be chosen.
    assert 'name="body"' in page


def test_who_has_opted_out_of_everything_has_no_form_and_the_reason(
    boss: Client, number: OriginationIdentity, settings: Any
) -> None:
    text = inbound(outcome="unmatched")
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Forbids"]}
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert "No text can be sent before they text JOIN" in page
    assert 'name="body"' not in page
    assert "Dealt with" in page


def test_it_opens_while_consent_cannot_be_read(boss: Client, number: OriginationIdentity, settings: Any) -> None:
    text = inbound()
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.Away"]}
    assert "nobody can tell" in boss.get(f"{URL}/{text.pk}/").content.decode()


def test_a_short_code_has_a_thread_and_no_form(boss: Client, number: OriginationIdentity) -> None:
    text = inbound(origination_phone_number="72345", outcome="unmatched")
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert "nobody can text it" in page
    assert 'name="body"' not in page


def test_somebody_who_only_got_texts_has_a_thread(boss: Client, number: OriginationIdentity) -> None:
    message = outbound(destination_phone_number=BOB, body="hello Bob")
    assert "hello Bob" in boss.get(f"{URL}/s{message.pk}/").content.decode()


def test_a_contact_without_texts_is_written_to_first(boss: Client, number: OriginationIdentity) -> None:
    contact = Contact.objects.create(phone_number=BOB, name="Bob")
    page = boss.get(f"{URL}/c{contact.pk}/").content.decode()
    assert "No texts yet. Write the first one below." in page
    assert 'name="body"' in page


def test_without_a_number_of_ours_it_says_what_to_do(boss: Client) -> None:
    text = inbound()
    page = boss.get(f"{URL}/{text.pk}/").content.decode()
    assert "no origination identity to send from" in page
    assert "Add one under Numbers" in page


@pytest.mark.parametrize("key", ["0", "c0", "s0", "x1", "c", "99999999999999999999", "１"])
def test_an_address_of_nobody_is_not_found(boss: Client, key: str) -> None:
    assert boss.get(f"{URL}/{key}/").status_code == 404
    assert boss.get(f"{URL}/{key}/news/").status_code == 404


def test_a_text_that_one_may_not_see_leads_to_nobody(staff_with: StaffWith) -> None:
    text = inbound(outcome="incidents", conversation="incidents")
    message = outbound(conversation="incidents")
    reader = staff_with("view_inboundmessage", "view_outboundmessage")
    assert reader.get(f"{URL}/{text.pk}/").status_code == 404
    assert reader.get(f"{URL}/s{message.pk}/").status_code == 404
    who_may = staff_with("view_inboundmessage", "view_incident")
    assert who_may.get(f"{URL}/{text.pk}/").status_code == 200


def test_who_may_only_look_has_no_forms(staff_with: StaffWith, number: OriginationIdentity) -> None:
    text = inbound(outcome="unmatched")
    page = staff_with("view_inboundmessage").get(f"{URL}/{text.pk}/").content.decode()
    assert "Waits for a person" in page
    assert 'name="body"' not in page
    assert 'name="place"' not in page


def test_nothing_is_asked_for_again_while_nothing_has_happened(boss: Client, number: OriginationIdentity) -> None:
    text = inbound(outcome="unmatched")
    news = f"{URL}/{text.pk}/news/"
    first = boss.get(news)
    assert first.status_code == 200
    assert "<html" not in first.content.decode()
    assert first["ETag"].strip(chr(34)) in first.content.decode()
    again = boss.get(news, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    outbound(1, body="news")
    after = boss.get(news, headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200
    assert "news" in after.content.decode()


def test_a_status_is_news(boss: Client, number: OriginationIdentity) -> None:
    text, message = inbound(), outbound(1)
    news = f"{URL}/{text.pk}/news/"
    first = boss.get(news)["ETag"]
    OutboundMessage.objects.filter(pk=message.pk).update(status="delivered", delivered_at=NOON + timedelta(minutes=2))
    assert boss.get(news, headers={"If-None-Match": first}).status_code == 200


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    assert not [one["sql"] for one in queries if "COUNT(" in one["sql"] and "messaging_outbound" in one["sql"]]
    return len(queries)


@pytest.mark.parametrize("page", ["", "news/"])
def test_the_number_of_queries_does_not_grow_with_the_texts(
    boss: Client, number: OriginationIdentity, page: str
) -> None:
    contact = Contact.objects.create(phone_number=ANN, name="Ann")

    def more(begin: int, end: int) -> None:
        for n in range(begin, end):
            lifecycle.open_incident(
                lifecycle.Request(f"{n}", "Pump 4", url="", first_contact=ANN, second_contact=BOB), actor="x"
            )
            inbound(n, outcome="unmatched", body=f"hm {n}")
            inbound(n, outcome="incidents", conversation="incidents", subject=f"{n}")
            outbound(n, actor=f"alice{n}", conversation="shifts", subject=f"july{n}")

    more(0, 1)
    few = _queries(boss, f"{URL}/c{contact.pk}/{page}")
    more(1, 40)
    assert _queries(boss, f"{URL}/c{contact.pk}/{page}") == few
    assert few < 40


def test_a_contact_is_known_to_who_sees_contacts_or_a_text_of_theirs(
    staff_with: StaffWith, number: OriginationIdentity
) -> None:
    contact = Contact.objects.create(phone_number=ANN, name="Ann")
    client = staff_with("view_inboundmessage")
    assert client.get(f"{URL}/c{contact.pk}/").status_code == 404
    inbound(outcome="incidents", conversation="incidents")
    assert client.get(f"{URL}/c{contact.pk}/").status_code == 404
    assert staff_with("view_inboundmessage", "view_contact").get(f"{URL}/c{contact.pk}/").status_code == 200
    outbound(conversation="")
    assert client.get(f"{URL}/c{contact.pk}/").status_code == 200
