"""Harm is done, sooner or later, or it is said that it was not."""

from typing import Any

import pytest

from tests.crash import harming
from tests.crash.harming import Harming
from tests.crash.schedule import Harm


class Carrier:
    """Deaf for so many words; calls come by that only a sure fault strikes, or none at all."""

    def __init__(self, deaf_for: int, calls: bool) -> None:
        self.deaf_for, self.calls = deaf_for, calls
        self.on: dict[str, int] = {}
        self.asked: list[tuple[str, float]] = []
        self.mended: list[str | None] = []

    def fault(self, kind: str, *, probability: float, **more: Any) -> bool:
        self.deaf_for -= 1
        if self.deaf_for >= 0:
            return False
        self.asked.append((kind, probability))
        self.on[kind] = 0
        if probability == 1 and self.calls:
            del self.on[kind]
        return True

    def faults(self) -> dict[str, int] | None:
        return None if self.deaf_for > 0 else self.on

    def mend(self, kind: str | None = None) -> bool:
        self.mended.append(kind)
        return True


class Receiver:
    """A call comes by, or none."""

    def __init__(self, place: "Place", calls: bool) -> None:
        self.place, self.calls, self.holds = place, calls, False

    def hold(self) -> None:
        self.holds = self.calls

    def let_go(self) -> None:
        self.holds = False
        self.place.happened.append("let go")


class Place:
    """Nobody is there for so many looks."""

    def __init__(self, away_for: int = 0, deaf_for: int = 0, *, calls: bool = True, is_heard: bool = False) -> None:
        self.carrier = Carrier(deaf_for, calls)
        self.receiver = Receiver(self, calls) if is_heard else None
        self.away_for = away_for
        self.happened: list[str] = []

    def kill(self, what: str, pick: int) -> int | None:
        self.away_for -= 1
        if self.away_for >= 0:
            return None
        self.happened.append(f"kill {what}, {'held' if self.receiver and self.receiver.holds else 'alone'}")
        return 4711

    def shut_down_database(self) -> bool:
        self.happened.append("shut down")
        return True

    def bring_back(self, what: str) -> None:
        self.happened.append(f"bring back {what}")

    def keep_serving(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harming, "_TICK_SECONDS", 0.001)
    monkeypatch.setattr(harming, "_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(harming, "_PATIENCE_SECONDS", 0.3)


def done(place: Place, *harm: Harm) -> Harming:
    made = Harming(place, harm, lambda line: None)  # type: ignore[arg-type]
    made.run(0.05)
    return made


def test_a_kill_is_tried_until_it_finds_its_target_and_its_moment_is_kept() -> None:
    made = done(Place(away_for=12), Harm(0.0, "kill", "sender"))
    assert [kill.what for kill in made.kills] == ["sender"]
    assert made.done["kill sender"] == 1
    assert made.undone == ()


def test_a_fault_is_tried_until_the_simulator_hears_it_and_is_mended() -> None:
    place = Place(deaf_for=12)
    made = done(place, Harm(0.0, "fault", "lose", seconds=3.0, probability=0.1))
    assert made.done["fault lose"] == 1
    assert made.undone == ()
    assert place.carrier.mended == ["lose", None]


def test_a_fault_that_has_struck_nothing_strikes_what_comes_next() -> None:
    place = Place()
    made = done(place, Harm(0.0, "fault", "lose", seconds=0.01, probability=0.1))
    assert place.carrier.asked == [("lose", 0.1), ("lose", 1.0)]
    assert made.undone == ()


def test_a_fault_that_meets_nothing_is_told() -> None:
    made = done(Place(calls=False), Harm(0.0, "fault", "lose", seconds=0.01, probability=0.1))
    assert "struck nothing" in made.undone[0]


def test_a_simulator_that_died_is_told_again_of_its_faults() -> None:
    place = Place()
    made = done(
        place, Harm(0.0, "fault", "lose", seconds=0.03, probability=0.1), Harm(0.01, "kill", "simulator", seconds=0.01)
    )
    assert place.carrier.asked == [("lose", 0.1), ("lose", 0.1), ("lose", 1.0)]
    assert made.done["fault lose"] == 1


def test_the_database_is_shut_down_and_brought_back() -> None:
    place = Place()
    made = done(place, Harm(0.0, "restart", "postmaster", seconds=0.01))
    assert place.happened == ["shut down", "bring back postmaster"]
    assert [kill.what for kill in made.kills] == ["restart"]
    assert made.done["restart postmaster"] == 1


def test_whoever_sends_webhooks_dies_in_the_middle_of_a_call() -> None:
    place = Place(is_heard=True)
    made = done(place, Harm(0.0, "kill", "webhooks"))
    assert place.happened[:2] == ["kill webhooks, held", "let go"]
    assert made.done["webhook met by a kill"] == 1


def test_whoever_sends_webhooks_dies_without_a_call_if_none_comes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harming, "_MEETS_SECONDS", 0.03)
    place = Place(is_heard=True, calls=False)
    made = done(place, Harm(0.0, "kill", "webhooks"))
    assert "kill webhooks, alone" in place.happened
    assert made.undone == ()


def test_what_never_happens_is_told() -> None:
    made = done(Place(away_for=1000, deaf_for=1000), Harm(0.0, "kill", "timer"), Harm(0.0, "fault", "lose"))
    assert made.kills == []
    assert sorted(one.split()[1:3] for one in made.undone) == [["kill", "timer"], ["lose", "100%"]]
