"""A seed becomes harm: the same one the same, within the round, and everything in turn."""

import pytest

from tests.crash import schedule
from tests.crash.round import SHORT
from tests.crash.schedule import FAULTS, Harm
from tests.run import CRASH_SEED

DATABASES = ("sqlite", "postgresql")
pytestmark = pytest.mark.parametrize("database", DATABASES)


def kills(harm: tuple[Harm, ...]) -> list[str]:
    names = {"kill": None, "flush": schedule.FLUSH, "restart": schedule.RESTART}
    return [names[one.kind] or one.what for one in harm if one.kind != "fault"]


def test_the_same_seed_draws_the_same_harm_and_another_another(database: str) -> None:
    assert schedule.draw(7, database, 60) == schedule.draw(7, database, 60)
    assert schedule.draw(7, database, 60) != schedule.draw(8, database, 60)


@pytest.mark.parametrize("seconds", [20.0, 75.0, 300.0])
def test_harm_is_in_order_and_over_in_time(database: str, seconds: float) -> None:
    for seed in range(50):
        harm = schedule.draw(seed, database, seconds)
        assert list(harm) == sorted(harm, key=lambda one: one.at)
        assert all(one.at > 0 and one.at + one.seconds <= seconds + 0.01 for one in harm)
        assert all(0 < one.probability <= max(FAULTS.get(one.what, 1), 0.5) for one in harm)


def test_everything_has_its_turn_before_anything_has_a_second(database: str) -> None:
    targets = schedule.targets(database)
    assert ("postmaster" in targets) == (schedule.RESTART in targets) == (database == "postgresql")
    for seed in range(20):
        killed = kills(schedule.draw(seed, database, 120))
        assert set(killed) == set(targets)
        assert set(killed[: len(targets) + 2]) == set(targets)


def test_only_what_nobody_else_brings_back_stays_away(database: str) -> None:
    harm = [one for seed in range(50) for one in schedule.draw(seed, database, 120) if one.kind in ("kill", "restart")]
    assert {one.what for one in harm if one.seconds} <= {"serve", "redis", "simulator", "postmaster"}
    assert any(one.seconds for one in harm)


def test_what_dies_in_the_middle_of_calls_finds_some_under_way(database: str) -> None:
    for seed in range(20):
        harm = schedule.draw(seed, database, 120)
        slow = [one for one in harm if one.what == "hang_after_accept"]
        for kill in harm:
            if kill.kind in ("kill", "restart") and kill.what in ("sender", "simulator", "postmaster", "serve"):
                assert any(one.at <= kill.at <= one.at + one.seconds and one.holds >= 1.5 for one in slow)


def test_the_short_rounds_of_make_test_harm_all_that_matters_most(database: str) -> None:
    harm = schedule.draw(CRASH_SEED, database, SHORT.harm_seconds, SHORT.calm)
    on_postgresql = {"postmaster", schedule.RESTART} if database == "postgresql" else set()
    assert set(kills(harm)) >= {"sender", "simulator", "webhooks"} | on_postgresql
    # Answers are lost and late; notifications come twice, late and in another order.
    faults = {one.what for one in harm if one.kind == "fault"}
    assert faults >= {"drop_answer", "hang_after_accept", "duplicate", "reorder", "notification_delay"}
