"""Who may read /metrics."""

from typing import Any

import pytest
from django.core import checks
from django.test import Client

from config.metrics.access import may_read

TOKEN = "a-token-that-nobody-guesses"
LOOPBACK = ["127.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("authorization", "address", "token", "allowed", "forwarded", "may"),
    [
        ("", "127.0.0.1", "", LOOPBACK, False, True),
        ("", "::1", "", LOOPBACK, False, True),
        ("", "::ffff:127.0.0.1", "", LOOPBACK, False, True),
        # Somebody else, brought by a proxy on this machine.
        ("", "127.0.0.1", "", LOOPBACK, True, False),
        ("", "192.0.2.7", "", LOOPBACK, False, False),
        ("", "10.1.2.3", "", ["10.0.0.0/8"], False, True),
        ("", "10.1.2.3", "", ["10.1.2.3"], False, True),
        ("", "11.1.2.3", "", ["10.0.0.0/8"], False, False),
        ("", None, "", LOOPBACK, False, False),
        ("", "unix:", "", LOOPBACK, False, False),
        ("", "127.0.0.1", "", [], False, False),
        (f"Bearer {TOKEN}", "192.0.2.7", TOKEN, [], True, True),
        (f"bearer  {TOKEN} ", "192.0.2.7", TOKEN, [], True, True),
        (f"Token {TOKEN}", "192.0.2.7", TOKEN, [], False, False),
        (f"Bearer {TOKEN}x", "192.0.2.7", TOKEN, [], False, False),
        ("Bearer ñ", "192.0.2.7", TOKEN, [], False, False),
        # Without a token no token is right.
        ("Bearer ", "192.0.2.7", "", [], False, False),
        ("", "192.0.2.7", "", [], False, False),
    ],
)
def test_who_may(
    authorization: str, address: str | None, token: str, allowed: list[str], forwarded: bool, may: bool
) -> None:
    assert may is may_read(
        authorization=authorization, address=address, token=token, allowed=allowed, forwarded=forwarded
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}, 403),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        # As Prometheus asks a container: by an address that ALLOWED_HOSTS does not know.
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "10.1.2.3:8000"}, 200),
    ],
)
def test_the_page(client: Client, settings: Any, headers: dict[str, Any], status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics", **headers)
    assert answer.status_code == status
    assert (b"textback_" in answer.content) is (status == 200)
    assert "no-store" in answer["Cache-Control"]


def test_nobody_posts_there(client: Client) -> None:
    assert client.post("/metrics").status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_probes_ask_by_whatever_name(client: Client, path: str) -> None:
    assert client.get(path, HTTP_HOST="10.1.2.3:8000").status_code != 400
    assert client.get("/admin/login/", HTTP_HOST="10.1.2.3:8000").status_code == 400


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("METRICS_TOKEN", "short", ["config.E004"]),
        ("METRICS_TOKEN", TOKEN, []),
        ("METRICS_ALLOWED", ["10.0.0.0/8", "everybody"], ["config.E005"]),
        ("METRICS_ALLOWED", ["10.0.0.1/8", "::1"], []),
    ],
)
def test_what_means_nothing_is_named_at_the_start(settings: Any, name: str, value: Any, found: list[str]) -> None:
    setattr(settings, name, value)
    told = [message.id for message in checks.run_checks() if message.id in {"config.E004", "config.E005"}]
    assert told == found
