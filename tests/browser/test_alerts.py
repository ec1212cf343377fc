"""Alert sources as their staff set them up: a form, a token, a test alert, a window."""

from typing import Any

import pytest
from playwright.sync_api import expect

from config.roles import INCIDENT_STAFF, READ_ONLY
from incidents import policies
from incidents.alerts import intake, sources, tokens
from incidents.alerts.sources import RuleDraft
from incidents.alerts.work import WaitingAlerts
from incidents.models import AlertSource, EscalationPolicy
from incidents.policies import StepDraft
from messaging.models import Contact, OriginationIdentity
from tests.browser.conftest import DESKTOP, PHONE, As
from tests.browser.watching import needs_chromium
from tests.incidents.alerts.payloads import payload, resolved
from tests.incidents.stage import ANNA, BEN, OUR_NUMBER

pytestmark = needs_chromium

PAGE = "/admin/incidents/alertsource/"
WIDTHS = [DESKTOP, PHONE]


@pytest.fixture
def source(transactional_db: None) -> AlertSource:
    """Prometheus, with rules, a token, and alerts of every outcome."""
    OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100, is_default=True
    )
    for phone_number, name in [(ANNA, "Anna Abel"), (BEN, "Ben Braun")]:
        Contact.objects.create(phone_number=phone_number, name=name)
    night = policies.save(EscalationPolicy(name="Night shift"), [StepDraft([ANNA], 40, 1)])
    day = policies.save(EscalationPolicy(name="Day shift"), [StepDraft([BEN], 40, 1)])
    made = sources.save(
        AlertSource(name="Prometheus", kind="alertmanager", grouping="group", policy=day, limit=2),
        [RuleDraft("severity=critical", night), RuleDraft("severity=info", None)],
    )
    tokens.make(made, "alertmanager-1", actor="boss")
    firing = payload("alertmanager_firing")
    for n, name in enumerate(["Cold store warm", "Pump 4 stopped", "Gate open", "Queue too long"]):
        changed = firing | {"groupKey": f"g{n}", "commonLabels": {"alertname": name, "severity": "critical"}}
        intake.take(made, changed)
    intake.take(made, firing | {"groupKey": "g0"})
    intake.take(made, firing | {"groupKey": "g9", "commonLabels": {"alertname": "Backup done", "severity": "info"}})
    intake.take(made, resolved("alertmanager_firing") | {"groupKey": "g1"})
    WaitingAlerts().run()
    return made


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_of_a_source(source: AlertSource, as_: As, width: int) -> None:
    watched = as_(INCIDENT_STAFF, width=width)
    watched.open(f"{PAGE}{source.pk}/change/")
    expect(watched.page.get_by_text("credentials: THE_TOKEN")).to_be_visible()
    expect(watched.page.get_by_role("heading", name="Firing now")).to_be_visible()
    watched.shoot("alert-source")
    assert watched.findings() == []
    assert watched.overflow() == 0
    for place in ("/admin/incidents/alert/", PAGE):
        watched.open(place)
        watched.shoot(place.strip("/").replace("/", "-"))
        assert watched.findings() == []
        assert watched.overflow() == 0


def test_only_the_fields_of_a_kind_are_shown(transactional_db: None, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    watched.open(f"{PAGE}add/")
    page = watched.page
    key, topic, grouping = page.locator("#id_key_path"), page.locator("#id_topic_arn"), page.locator("#id_grouping")
    for kind, shown in [
        ("generic", (True, False, False)),
        ("cloudwatch", (False, True, False)),
        ("grafana", (False, False, True)),
    ]:
        page.locator("#id_kind").select_option(kind)
        for field, wanted in zip((key, topic, grouping), shown, strict=True):
            expect(field).to_be_visible(visible=wanted)
    page.locator("#id_name").fill("Grafana")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="How to set it up")).to_be_visible()
    assert AlertSource.objects.get().prefix == "G"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_token_is_made_and_seen_once(source: AlertSource, as_: As, width: int) -> None:
    watched = as_(INCIDENT_STAFF, width=width)
    page = watched.page
    watched.open(f"{PAGE}{source.pk}/make-token/")
    page.get_by_label("Used by").fill("alertmanager-2")
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_role("group", name="To be copied").inner_text()
    assert secret.startswith("tba_")
    expect(page.get_by_text(f"credentials: {secret}")).to_be_visible()
    watched.shoot("alert-token")
    assert watched.findings() == []
    assert watched.overflow() == 0
    assert tokens.find(source.slug, secret) is not None


def test_a_test_alert_is_sent_from_its_dialog(source: AlertSource, as_: As) -> None:
    watched = as_(INCIDENT_STAFF)
    page = watched.page
    watched.open(f"{PAGE}{source.pk}/change/")
    page.get_by_role("link", name="Send a test alert").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Labels").fill("severity=critical")
    watched.shoot("alert-test")
    assert watched.findings() == []
    dialog.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The test alert is on its way")).to_be_visible()
    expect(page.get_by_text("please answer YES or NO")).to_be_visible()


def test_who_only_reads_sees_the_page_and_can_change_nothing(source: AlertSource, as_: As) -> None:
    watched = as_(READ_ONLY)
    watched.open(f"{PAGE}{source.pk}/change/")
    expect(watched.page.get_by_role("heading", name="Firing now")).to_be_visible()
    expect(watched.page.get_by_role("link", name="Make a token")).to_have_count(0)
    expect(watched.page.get_by_role("button", name="Save")).to_have_count(0)
    expect(watched.page.get_by_text("severity=critical").first).to_be_visible()
    assert watched.findings() == []
    other: Any = as_(READ_ONLY)
    other.page.goto(f"{other.url}{PAGE}{source.pk}/make-token/")
    assert "Make the token" not in other.page.content()
