"""What the database itself refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from incidents import models, situation
from incidents.models import Incident, IncidentContact, TimelineEntry
from messaging import clock
from tests.incidents.stage import ANNA, Stage


def test_the_rules_and_the_rows_speak_of_the_same_states() -> None:
    assert [one.value for one in situation.Status] == models.Status.values
    assert [one.value for one in situation.State] == models.State.values


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "nonsense"},
        {"status": "unacknowledged"},  # ended, and no moment
        {"ended_at": "now"},  # open, and ended
        {"status": "cancelled", "ended_at": "now", "next_step_at": "now"},
        {"status": "acknowledged", "ended_at": "now"},  # by nobody
        {"status": "acknowledged", "ended_at": "now", "acknowledged_at": "now"},
        {"acknowledged_by": "olga"},
        {"status": "unacknowledged", "ended_at": "now", "acknowledged_at": "now", "acknowledged_by": "olga"},
        {"status": "resolved", "ended_at": "now"},
        {"resolved_at": "now"},
        {"late": True},
    ],
)
def test_contradictions_cannot_be_stored(stage: Stage, fields: dict[str, Any]) -> None:
    incident = stage.open()
    values = {name: clock.now() if value == "now" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(**values)


def test_nobody_is_twice_in_one_step(stage: Stage) -> None:
    step = stage.open().steps.get(position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentContact.objects.create(step=step, phone_number=ANNA)


def test_news_with_a_key_is_kept_once(stage: Stage) -> None:
    incident = stage.open()
    TimelineEntry.objects.create(incident=incident, at=clock.now(), kind="sent", key="sent:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        TimelineEntry.objects.create(incident=incident, at=clock.now(), kind="sent", key="sent:1")
