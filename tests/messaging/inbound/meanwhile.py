"""Several who come while somebody else has the turn of messaging.inbound.together."""

import time
from collections.abc import Callable
from typing import Any

from messaging.inbound.together import Together
from tests.together import together


def meanwhile(shared: Together[Any, Any], *acts: Callable[[], object]) -> list[object]:
    """Have them all wait for the turn, then give it; what each returned, or the error that it raised."""
    got: list[object] = [None] * len(acts)

    def act_at(place: int) -> None:
        try:
            got[place] = acts[place]()
        except BaseException as problem:
            got[place] = problem

    def give_the_turn() -> None:
        ends_at = time.monotonic() + 10
        while len(shared._waiting) < len(acts) and time.monotonic() < ends_at:
            time.sleep(0.001)
        shared._turn.release()

    shared._turn.acquire()
    together(give_the_turn, *((lambda place=place: act_at(place)) for place in range(len(acts))))
    return got
