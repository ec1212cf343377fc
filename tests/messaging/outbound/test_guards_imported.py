"""Guards are told of opt-outs elsewhere; what one cannot take is told to whoever asked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from messaging.outbound import guards
from tests.messaging.factories import ANN, BOB

HERE = "tests.messaging.outbound.test_guards_imported"
FOUND: dict[str, datetime | None] = {ANN: datetime(2020, 1, 2, tzinfo=UTC), BOB: None}

told: list[tuple[str, dict[str, datetime | None], str, str]] = []


class First:
    """A guard that takes it."""

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        told.append((type(self).__name__, dict(found), actor, reason))


class Second(First):
    """Another."""


class Broken(First):
    """One that cannot."""

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        raise RuntimeError("the ledger is away")


def _guarded_by(settings: Any, *names: str) -> None:
    told.clear()
    settings.MESSAGING = settings.MESSAGING | {"SEND_GUARDS": [f"{HERE}.{name}" for name in names]}


def test_every_guard_is_told(settings: Any) -> None:
    _guarded_by(settings, "First", "Second")
    guards.opted_out_elsewhere(FOUND, actor="olga", reason="A list says so.")
    assert told == [(name, FOUND, "olga", "A list says so.") for name in ("First", "Second")]


def test_nobody_is_told_of_nobody(settings: Any) -> None:
    _guarded_by(settings, "Broken")
    guards.opted_out_elsewhere({}, actor="olga", reason="A list says so.")


@pytest.mark.parametrize("names", [("Broken", "First"), ("First", "Broken")])
def test_a_guard_that_cannot_take_it_is_named(names: tuple[str, ...], settings: Any) -> None:
    _guarded_by(settings, *names)
    with pytest.raises(guards.CannotBeTold, match=r"Broken\) could not be told .*RuntimeError: the ledger is away"):
        guards.opted_out_elsewhere(FOUND, actor="olga", reason="A list says so.")
