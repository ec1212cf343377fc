"""Every method of the API does what the table says for each kind of people; others are for nobody."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.urls.exceptions import NoReverseMatch

from tests.security.people import METHODS, People, attempt, cases_of_api, denied_by_admin, told
from tests.security.table import API, NOBODY
from tests.security.world import World, world

pytestmark = pytest.mark.django_db

_KEYS = {
    "incident": lambda rows: rows["incidents.Incident"].incident_id,
    "escalation-policy": lambda rows: rows["incidents.EscalationPolicy"].name,
    "alert-source": lambda rows: rows["incidents.AlertSource"].slug,
    "maintenance-window": lambda rows: rows["incidents.MaintenanceWindow"].pk,
    "alert": lambda rows: rows["incidents.Alert"].pk,
    "shift": lambda rows: rows["shifts.Shift"].shift_id,
    "campaign": lambda rows: rows["shifts.Campaign"].campaign_id,
    "employee": lambda rows: rows["messaging.Contact"].phone_number,
    "segment": lambda rows: rows["shifts.Segment"].name,
    "callback": lambda rows: rows["shifts.CallBack"].pk,
    "origination-identity": lambda rows: rows["messaging.OriginationIdentity"].identity,
    "message": lambda rows: rows["messaging.OutboundMessage"].pk,
    "inbound": lambda rows: rows["messaging.InboundMessage"].pk,
    "webhook-endpoint": lambda rows: rows["messaging.WebhookEndpoint"].pk,
    "event": lambda rows: rows["messaging.WebhookDelivery"].event.event_id,
    "contact": lambda rows: rows["messaging.Contact"].phone_number,
    "keyword": lambda rows: rows["messaging.Keyword"].word,
}


def _api_url(name: str, rows: World) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[_KEYS[name.rpartition("-")[0]](rows)])


@pytest.mark.parametrize("name", sorted(API))
def test_methods_of_the_api(name: str) -> None:
    rows, people = world(), People()
    url = _api_url(name, rows)
    wrong = []
    for method in METHODS:
        need = API[name].get(method, NOBODY)
        for who, client, may in cases_of_api(people, need):
            status = (
                attempt(client, method, url, data={}, content_type="application/json").status_code
                if (method != "get")
                else attempt(client, method, url).status_code
            )
            if may is (status in {401, 403, 405}) or status >= 500:
                wrong.append(told(method, url, who, status, may))
    assert not wrong, "\n".join(wrong)


def test_a_user_who_is_not_active_any_more_is_nobody() -> None:
    rows, people = world(), People()
    client = people.who(superuser=True)
    User.objects.update(is_active=False)
    assert client.get(_api_url("keyword-list", rows)).status_code == 401
    assert denied_by_admin(client.get("/admin/"))
