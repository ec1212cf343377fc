"""The first page of the admin: few queries however many rows, and nothing for who may see nothing."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config.home import charts, needs
from messaging import clock, daily
from messaging.models import Lane, OriginationIdentity
from tests.messaging.api.rows import inbound, outbound
from tests.security.world import world

pytestmark = pytest.mark.django_db


def _boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/admin/").status_code == 200
    return len(queries)


def test_its_queries_do_not_grow() -> None:
    world()
    boss = _boss()
    boss.get("/admin/")
    few = _queries(boss)
    for number in range(120):
        inbound(number, outcome="unmatched")
        outbound(number, status="unknown", attempted_at=clock.now())
    while daily.count_what_is_due(timedelta(0)):
        pass
    assert _queries(boss) == few
    assert few < 40


def test_counting_ends_where_nobody_reads_on() -> None:
    for number in range(needs.MOST + 5):
        inbound(number, outcome="unmatched")
    found = {need.title: need for need in needs.waiting(User(is_superuser=True, is_active=True))}
    unmatched = found["Unmatched texts"]
    assert (unmatched.shown, unmatched.count) == ("99+", needs.MOST + 1)


def test_a_paused_number_needs_somebody() -> None:
    number = OriginationIdentity.objects.create(identity="+14255550100", kind="ten_dlc", mps=1)
    Lane.objects.create(origination_identity=number, paused_reason="Spend limit", paused_at=clock.now())
    page = _boss().get("/admin/").content.decode()
    assert "Numbers paused" in page
    assert "Nothing waits for a person." not in page


def test_nothing_to_do() -> None:
    page = _boss().get("/admin/").content.decode()
    assert "Nothing waits for a person." in page
    assert "The first figures come within a minute of the first text." in page


def test_who_belongs_to_no_group_is_told_what_to_do() -> None:
    client = Client()
    client.force_login(User.objects.create_user("newcomer", is_staff=True))
    page = client.get("/admin/").content.decode()
    assert "belongs to no group yet" in page
    assert "Nothing waits" not in page


def _sees_shifts() -> User:
    user = User.objects.create_user("hr", is_staff=True)
    wanted = ("view_outboundmessage", "view_campaign")
    user.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    return User.objects.get(pk=user.pk)


def test_unknown_sends_are_those_of_the_conversations_that_one_sees_and_of_the_last_days() -> None:
    for key in ("incidents", "incidents", "shifts"):
        outbound(status="unknown", conversation=key, attempted_at=clock.now())
    outbound(status="unknown", conversation="shifts", attempted_at=clock.now() - timedelta(days=4))
    user = _sees_shifts()
    found = {need.title: need for need in needs.waiting(user)}
    assert found["Unknown sends"].count == 1
    client = Client()
    client.force_login(user)
    # The figure leads to its own rows, and to no others.
    assert len(client.get(found["Unknown sends"].url).context["cl"].result_list) == 1


def test_the_chart_of_texts_counts_those_of_the_conversations_that_one_sees() -> None:
    figures = {"texts": {"statuses": {"incidents": {"sent": 5}, "shifts": {"sent": 2}, "": {"failed": 1}}}}
    days = {date(2026, 7, 1): figures}
    of_shifts = next(charts.drawn(_sees_shifts(), days))
    of_all = next(charts.drawn(User(is_superuser=True, is_active=True), days))
    assert (of_shifts.title, of_shifts.figure, of_all.figure) == ("Texts", "3", "8")
