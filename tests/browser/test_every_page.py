"""Every page of the admin can be used by everybody: with a keyboard, by a screen reader, on a phone."""

import pytest
from django.contrib import admin

from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium
from tests.security.world import World, world

pytestmark = needs_chromium

# label of a model → the pages it has beside its list.
_PAGES = {
    "auth.User": ("add", "change", "delete", "history"),
    "auth.Group": ("add", "change"),
    "admin.LogEntry": ("change",),
    "axes.AccessAttempt": ("change",),
    "knox.AuthToken": ("add", "change"),
    "messaging.Contact": ("add", "change"),
    "messaging.DeliveryEvent": ("change",),
    "messaging.InboundMessage": ("change",),
    "messaging.Keyword": ("add", "change"),
    "messaging.OriginationIdentity": ("add", "change"),
    "messaging.OutboundMessage": ("change",),
    "messaging.Budget": ("add", "change"),
    "messaging.CountryRule": ("add", "change"),
    "messaging.PartPrice": ("add", "change"),
    "messaging.ErasureRequest": (),
    "messaging.PrivacyRecord": (),
    "messaging.WebhookDelivery": ("change",),
    "messaging.WebhookEndpoint": ("add", "change"),
    "messaging.TextTemplate": (),
    "incidents.Incident": ("add", "change", "history"),
    "incidents.EscalationPolicy": ("add", "change"),
    "incidents.AlertSource": ("add", "change", "make-token"),
    "incidents.MaintenanceWindow": ("add", "change"),
    "incidents.Alert": ("change",),
    "incidents.AlertDelivery": ("change",),
    "shifts.CallBack": ("change",),
    "shifts.Campaign": ("add", "change"),
    "shifts.RosterImport": ("change",),
    "shifts.Employee": ("add", "change"),
    "shifts.Segment": ("add", "change"),
    "shifts.UnauthorisedText": ("change",),
    "shifts.Shift": ("add", "change"),
    "optout.Consent": ("change",),
    "optout.ConsentEvent": ("change",),
    "optout.Plea": ("change",),
}


@pytest.fixture
def rows() -> World:
    return world()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("label", sorted(_PAGES))
def test_pages(rows: World, as_: As, label: str, width: int) -> None:
    watched = as_("boss", width=width)
    place = f"/admin/{label.lower().replace('.', '/')}/"
    pk = rows[label].pk
    addresses = {"list": place} | {name: f"{place}{'' if name == 'add' else f'{pk}/'}{name}/" for name in _PAGES[label]}
    wrong = []
    for name, address in addresses.items():
        watched.open(address)
        watched.shoot(f"{label.lower()}-{name}")
        wrong += [f"{address}: {finding}" for finding in watched.findings()]
        if wide := watched.overflow():
            wrong.append(f"{address}: {wide} pixels wider than the window")
    assert wrong == [], "\n".join(wrong)


def test_every_model_is_tried() -> None:
    assert set(_PAGES) == {model._meta.label for model in admin.site._registry}
