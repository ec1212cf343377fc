"""The inbox of texts that wait for a person."""

import pytest
from django.test import Client

from messaging.inbound import inbox
from messaging.models import InboundMessage
from tests.messaging.admin.conftest import StaffWith
from tests.messaging.api.rows import NOON, inbound

URL = "/admin/messaging/inboundmessage/"


def _mark(client: Client, *texts: InboundMessage) -> int:
    form = {"action": "mark_as_dealt_with", "_selected_action": [text.pk for text in texts]}
    return client.post(URL, form).status_code


def _waiting(client: Client) -> str:
    return client.get(URL, {"outcome": "waiting"}).content.decode()


def test_only_unmatched_texts_that_nobody_dealt_with_wait(boss: Client) -> None:
    inbound(body="wait for me", outcome="unmatched")
    inbound(body="dealt with before", outcome="unmatched", handled_at=NOON, handled_by="alice")
    inbound(body="yes I will", outcome="incidents")
    inbound(body="still to be routed")
    page = _waiting(boss)
    assert "wait for me" in page
    assert not [body for body in ("dealt with before", "yes I will", "still to be routed") if body in page]


def test_the_inbox_is_the_first_of_the_outcomes(boss: Client) -> None:
    page = boss.get(URL).content.decode()
    assert page.index("Unmatched, not dealt with") < page.index("outcome=consent")


@pytest.mark.parametrize(("outcome", "shown"), [("unrouted", "still to be routed"), ("incidents", "yes I will")])
def test_other_outcomes_can_be_chosen(boss: Client, outcome: str, shown: str) -> None:
    inbound(body="yes I will", outcome="incidents")
    inbound(body="still to be routed")
    page = boss.get(URL, {"outcome": outcome}).content.decode()
    assert [body for body in ("still to be routed", "yes I will") if body in page] == [shown]


def test_a_text_dealt_with_leaves_the_inbox_and_keeps_who_it_was(boss: Client) -> None:
    text = inbound(body="wait for me", outcome="unmatched")
    assert _mark(boss, text) == 302
    text.refresh_from_db()
    assert text.handled_by == "staff0"
    assert text.handled_at is not None
    assert "wait for me" not in _waiting(boss)


def test_a_text_is_dealt_with_from_its_own_page_after_a_question(boss: Client) -> None:
    text = inbound(outcome="unmatched")
    url = f"{URL}{text.pk}/deal_with/"
    assert "Mark as dealt with" in boss.get(url).content.decode()
    text.refresh_from_db()
    assert text.handled_at is None
    assert boss.post(url, {"_form_submitted": "on"}).status_code == 302
    text.refresh_from_db()
    assert text.handled_by == "staff0"


def test_staff_who_may_only_look_do_not_deal_with_texts(staff_with: StaffWith) -> None:
    text = inbound(outcome="unmatched")
    reader = staff_with("view_inboundmessage")
    _mark(reader, text)
    assert reader.post(f"{URL}{text.pk}/deal_with/", {"_form_submitted": "on"}).status_code == 403
    text.refresh_from_db()
    assert text.handled_at is None


def test_staff_with_the_permission_to_change_deal_with_texts(staff_with: StaffWith) -> None:
    text = inbound(outcome="unmatched")
    _mark(staff_with("view_inboundmessage", "change_inboundmessage"), text)
    text.refresh_from_db()
    assert text.handled_by == "staff0"


@pytest.mark.django_db
def test_who_was_first_stays() -> None:
    text = inbound(outcome="unmatched", handled_by="alice", handled_at=NOON)
    assert inbox.deal_with(InboundMessage.objects.all(), by="bob") == 0
    text.refresh_from_db()
    assert (text.handled_by, text.handled_at) == ("alice", NOON)


@pytest.mark.django_db
def test_a_text_that_is_not_routed_yet_cannot_be_dealt_with() -> None:
    inbound()
    assert inbox.deal_with(InboundMessage.objects.all(), by="bob") == 0
