"""The pages of alert sources, windows, alerts and deliveries."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidents.alerts import guide, intake, tokens
from incidents.alerts.sources import RuleDraft
from incidents.models import Alert, AlertDelivery, AlertSource, AlertToken, MaintenanceWindow
from messaging import clock
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import ANNA, Stage

PAGE = "/admin/incidents/alertsource/"
RULES = {
    "rules-TOTAL_FORMS": "0",
    "rules-INITIAL_FORMS": "0",
    "rules-MIN_NUM_FORMS": "0",
    "rules-MAX_NUM_FORMS": "1000",
}
CONFIRMED = {"_form_submitted": "on"}
FORM = {"name": "Prometheus", "kind": "alertmanager", "active": "on", "limit": "20", "limit_minutes": "10"}


@pytest.fixture
def staff(alerts: Alerts) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("alice"))
    return client


def rules(*rows: tuple[str, str, Any], initial: int = 0, ids: tuple[int, ...] = ()) -> dict[str, Any]:
    form = RULES | {"rules-TOTAL_FORMS": str(len(rows)), "rules-INITIAL_FORMS": str(initial)}
    for place, (position, when, policy) in enumerate(rows):
        form |= {
            f"rules-{place}-position": position,
            f"rules-{place}-matchers": when,
            f"rules-{place}-policy": policy.pk if policy else "",
        }
        if place < len(ids):
            form[f"rules-{place}-id"] = str(ids[place])
    return form


def test_a_source_is_made_with_its_rules_and_its_page_says_how_to_set_it_up(staff: Client, alerts: Alerts) -> None:
    form = FORM | rules(("", "severity=critical", alerts.nights), ("", "severity=info", None))
    answer = staff.post(f"{PAGE}add/", form, follow=True)
    source = AlertSource.objects.get(name="Prometheus")
    assert (source.slug, source.prefix, source.grouping) == ("prometheus", "P", "group")
    assert [(rule.position, rule.matchers, rule.policy) for rule in source.rules.all()] == [
        (1, "severity=critical", alerts.nights),
        (2, "severity=info", None),
    ]
    page = answer.content.decode()
    assert "url: http://testserver/api/v1/alert-sources/prometheus/deliver/" in page
    assert "No token yet" in page
    assert f"credentials: {guide.SECRET}" in page


def test_alarms_of_cloudwatch_come_the_way_that_texts_come(staff: Client, alerts: Alerts, settings: Any) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:alarms"
    source = alerts.make("AWS", kind="cloudwatch", topic_arn=arn)
    by_webhook = staff.get(f"{PAGE}{source.pk}/change/").content.decode()
    assert "--protocol https" in by_webhook
    queue = "arn:aws:sqs:us-east-1:123456789012:textback-inbound"
    settings.MESSAGING = settings.MESSAGING | {"INBOUND": "sqs", "SQS_INBOUND": queue}
    by_queue = staff.get(f"{PAGE}{source.pk}/change/").content.decode()
    assert "manage.py provision_aws --sqs --alarms" in by_queue
    assert "--protocol https" not in by_queue
    assert all(f"--alarm-actions {arn}" in page for page in (by_webhook, by_queue))


def test_two_rules_change_places(staff: Client, alerts: Alerts) -> None:
    source = alerts.make("Rules", rules=[RuleDraft("a=1", alerts.days), RuleDraft("b=2", alerts.nights)])
    ids = tuple(source.rules.values_list("pk", flat=True))
    form = {
        "name": "Rules",
        "prefix": "R",
        "active": "on",
        "grouping": "alert",
        "limit": "20",
        "limit_minutes": "10",
        "key_path": "key",
        "description_path": "said",
        "resolved_values": "ok",
        **rules(("2", "a=1", alerts.days), ("1", "b=2", alerts.nights), initial=2, ids=ids),
    }
    answer = staff.post(f"{PAGE}{source.pk}/change/", form)
    assert answer.status_code == 302, re.findall(r"errorlist.*", answer.content.decode())
    assert [rule.matchers for rule in source.rules.all()] == ["b=2", "a=1"]
    source.refresh_from_db()
    assert (source.kind, source.slug) == ("generic", "rules")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "generic"}, "Say where this is in the JSON that comes."),
        ({"kind": "generic", "key_path": "a..b", "description_path": "c"}, "is no path"),
        ({"kind": "cloudwatch"}, "Give the ARN of the SNS topic"),
        ({"prefix": "no"}, "People answer with this word"),
        ({"name": "Checks"}, "already exists"),
        ({"limit": "0"}, "greater than or equal to 1"),
        (rules(("", "severity", None)), "is no condition"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(staff: Client, given: dict[str, Any], words: str) -> None:
    answer = staff.post(f"{PAGE}add/", FORM | RULES | given)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert AlertSource.objects.count() == 1


def test_a_token_is_shown_once_and_stands_in_no_log(staff: Client, alerts: Alerts) -> None:
    page = f"{PAGE}{alerts.source.pk}/make-token/"
    assert "A new token for Checks" in staff.get(page).content.decode()
    answer = staff.post(page, {"name": "the server", "days": "30"})
    (secret,) = set(re.findall(r"tba_[A-Za-z0-9_-]{43}", answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    token = tokens.find("checks", secret)
    assert token is not None
    assert (token.name, token.created_by) == ("the server", "alice")
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - clock.now() < timedelta(days=31)
    for place in (page, f"{PAGE}{alerts.source.pk}/change/"):
        assert secret not in staff.get(place).content.decode()
    entry = LogEntry.objects.latest("id")
    assert entry.change_message == f"Make a token: The token {token} was made."


@pytest.mark.parametrize("given", [{}, {"name": ""}, {"name": "x", "days": "0"}, {"name": "x", "days": "soon"}])
def test_no_token_without_a_name_or_for_odd_times(staff: Client, alerts: Alerts, given: dict[str, str]) -> None:
    assert staff.post(f"{PAGE}{alerts.source.pk}/make-token/", given).status_code == 200
    assert not AlertToken.objects.exists()


def test_a_token_is_revoked(staff: Client, alerts: Alerts) -> None:
    token, secret = tokens.make(alerts.source, "the server", actor="alice")
    staff.post(f"{PAGE}{alerts.source.pk}/revoke-token/", CONFIRMED | {"token": token.pk})
    assert tokens.find("checks", secret) is None
    assert "revoked by alice" in staff.get(f"{PAGE}{alerts.source.pk}/change/").content.decode()


@pytest.mark.parametrize("kind", ["alertmanager", "grafana", "cloudwatch", "generic"])
def test_a_test_alert_is_read_as_its_system_would_send_it(
    staff: Client, alerts: Alerts, stage: Stage, kind: str
) -> None:
    fields = {"topic_arn": "arn:aws:sns:us-east-1:123456789012:alarms"} if kind == "cloudwatch" else {}
    source = alerts.make("Kinds", kind=kind, rules=[RuleDraft("severity=critical", alerts.days)], policy=None, **fields)
    page = f"{PAGE}{source.pk}/send-test/"
    staff.post(page, CONFIRMED | {"state": "firing", "labels": "severity=critical, team=blue"})
    alerts.works()
    alert = Alert.objects.get()
    assert (alert.outcome, alert.reason) == ("opened", "Rule 1 (severity=critical)")
    assert "Test by alice" in stage.texts(ANNA)[0]
    staff.post(page, CONFIRMED | {"state": "resolved", "labels": "severity=critical, team=blue"})
    alerts.works()
    assert stage.status("K1") == "cancelled"
    assert "Opened an incident" in staff.get(f"{PAGE}{source.pk}/change/").content.decode()


@pytest.mark.parametrize("labels", ["severity", "a!=b", "a="])
def test_labels_of_a_test_are_labels(staff: Client, alerts: Alerts, labels: str) -> None:
    staff.post(f"{PAGE}{alerts.source.pk}/send-test/", CONFIRMED | {"state": "firing", "labels": labels})
    assert not Alert.objects.exists()


def test_a_window_is_made_and_ended(staff: Client, alerts: Alerts) -> None:
    page = "/admin/incidents/maintenancewindow/"
    assert staff.get(f"{page}add/").status_code == 200
    now = clock.now()
    ends = now + timedelta(hours=1)
    form = {
        "source": alerts.source.pk,
        "matchers": "",
        "begins_at_0": f"{now:%Y-%m-%d}",
        "begins_at_1": f"{now:%H:%M:%S}",
        "ends_at_0": f"{ends:%Y-%m-%d}",
        "ends_at_1": f"{ends:%H:%M:%S}",
        "reason": "New pumps",
    }
    answer = staff.post(f"{page}add/", form)
    assert answer.status_code == 302, answer.content
    window = MaintenanceWindow.objects.get()
    assert (window.created_by, window.source) == ("alice", alerts.source)
    assert alerts.fires("pump").outcome == "silenced"
    assert "Now" in staff.get(page).content.decode()
    staff.post(f"{page}{window.pk}/end-now/", CONFIRMED)
    window.refresh_from_db()
    assert window.ended_by == "alice"
    alerts.works()
    assert alerts.incidents() == ["C1"]
    back = staff.post(f"{page}add/", form | {"ends_at_0": "2020-01-01"})
    assert "It ends before it begins." in back.content.decode()


def test_alerts_and_deliveries_are_listed_and_filtered(staff: Client, alerts: Alerts) -> None:
    alerts.fires("pump")
    alerts.ends("gate")
    intake.refuse(alerts.source, "<b>hostile</b>", "The body is no JSON.")
    page = staff.get("/admin/incidents/alert/").content.decode()
    assert "Trouble with pump" in page
    assert "Nothing to do" in page
    page = staff.get("/admin/incidents/alert/?outcome__exact=opened").content.decode()
    assert "Trouble with pump" in page
    assert "gate" not in page
    assert "Trouble with pump" in staff.get("/admin/incidents/alert/?q=C1").content.decode()
    assert "Trouble with pump" not in staff.get("/admin/incidents/alert/?q=C2").content.decode()
    page = staff.get("/admin/incidents/alertdelivery/?refused__exact=1").content.decode()
    assert "The body is no JSON." in page
    delivery = AlertDelivery.objects.get(refused=True)
    page = staff.get(f"/admin/incidents/alertdelivery/{delivery.pk}/change/").content.decode()
    assert "&lt;b&gt;hostile" in page
    assert "<b>hostile" not in page
    stored = AlertDelivery.objects.exclude(pk=delivery.pk).earliest("id")
    linked = f"/admin/incidents/alert/?delivery__id__exact={stored.pk}"
    assert linked in staff.get(f"/admin/incidents/alertdelivery/{stored.pk}/change/").content.decode()
    assert "Trouble with pump" in staff.get(linked).content.decode()


def test_the_page_of_a_source_asks_as_many_questions_for_many_alerts(
    staff: Client, alerts: Alerts, django_assert_num_queries: Any
) -> None:
    page = f"{PAGE}{alerts.source.pk}/change/"
    for n in range(3):
        alerts.fires(f"k{n}")
        tokens.make(alerts.source, f"t{n}", actor="alice")
    staff.get(page)
    with CaptureQueriesContext(connection) as few:
        staff.get(page)
    for n in range(3, 15):
        alerts.fires(f"k{n}")
        tokens.make(alerts.source, f"t{n}", actor="alice")
    with django_assert_num_queries(len(few)):
        staff.get(page)
