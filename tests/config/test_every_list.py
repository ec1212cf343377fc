"""Every list of the admin asks as many questions for fifty rows as for two."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging import clock
from messaging.models import Contact, InboundMessage, WebhookEvent
from tests.security.world import World, world

pytestmark = pytest.mark.django_db

_MANY = 40


def _number(n: int) -> str:
    return f"+1425556{n:04}"


def _letters(n: int) -> str:
    return f"{chr(65 + n // 26)}{chr(65 + n % 26)}"


def _contact(n: int) -> Contact:
    return Contact.objects.get_or_create(phone_number=_number(n), defaults={"name": f"Person {n}"})[0]


def _text(n: int) -> InboundMessage:
    text = InboundMessage.objects.order_by("pk")[0]
    more: InboundMessage = _another(text, inbound_message_id=f"more{n}", origination_phone_number=_number(n))
    return more


def _event(n: int) -> WebhookEvent:
    return WebhookEvent.objects.create(
        event_id=f"evt_{n}", type="incident.opened", subject=f"P-{n}", occurred_at=clock.now(), body="{}"
    )


# label of a model → what differs in its nth row.
_OTHERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "auth.User": lambda n: {"username": f"user{n}"},
    "auth.Group": lambda n: {"name": f"group {n}"},
    "admin.LogEntry": lambda n: {},
    "axes.AccessAttempt": lambda n: {"username": f"name{n}"},
    "knox.AuthToken": lambda n: {"digest": f"digest{n}", "token_key": f"key{n}"},
    "messaging.Contact": lambda n: {"phone_number": _number(5000 + n)},
    "messaging.DeliveryEvent": lambda n: {"sns_message_id": f"more{n}"},
    "messaging.ErasureRequest": lambda n: {"phone_number": _number(n), "stand_in": f"erased-{n}"},
    "messaging.PrivacyRecord": lambda n: {},
    "messaging.InboundMessage": lambda n: {"inbound_message_id": f"even more{n}"},
    "messaging.Keyword": lambda n: {"word": f"WORD{n}"},
    "messaging.OriginationIdentity": lambda n: {"identity": f"+1425557{n:04}", "is_default": False},
    "messaging.OutboundMessage": lambda n: {"idempotency_key": f"more{n}"},
    "messaging.Budget": lambda n: {"currency": f"{chr(65 + n // 26)}{chr(65 + n % 26)}A"},
    "messaging.CountryRule": lambda n: {"iso_country_code": f"{chr(65 + n // 26)}{chr(65 + n % 26)}"},
    "messaging.PartPrice": lambda n: {"iso_country_code": f"{chr(65 + n // 26)}{chr(65 + n % 26)}"},
    "messaging.WebhookEndpoint": lambda n: {"name": f"System {n}"},
    "messaging.WebhookDelivery": lambda n: {"event": _event(n)},
    "incidents.Incident": lambda n: {"incident_id": f"more{n}"},
    "incidents.AlertSource": lambda n: {"name": f"Source {n}", "slug": f"source-{n}", "prefix": f"X{_letters(n)}"},
    "incidents.MaintenanceWindow": lambda n: {},
    "incidents.Alert": lambda n: {},
    "incidents.AlertDelivery": lambda n: {},
    "incidents.EscalationPolicy": lambda n: {"name": f"Policy {n}"},
    "shifts.CallBack": lambda n: {"inbound_message_id": f"more{n}", "phone_number": _number(n)},
    "shifts.Campaign": lambda n: {"campaign_id": f"more{n}"},
    "shifts.RosterImport": lambda n: {},
    "shifts.Employee": lambda n: {"contact": _contact(n)},
    "shifts.Segment": lambda n: {"name": f"Segment {n}"},
    "shifts.UnauthorisedText": lambda n: {"inbound_message_id": f"more{n}"},
    "shifts.Shift": lambda n: {"shift_id": f"MORE{n}"},
    "optout.Consent": lambda n: {"phone_number": _number(n)},
    "optout.ConsentEvent": lambda n: {"key": f"more{n}"},
    "optout.Plea": lambda n: {"text": _text(n)},
}

# Its list is of all that can be said, whether there are rows or not: tests/messaging/admin/test_wording.py .
_NOT_OF_ROWS = {"messaging.TextTemplate"}


def _another(row: Model, **fields: Any) -> Any:
    """One more row like another."""
    more = copy.copy(row)
    more._state = copy.copy(row._state)
    more._state.adding = True
    more._state.fields_cache = {}
    more.pk = None
    for name, value in fields.items():
        setattr(more, name, value)
    # Rows of a ledger refuse to be saved again; this one is new.
    Model.save_base(more, force_insert=True)
    return more


@pytest.fixture
def rows() -> World:
    return world()


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_every_list_is_tried() -> None:
    assert set(_OTHERS) | _NOT_OF_ROWS == {model._meta.label for model in admin.site._registry}


@pytest.mark.parametrize("label", sorted(_OTHERS))
def test_queries_of_a_list(rows: World, boss: Client, label: str) -> None:
    app, model = label.lower().split(".")
    # Some lists show what waits unless something else is chosen.
    url = reverse(f"admin:{app}_{model}_changelist") + ("?status=all" if label == "shifts.CallBack" else "")
    _another(rows[label], **_OTHERS[label](_MANY + 1))

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page = boss.get(url)
        assert page.status_code == 200
        shown.append(len(page.context["cl"].result_list))
        return len(asked)

    shown: list[int] = []
    # The first request of a session asks more.
    queries()
    few = queries()
    for n in range(_MANY):
        _another(rows[label], **_OTHERS[label](n))
    many = queries()
    assert shown[-1] > shown[-2] + 10, "the new rows are not in the list"
    assert many == few


@pytest.mark.parametrize("page", ["shifts/employee", "shifts/shift", "incidents/escalationpolicy"])
def test_all_is_offered_where_not_all_is_shown(rows: World, boss: Client, page: str) -> None:
    assert "Show all" not in boss.get(f"/admin/{page}/").content.decode()
    assert "Show all" in boss.get(f"/admin/{page}/", {"q": "a"}).content.decode()
