"""The door of a source: who may deliver, what is answered, and what is kept of it."""

import base64
import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from incidents.alerts import sources, tokens
from incidents.models import Alert, AlertDelivery, AlertSource
from messaging import clock
from tests.incidents.alerts.payloads import payload
from tests.refusals import at_fault, is_problem

pytestmark = pytest.mark.django_db

PLACE = "/api/v1/alert-sources/prometheus/deliver/"


@pytest.fixture
def source() -> AlertSource:
    return sources.save(AlertSource(name="Prometheus", kind="alertmanager", grouping="alert"))


@pytest.fixture
def secret(source: AlertSource) -> str:
    return tokens.make(source, "monitoring", actor="alice")[1]


def deliver(secret: str, content: Any = None, place: str = PLACE, **headers: str) -> Any:
    given: Any = {"HTTP_AUTHORIZATION": f"Bearer {secret}"} | headers
    body: Any = content if isinstance(content, str | bytes) else json.dumps(content or payload("alertmanager_firing"))
    return APIClient().generic("POST", place, body, content_type="application/json", **given)


def test_what_alertmanager_sends_is_stored_and_answered(source: AlertSource, secret: str) -> None:
    answer = deliver(secret)
    delivery = AlertDelivery.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {"detail": "3 alerts are stored.", "delivery": delivery.pk}
    assert (delivery.source, delivery.alerts_count, delivery.refused) == (source, 3, False)
    assert json.loads(delivery.raw) == payload("alertmanager_firing")
    assert list(Alert.objects.order_by("id").values_list("state", flat=True)) == ["firing", "firing", "resolved"]
    assert source.tokens.get().last_used_at is not None


def test_basic_has_the_token_as_the_password(secret: str) -> None:
    credentials = base64.b64encode(f"alertmanager:{secret}".encode()).decode()
    assert deliver(secret, HTTP_AUTHORIZATION=f"Basic {credentials}").status_code == 202


def test_a_token_is_kept_as_a_hash_only(source: AlertSource, secret: str) -> None:
    token = source.tokens.get()
    assert secret not in json.dumps({field.name: str(getattr(token, field.name)) for field in token._meta.fields})
    assert secret.startswith(token.begins)


@pytest.mark.parametrize(
    "harm", ["none", "other", "revoked", "expired", "another source's", "cut", "an account's", "gone source"]
)
def test_whoever_has_no_good_token_of_this_source_is_told_nothing(source: AlertSource, secret: str, harm: str) -> None:
    place, header = PLACE, f"Bearer {secret}"
    match harm:
        case "none":
            header = ""
        case "other":
            header = "Bearer tba_" + "x" * 43
        case "revoked":
            assert tokens.revoke(source.tokens.get(), actor="alice")
            assert not tokens.revoke(source.tokens.get(), actor="alice")
        case "expired":
            source.tokens.update(expires_at=clock.now() - timedelta(seconds=1))
        case "another source's":
            place = PLACE.replace("prometheus", "others")
            sources.save(AlertSource(name="Others", kind="alertmanager"))
        case "cut":
            header = header[:-1]
        case "an account's":
            header = "Token " + "a" * 64
        case "gone source":
            place = PLACE.replace("prometheus", "nothing")
    answer = deliver("", place=place, HTTP_AUTHORIZATION=header)
    assert is_problem(answer)["type"] == "/api/problems/authentication-failed/"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not AlertDelivery.objects.exists()


def test_a_token_that_expires_later_is_good_until_then(source: AlertSource, secret: str) -> None:
    source.tokens.update(expires_at=clock.now() + timedelta(hours=1))
    assert deliver(secret).status_code == 202


def test_wrong_tokens_are_counted_and_a_good_one_is_never_kept_waiting(secret: str) -> None:
    answers = [deliver("tba_" + "x" * 43).status_code for _ in range(32)]
    assert answers == [401] * 30 + [429] * 2
    assert deliver(secret).status_code == 202


def test_of_ipv6_a_network_is_counted_for_one_customer_has_all_of_its_addresses(secret: str) -> None:
    wrong = "tba_" + "x" * 43
    answers = [deliver(wrong, REMOTE_ADDR=f"2001:db8:1:2::{n:x}").status_code for n in range(32)]
    assert answers == [401] * 30 + [429] * 2
    assert deliver(wrong, REMOTE_ADDR="2001:db8:1:3::1").status_code == 401
    assert deliver(secret, REMOTE_ADDR="2001:db8:1:2::1").status_code == 202


def test_a_source_that_is_off_takes_nothing(source: AlertSource, secret: str) -> None:
    AlertSource.objects.update(active=False)
    answer = deliver(secret)
    assert (answer.status_code, "turned off" in is_problem(answer)["detail"]) == (403, True)
    assert not AlertDelivery.objects.exists()


HOSTILE: dict[str, tuple[bytes | str, int]] = {
    "empty": (b"", 400),
    "no json": ("hello", 400),
    "half": ('{"version": "4"', 400),
    "a list": ("[]", 400),
    "a number": ("4", 400),
    "not utf-8": (b'{"version": "\xff"}', 400),
    "infinite": ('{"version": 1e999}', 400),
    "no number": ('{"version": NaN}', 400),
    "deep": ('{"a":' * 50 + "1" + "}" * 50, 400),
    "very deep": ("[" * 200_000, 400),
    "long number": ('{"version": ' + "9" * 10_000 + "}", 400),
    "too large": ('{"a": "' + "x" * 1_048_576 + '"}', 413),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_bodies(secret: str, name: str) -> None:
    body, status = HOSTILE[name]
    answer = deliver(secret, body)
    assert answer.status_code == status, answer.content
    assert is_problem(answer)["detail"]
    assert not Alert.objects.exists()
    if status == 400:
        kept = AlertDelivery.objects.get()
        assert kept.refused
        assert kept.remark
        assert len(kept.raw) <= 4_000


def test_nothing_that_a_database_cannot_keep_comes_through(secret: str) -> None:
    content = json.dumps(payload("alertmanager_firing")).replace("The cold store north", "\\u0000cold \\ud83d store")
    assert deliver(secret, content).status_code == 202
    assert Alert.objects.filter(description__contains="cold \ufffd store").exists()


def test_what_can_never_be_valid_is_answered_on_its_field_and_kept(secret: str) -> None:
    content = payload("alertmanager_firing")
    del content["alerts"][1]["fingerprint"]
    answer = deliver(secret, content)
    assert at_fault(answer) == ["alerts.1.fingerprint"]
    assert answer.json()["alerts"] == {"1": {"fingerprint": ["This field is required."]}}
    delivery = AlertDelivery.objects.get()
    assert (delivery.refused, "alerts.1.fingerprint" in delivery.remark) == (True, True)
    assert not Alert.objects.exists()


def test_of_a_long_delivery_the_beginning_is_kept_and_every_alert_is_worked(secret: str) -> None:
    content = payload("alertmanager_firing")
    alert = content["alerts"][0]
    content["alerts"] = [alert | {"fingerprint": f"f{n}"} for n in range(1000)]
    assert deliver(secret, content).status_code == 202
    delivery = AlertDelivery.objects.get()
    assert len(delivery.raw) == 32_000 < delivery.size
    assert Alert.objects.count() == 1000


def test_our_own_trouble_is_a_5xx_so_that_it_is_sent_again(secret: str) -> None:
    with patch("incidents.alerts.intake.store", side_effect=OperationalError("away")):
        assert deliver(secret).status_code == 503


def test_where_a_field_and_one_within_it_are_at_fault_both_are_told() -> None:
    own = sources.save(AlertSource(name="Own", kind="generic", key_path="check", description_path="check.name"))
    answer = deliver(tokens.make(own, "x", actor="alice")[1], {"other": 1}, place=PLACE.replace("prometheus", "own"))
    assert sorted(at_fault(answer)) == ["check", "check.name"]


def test_keys_and_rates_are_not_for_the_door(secret: str, settings: Any) -> None:
    """What comes twice is known by its own content, and in a storm every delivery matters."""
    settings.API_RATE = settings.API_RATE_ANONYMOUS = 1
    answers = [deliver(secret, HTTP_IDEMPOTENCY_KEY="one") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202] * 4
    assert not any(header in answer for answer in answers for header in ("RateLimit", "Idempotency-Replayed"))
    assert AlertDelivery.objects.count() == 4


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods(secret: str, method: str) -> None:
    answer = APIClient().generic(method, PLACE, HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert answer.status_code in {401, 405}


def test_json_only(secret: str) -> None:
    answer = APIClient().generic(
        "POST", PLACE, "a=b", content_type="application/x-www-form-urlencoded", HTTP_AUTHORIZATION=f"Bearer {secret}"
    )
    assert answer.status_code == 415


def test_grafana_and_ones_own_json_come_in_by_the_same_door() -> None:
    grafana = sources.save(AlertSource(name="Grafana", kind="grafana"))
    own = sources.save(AlertSource(name="Own", kind="generic", key_path="check.id", description_path="check.name"))
    for source, content in [(grafana, "grafana_firing"), (own, "generic_down")]:
        secret = tokens.make(source, "x", actor="alice")[1]
        place = PLACE.replace("prometheus", source.slug)
        assert deliver(secret, payload(content), place=place).status_code == 202
    assert {alert.source.slug for alert in Alert.objects.all()} == {"grafana", "own"}
