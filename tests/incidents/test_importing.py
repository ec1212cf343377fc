"""Incidents of another system: when one that is here is the same."""

from datetime import UTC, datetime

import pytest

from incidents.lifecycle import importing
from incidents.lifecycle.importing import Past
from messaging.privacy.names import old_id
from tests.messaging.factories import ANN, BOB

NOW = datetime(2025, 7, 14, 21, 3, 59, tzinfo=UTC)


def past(*contacts: str) -> Past:
    """One that was acknowledged."""
    return Past("1", "It is warm.", "", contacts, 1, False, "", NOW, NOW, "another system")


@pytest.mark.parametrize(
    ("digest", "same"),
    [
        (past(ANN).digest(), True),
        (past(BOB).digest(), False),
        # Somebody whom it names was erased since it was imported.
        (old_id(past(ANN).digest()), True),
        (old_id(past(BOB).digest()), False),
        ("", False),
    ],
    ids=["the same", "another", "the same, erased", "another, erased", "none"],
)
def test_the_same_is_known_again_also_after_an_erasure(digest: str, same: bool) -> None:
    assert importing.is_same(past(ANN), digest) is same
