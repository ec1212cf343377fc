"""A stage on which monitoring systems report, with Anna and Ben to be asked."""

import itertools
from typing import Any

import pytest

from incidents import policies
from incidents.alerts import intake, sources
from incidents.alerts.work import WaitingAlerts
from incidents.models import Alert, AlertSource, EscalationPolicy, Incident
from incidents.policies import StepDraft
from messaging import clock
from tests.incidents.stage import ANNA, BEN, CARA, Stage


class Alerts:
    """A source of one's own JSON, so that a test says in one line what comes; and what came of it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.days = policies.save(EscalationPolicy(name="Days"), [StepDraft([ANNA], 40, 1), StepDraft([BEN], 40, 1)])
        self.nights = policies.save(EscalationPolicy(name="Nights"), [StepDraft([CARA], 40, 1)])
        self.source = self.make("Checks")
        self._names = itertools.count()

    def make(self, name: str, **fields: Any) -> AlertSource:
        """A source, with Days as its default policy."""
        rules = fields.pop("rules", [])
        given = {
            "kind": "generic",
            "policy": self.days,
            "key_path": "key",
            "description_path": "said",
            "status_path": "status",
            "url_path": "url",
            "resolved_values": "resolved",
        }
        return sources.save(AlertSource(name=name, **(given | fields)), rules)

    def comes(self, key: str, status: str = "firing", source: AlertSource | None = None, **more: Any) -> Alert:
        """An alert comes, and is stored."""
        said = {"key": key, "status": status, "said": f"Trouble with {key}", **more}
        return intake.take(source or self.source, said).alerts.get()

    def works(self) -> None:
        """A worker looks at the list, and again as long as it is woken: a busy machine may need several runs."""
        WaitingAlerts().run()
        for _ in range(20):
            if not WaitingAlerts().is_due(clock.now()):
                break
            WaitingAlerts().run()

    def fires(self, key: str, **more: Any) -> Alert:
        """An alert comes and is worked. Returns it as it is then."""
        alert = self.comes(key, **more)
        self.works()
        alert.refresh_from_db()
        return alert

    def ends(self, key: str, **more: Any) -> Alert:
        """The same for its end."""
        return self.fires(key, status="resolved", **more)

    def incidents(self) -> list[str]:
        """The ids of all incidents, oldest first."""
        return list(Incident.objects.order_by("id").values_list("incident_id", flat=True))


@pytest.fixture
def alerts(stage: Stage) -> Alerts:
    return Alerts(stage)
