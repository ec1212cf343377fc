"""ETag, If-Match and If-None-Match: what one has read is what one changes, and what one has is not sent again."""

from functools import partial
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging.api import conditions
from messaging.models import Contact, Keyword
from shifts.models import Employee
from tests.messaging.api.conftest import ClientWith
from tests.refusals import is_problem
from tests.security.world import World, world
from tests.together import together

# address → what may be changed of it, where something may.
SINGLE: dict[str, dict[str, Any]] = {
    "/api/v1/keywords/HOURS/": {"text": "We are closed."},
    "/api/v1/contacts/+14255550182/": {"name": "Anna"},
    "/api/v1/employees/+14255550182/": {"name": "Anna"},
    "/api/v1/shifts/XYZ123/": {"shift_info": "Late"},
    "/api/v1/escalation-policies/Nights/": {"description": "Late"},
    "/api/v1/origination-identities/+14255550100/": {"mps": 7},
    "/api/v1/callbacks/{callback}/": {"status": "closed"},
    "/api/v1/alert-sources/monitoring/": {"name": "Watch"},
    "/api/v1/webhook-endpoints/{endpoint}/": {"name": "Planning"},
    "/api/v1/segments/Night nurses/": {},
    "/api/v1/incidents/123/": {},
    "/api/v1/campaigns/july/": {},
    "/api/v1/campaigns/draft/preview/": {},
    "/api/v1/messages/{message}/": {},
    "/api/v1/inbound/{inbound}/": {},
    "/api/v1/alerts/{alert}/": {},
    "/api/v1/maintenance-windows/{window}/": {},
    "/api/v1/events/{event}/": {},
}


@pytest.fixture
def rows(db: None) -> World:
    return world()


def _url(address: str, rows: World) -> str:
    keys = {
        "callback": "shifts.CallBack",
        "message": "messaging.OutboundMessage",
        "inbound": "messaging.InboundMessage",
        "endpoint": "messaging.WebhookEndpoint",
        "alert": "incidents.Alert",
        "window": "incidents.MaintenanceWindow",
    }
    named = {name: rows[label].pk for name, label in keys.items()}
    return address.format(**named, event=rows["messaging.WebhookDelivery"].event.event_id)


@pytest.mark.parametrize("address", SINGLE)
def test_what_one_has_is_not_sent_again(api: APIClient, rows: World, address: str) -> None:
    url = _url(address, rows)
    tag = api.get(url)["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = api.get(url, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in answer
    assert api.head(url, headers={"If-None-Match": tag}).status_code == 304
    for other in ('"other"', "nonsense", ""):
        assert api.get(url, headers={"If-None-Match": other}).status_code == 200


@pytest.mark.parametrize("address", [address for address, change in SINGLE.items() if change])
def test_a_change_of_what_one_has_read(api: APIClient, rows: World, address: str) -> None:
    url, change = _url(address, rows), SINGLE[address]
    first = api.get(url)["ETag"]
    changed = api.patch(url, change, headers={"If-Match": first})
    assert changed.status_code == 200
    # The answer of a change has the tag of the next one.
    assert changed["ETag"] == api.get(url)["ETag"] != first
    stale = api.patch(url, change, headers={"If-Match": first})
    assert (stale.status_code, is_problem(stale)["type"]) == (412, "/api/problems/precondition-failed/")
    assert api.get(url)["ETag"] == changed["ETag"]


def test_a_stale_tag_changes_nothing(api: APIClient, rows: World) -> None:
    url = "/api/v1/keywords/HOURS/"
    first = api.get(url)["ETag"]
    Keyword.objects.update(text="Somebody else's")
    for answer in (
        api.patch(url, {"text": "mine"}, headers={"If-Match": first}),
        api.delete(url, headers={"If-Match": first}),
        # A weak tag is none to change by: RFC 9110, section 13.1.1.
        api.patch(url, {"text": "mine"}, headers={"If-Match": f"W/{api.get(url)['ETag']}"}),
        api.patch(url, {"text": "mine"}, headers={"If-Match": "nonsense"}),
    ):
        assert answer.status_code == 412
    assert Keyword.objects.get().text == "Somebody else's"
    assert api.delete(url, headers={"If-Match": f'"x", {api.get(url)["ETag"]}'}).status_code == 204


def test_a_star_is_whatever_is_there(api: APIClient, rows: World) -> None:
    assert api.patch("/api/v1/keywords/HOURS/", {"text": "x"}, headers={"If-Match": "*"}).status_code == 200
    assert api.patch("/api/v1/keywords/NONE/", {"text": "x"}, headers={"If-Match": "*"}).status_code == 404


def test_what_changes_beside_the_row_changes_the_tag(api: APIClient, rows: World) -> None:
    """An employee's name is their contact's; whoever holds a shift is in bookings."""
    employee, shift = "/api/v1/employees/+14255550182/", "/api/v1/shifts/XYZ123/"
    before = [api.get(url)["ETag"] for url in (employee, shift)]
    Contact.objects.filter(phone_number="+14255550182").update(name="Otherwise")
    after = [api.get(url)["ETag"] for url in (employee, shift)]
    assert not set(before) & set(after)
    assert api.patch(employee, {"approved": False}, headers={"If-Match": before[0]}).status_code == 412
    assert Employee.objects.get().approved


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", [one for one, change in SINGLE.items() if change and "{" not in one])
def test_of_two_with_one_tag_one_has_its_way(api: APIClient, address: str) -> None:
    rows = world()
    url, (field, value) = _url(address, rows), next(iter(SINGLE[address].items()))
    headers = {"If-Match": api.get(url)["ETag"]}
    values = [value + 1, value + 2, value + 3] if isinstance(value, int) else [f"{value} {n}" for n in range(3)]
    answers = together(*(partial(api.patch, url, {field: one}, headers=headers) for one in values))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
    (winner,) = [answer for answer in answers if answer.status_code == 200]
    assert api.get(url).json()[field] == winner.json()[field]


def test_without_the_header_it_costs_nothing(
    api: APIClient, rows: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4) as queries:
        assert api.patch("/api/v1/keywords/HOURS/", {"text": "x"}).status_code == 200
    assert not [query for query in queries if "FOR UPDATE" in query["sql"]]


def test_lists_and_new_rows_have_no_tag(api: APIClient, rows: World) -> None:
    assert "ETag" not in api.get("/api/v1/keywords/")
    assert "ETag" not in api.post("/api/v1/keywords/", {"word": "NEW", "text": "x"})


def test_a_tag_needs_our_key() -> None:
    """Who sees +1***82 could else find the number by trying the ten million there are."""
    data = {"phone_number": "+14255550182"}
    known = conditions.tag(data)
    settings.SECRET_KEY, kept = "another", settings.SECRET_KEY
    try:
        assert conditions.tag(data) != known
    finally:
        settings.SECRET_KEY = kept
    assert conditions.tag(data) == known


def test_nobody_else_may_keep_it(client_with: ClientWith) -> None:
    answer = client_with("view_keyword").get("/api/v1/keywords/")
    assert answer["Cache-Control"] == "private, no-cache"
