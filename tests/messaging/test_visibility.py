"""Each sees only its own: the lists of texts, their pages, the inbox and the API, for every role."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import roles
from config.roles import COMPLIANCE, HR, INCIDENT_STAFF, READ_ONLY
from messaging.admin.outbound import OutboundMessageAdmin
from messaging.models import OutboundMessage
from messaging.visibility import assignable_by, hidden_from
from tests.messaging.api.rows import event, inbound, outbound

pytestmark = pytest.mark.django_db

BODIES = {"incidents": "about incident", "shifts": "about shifts", "consent": "about consent", "": "about nothing"}
SEES = {
    INCIDENT_STAFF: {"incidents", "consent", ""},
    HR: {"shifts", "consent", ""},
    COMPLIANCE: {"incidents", "shifts", "consent", ""},
    READ_ONLY: {"incidents", "shifts", "consent", ""},
}
ASSIGNS = {INCIDENT_STAFF: ["incidents"], HR: ["shifts"], COMPLIANCE: [], READ_ONLY: []}
LISTS = ["/admin/messaging/inboundmessage/", "/admin/messaging/outboundmessage/"]


def _person(role: str) -> User:
    roles.make(Group, Permission)
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def _client(role: str) -> Client:
    client = Client()
    client.force_login(_person(role))
    return client


@pytest.fixture
def texts() -> dict[str, tuple[int, int]]:
    """A text each way of each conversation, by its key; each with a sender of its own."""
    found = {}
    for number, (key, body) in enumerate(BODIES.items()):
        phone_number = f"+1425555018{number}"
        received = inbound(
            body=body, conversation=key, outcome=key or "unmatched", origination_phone_number=phone_number
        )
        sent = outbound(body=body, conversation=key, destination_phone_number=phone_number)
        found[key] = (received.pk, sent.pk)
    return found


def _shown(page: str) -> set[str]:
    return {key for key, body in BODIES.items() if body in page}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("address", [*LISTS, "/admin/messaging/inboundmessage/inbox/"])
def test_lists_show_what_a_role_sees(texts: dict[str, tuple[int, int]], role: str, address: str) -> None:
    assert _shown(_client(role).get(address).content.decode()) == SEES[role]


def _somebody(*codenames: str) -> Client:
    user = User.objects.create_user("somebody", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def test_delivery_events_are_those_of_texts_that_one_sees(texts: dict[str, tuple[int, int]]) -> None:
    events = {
        key: event(OutboundMessage.objects.get(pk=sent), carrier_message_id=f"aws-{key or 'none'}")
        for key, (_, sent) in texts.items()
    }
    unknown = event(None, carrier_message_id="aws-unknown")
    address = "/admin/messaging/deliveryevent/"
    client = _somebody("view_deliveryevent", "view_campaign")
    page = client.get(address).content.decode()
    shown = {key for key in events if f"aws-{key or 'none'}" in page}
    assert shown == {"shifts", "consent", ""}
    assert "aws-unknown" in page
    assert "about incident" not in page
    for key, one in (*events.items(), ("", unknown)):
        assert (client.get(f"{address}{one.pk}/change/").status_code == 200) is (key != "incidents")


def test_pages_of_texts_sent_pass_over_what_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OutboundMessageAdmin, "list_per_page", 4)
    keys = [
        outbound(body=f"{key} {n}", conversation=key).pk
        for n in range(5)
        for key in ("incidents", "shifts", "gone", "incidents", "")
    ]
    seen = [pk for pk in reversed(keys) if OutboundMessage.objects.get(pk=pk).conversation in ("shifts", "gone", "")]
    client = _somebody("view_outboundmessage", "view_campaign")
    found = []
    for page in range(1, 6):
        rows = client.get(LISTS[1], {"p": page}).context["cl"].result_list
        found += [row.pk for row in rows]
    assert found == seen


def test_texts_sent_that_are_hidden_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each conversation that is hidden one key is looked at, however many rows it has."""
    for key in ("incidents", "incidents", "shifts"):
        outbound(conversation=key)
    client = _somebody("view_outboundmessage", "view_campaign")
    client.get(LISTS[1])
    with CaptureQueriesContext(connection) as few:
        client.get(LISTS[1])
    outbound(0, conversation="incidents")
    outbound(1, conversation="shifts")
    with CaptureQueriesContext(connection) as many:
        client.get(LISTS[1])
    assert len(many) == len(few)
    lists = [one["sql"] for one in many if 'FROM "messaging_outboundmessage"' in one["sql"]]
    # What is read with NOT IN is found by its key before.
    assert all('"id" IN (' in sql for sql in lists if "NOT (" in sql)
    assert not any("""= 'incidents'""" in sql for sql in lists)


@pytest.mark.parametrize("role", SEES)
def test_pages_of_texts_open_for_who_sees_them(texts: dict[str, tuple[int, int]], role: str) -> None:
    client = _client(role)
    for key, pair in texts.items():
        for address, pk in zip(LISTS, pair, strict=True):
            for page in ("change", "history"):
                answer = client.get(f"{address}{pk}/{page}/")
                # Django sends whoever asks for a row that is not there to the first page.
                opens = answer.status_code == 200 and (page == "history" or BODIES[key] in answer.content.decode())
                assert opens is (key in SEES[role]), f"{role}: {address}{pk}/{page}/"


@pytest.mark.parametrize("role", SEES)
def test_threads_open_for_who_sees_them(texts: dict[str, tuple[int, int]], role: str) -> None:
    client = _client(role)
    for key, (received, sent) in texts.items():
        for person in (f"{received}", f"s{sent}"):
            answer = client.get(f"/admin/messaging/inboundmessage/inbox/{person}/")
            assert answer.status_code == (200 if key in SEES[role] else 404)


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("resource", ["messages", "inbound"])
def test_the_api_says_what_a_role_sees(texts: dict[str, tuple[int, int]], role: str, resource: str) -> None:
    client = _client(role)
    assert _shown(client.get(f"/api/v1/{resource}/").content.decode()) == SEES[role]
    which = 0 if resource == "inbound" else 1
    for key, pair in texts.items():
        expected = 200 if key in SEES[role] else 404
        assert client.get(f"/api/v1/{resource}/{pair[which]}/").status_code == expected


@pytest.mark.parametrize("role", SEES)
def test_filters_offer_what_a_role_sees(texts: dict[str, tuple[int, int]], role: str) -> None:
    page = _client(role).get(LISTS[0]).content.decode()
    assert {key for key in ("incidents", "shifts") if f"conversation={key}" in page} == SEES[role] - {"consent", ""}


@pytest.mark.parametrize("role", SEES)
def test_who_may_act_in_a_conversation_may_put_texts_there(role: str) -> None:
    user = _person(role)
    assert assignable_by(user) == ASSIGNS[role]
    assert set(hidden_from(user)) == {"incidents", "shifts"} - SEES[role]


def test_a_text_that_is_hidden_is_not_dealt_with(texts: dict[str, tuple[int, int]]) -> None:
    client = _client(HR)
    hidden = inbound(conversation="incidents", outcome="incidents")
    form = {"action": "mark_as_dealt_with", "_selected_action": [hidden.pk]}
    client.post(LISTS[0], form)
    client.post(f"{LISTS[0]}{hidden.pk}/deal_with/", {"_form_submitted": "on"})
    hidden.refresh_from_db()
    assert hidden.handled_at is None


def test_who_has_everything_sees_everything() -> None:
    boss = User.objects.create_superuser("boss")
    assert hidden_from(boss) == []
    assert assignable_by(boss) == ["incidents", "shifts"]
