"""The audit finds alerts that nobody works, and those that cannot be."""

from incidents.models import EscalationPolicy
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.stage import Stage
from tests.messaging.audit.looking import finding, severity


def test_alerts_that_wait_are_found_and_those_that_were_worked_are_not(alerts: Alerts, stage: Stage) -> None:
    alerts.fires("pump")
    alerts.comes("gate")
    assert severity("incidents.alerts_waiting") == ""
    stage.time.forward(200)
    found = finding("incidents.alerts_waiting")
    assert found is not None
    assert found.examples[0].startswith("alert ")
    alerts.works()
    assert severity("incidents.alerts_waiting") == ""


def test_alerts_that_cannot_be_worked_are_found_with_their_reason(alerts: Alerts, stage: Stage) -> None:
    source = alerts.make("Later", policy=EscalationPolicy.objects.create(name="Empty"))
    alerts.comes("a", source=source)
    for _ in range(3):
        alerts.works()
        stage.time.forward(601)
    found = finding("incidents.alerts_failing")
    assert found is not None
    assert "nobody to ask" in found.examples[0]
