"""What tests of incidents rely on."""

import pytest

from messaging.models import Contact, OriginationIdentity
from tests.incidents.stage import ANNA, BEN, CARA, Stage
from tests.moving import MovableTime


@pytest.fixture
def people(db: None) -> None:
    """Anna, Ben and Cara, by name."""
    for number, name in [(ANNA, "Anna"), (BEN, "Ben"), (CARA, "Cara")]:
        Contact.objects.create(phone_number=number, name=name)


@pytest.fixture
def stage(number: OriginationIdentity, people: None, time: MovableTime) -> Stage:
    """A stage with one number of ours and three people."""
    return Stage(time)
