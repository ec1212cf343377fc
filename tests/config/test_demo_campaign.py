"""The campaign that the demo plays: its shifts overlap with none that an earlier demo has left."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils.dateparse import parse_datetime
from knox.models import AuthToken

from config.demo import campaign
from config.demo.place import Place
from shifts.models import Shift

NOW = datetime(2027, 1, 14, 18, 30, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], 15),
        (["2027-01-14T20:00Z"], 15),
        (["2027-01-15T20:00Z"], 16),
        (["2027-01-15T00:00Z", "2027-01-16T06:00Z", "2027-01-16T23:59Z"], 17),
        (["2027-01-16T06:00Z"], 15),
    ],
)
def test_shifts_are_offered_for_a_day_without_any(
    live_server: Any, tmp_path: Path, taken: list[str], free: int
) -> None:
    for n, at in enumerate(taken):
        Shift.objects.create(shift_id=f"OLD{n}", starts_at=parse_datetime(at), places=1)
    token = AuthToken.objects.create(User.objects.create_superuser("demo"))[1]
    place = Place(tmp_path, urlsplit(live_server.url).port or 0)
    place.token_file.write_text(token)
    assert campaign.free_day(place, NOW) == datetime(2027, 1, free, tzinfo=UTC)
