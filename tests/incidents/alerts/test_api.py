"""Alert sources, windows and alerts over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents.api.alert_sources import AlertSourceSerializer
from incidents.models import Alert, AlertSource
from messaging import clock
from tests.incidents.alerts.conftest import Alerts
from tests.refusals import at_fault, is_problem

PLACE = "/api/v1/alert-sources/"
OWN = {"kind": "generic", "key_path": "a", "description_path": "x"}


@pytest.fixture
def api(alerts: Alerts) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.create_superuser("alice"))
    return client


def test_a_source_is_made_read_and_changed(api: APIClient, alerts: Alerts) -> None:
    given = {
        "name": "Prometheus",
        "kind": "alertmanager",
        "default_policy": "Nights",
        "rules": [{"when": "severity=info", "escalation_policy": None}, {"when": "a=b", "escalation_policy": "Days"}],
    }
    answer = api.post(PLACE, given)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["slug"], made["prefix"], made["grouping"], made["limit"]) == ("prometheus", "P", "group", 20)
    assert made["rules"] == given["rules"]
    changed = api.patch(f"{PLACE}prometheus/", {"rules": given["rules"][1:], "active": False}).json()
    assert (changed["rules"], changed["active"], changed["name"]) == (given["rules"][1:], False, "Prometheus")
    assert api.patch(f"{PLACE}prometheus/", {"limit": 5}).json()["rules"] == given["rules"][1:]
    assert [source["slug"] for source in api.get(PLACE).json()["results"]] == ["prometheus", "checks"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "nagios"}, "kind"),
        ({"name": "Checks"}, "name"),
        ({"prefix": "C"}, "prefix"),
        ({"prefix": "NO"}, "prefix"),
        ({"prefix": "Y"}, "prefix"),
        ({"prefix": "A1"}, "prefix"),
        ({"slug": "checks"}, "slug"),
        ({"slug": "Not Good"}, "slug"),
        ({"default_policy": "Nothing"}, "default_policy"),
        ({"limit": 0}, "limit"),
        ({"kind": "generic", "description_path": "x"}, "key_path"),
        ({"kind": "generic", "key_path": "a..b", "description_path": "x"}, "key_path"),
        ({**OWN, "status_path": "s", "resolved_values": ","}, "resolved_values"),
        ({"kind": "cloudwatch"}, "topic_arn"),
        ({"rules": [{"when": "severity", "escalation_policy": None}]}, "rules.0.when"),
        ({"rules": [{"when": "a=b"}]}, "rules.0.escalation_policy"),
        ({"rules": [{"when": "a=b", "escalation_policy": "Nothing"}]}, "rules.0.escalation_policy"),
        ({"rules": [{"when": "a=b", "escalation_policy": None, "colour": 1}]}, "rules.0.colour"),
        ({"token": "x"}, "token"),
    ],
)
def test_what_no_source_is(api: APIClient, given: dict[str, Any], field: str) -> None:
    answer = api.post(PLACE, {"name": "More", "kind": "alertmanager"} | given)
    assert at_fault(answer) == [field]
    assert AlertSource.objects.count() == 1


@pytest.mark.parametrize(("field", "value"), [("kind", "alertmanager"), ("slug", "other")])
def test_a_source_keeps_its_kind_and_its_address(api: APIClient, alerts: Alerts, field: str, value: str) -> None:
    before = AlertSource.objects.values().get()
    answer = api.patch(f"{PLACE}checks/", {field: value, "limit": 7})
    assert at_fault(answer) == [field]
    assert AlertSource.objects.values().get() == before
    same = api.patch(f"{PLACE}checks/", {"kind": "generic", "slug": "checks", "limit": 7})
    assert (same.status_code, same.json()["limit"], same.json()["key_path"]) == (200, 7, "key")


def test_a_change_takes_back_no_other_that_came_meanwhile(
    api: APIClient, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_valid = AlertSourceSerializer.is_valid

    def slow(serializer: Any, **options: Any) -> bool:
        # The row was read before; somebody else turns the source off now.
        AlertSource.objects.update(active=False)
        return bool(is_valid(serializer, **options))

    monkeypatch.setattr(AlertSourceSerializer, "is_valid", slow)
    assert api.patch(f"{PLACE}checks/", {"limit": 7}).json()["active"] is False
    assert AlertSource.objects.values_list("active", "limit").get() == (False, 7)


def test_the_counter_of_ids_is_never_set_back(api: APIClient, alerts: Alerts) -> None:
    alerts.fires("a")
    api.patch(f"{PLACE}checks/", {"limit": 7})
    alerts.fires("b")
    assert alerts.incidents() == ["C1", "C2"]


def test_a_window_is_made_and_ended(api: APIClient, alerts: Alerts) -> None:
    ends_at = (clock.now() + timedelta(hours=2)).isoformat()
    answer = api.post("/api/v1/maintenance-windows/", {"ends_at": ends_at, "reason": "Disks", "when": "key=pump"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["source"], made["when"], made["created_by"], made["ended_by"]) == (None, "key=pump", "alice", "")
    assert alerts.fires("pump").outcome == "silenced"
    ended = api.post(f"/api/v1/maintenance-windows/{made['id']}/end/")
    assert (ended.status_code, ended.json()["ended_by"]) == (200, "alice")
    assert is_problem(api.post(f"/api/v1/maintenance-windows/{made['id']}/end/"))["type"] == "/api/problems/conflict/"
    assert alerts.fires("other").outcome == "opened"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        # Nobody knows when that is.
        ({"ends_at": "2099-01-01T00:00:00"}, "ends_at"),
        ({"begins_at": "2020-01-01T00:00:00"}, "begins_at"),
        ({"when": "severity"}, "when"),
        ({"source": "nothing"}, "source"),
        ({"ended_by": "me"}, "ended_by"),
    ],
)
def test_what_no_window_is(api: APIClient, given: dict[str, Any], field: str) -> None:
    ends_at = (clock.now() + timedelta(hours=2)).isoformat()
    answer = api.post("/api/v1/maintenance-windows/", {"ends_at": ends_at, "reason": "Disks"} | given)
    assert at_fault(answer) == [field]


def test_alerts_are_read_with_what_came_of_them(api: APIClient, alerts: Alerts) -> None:
    alerts.fires("pump", host="db-1")
    alerts.ends("pump")
    alerts.ends("gate")
    rows = api.get("/api/v1/alerts/").json()["results"]
    assert [(row["key"], row["state"], row["outcome"], row["incident"]) for row in rows] == [
        ("gate", "resolved", "nothing", None),
        ("pump", "resolved", "closed", "C1"),
        ("pump", "firing", "opened", "C1"),
    ]
    assert rows[2]["labels"]["host"] == "db-1"
    filtered = api.get("/api/v1/alerts/", {"source": "checks", "outcome": "opened", "incident": "C1"}).json()
    assert [row["key"] for row in filtered["results"]] == ["pump"]
    assert api.get("/api/v1/alerts/", {"sorce": "checks"}).status_code == 400
    assert api.get(f"/api/v1/alerts/{Alert.objects.earliest('id').pk}/").json()["reason"].startswith("No rule matches")


def test_lists_ask_as_many_questions_for_many_rows_as_for_few(
    api: APIClient, alerts: Alerts, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        alerts.comes(f"k{n}")
        alerts.make(f"Source {n}", prefix=f"Z{chr(65 + n % 26)}{chr(65 + n // 26)}")
    alerts.works()
    for place in ("alerts", "alert-sources", "maintenance-windows"):
        with django_assert_max_num_queries(5):
            assert api.get(f"/api/v1/{place}/").status_code == 200
