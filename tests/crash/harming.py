"""Harm done to a place, when its time comes; and everything brought back in the end."""

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable

from tests.crash.place import Place
from tests.crash.schedule import Harm

_TICK_SECONDS = 0.05
_PATIENCE_SECONDS = 20.0


class Harming:
    """Works through a list, in the thread that started the place: processes end with the thread that started them."""

    def __init__(self, place: Place, harm: Iterable[Harm], say: Callable[[str], None]) -> None:
        self._place, self._say = place, say
        self._order = itertools.count()
        self._due = [(one.at, next(self._order), one) for one in harm]
        heapq.heapify(self._due)
        self._began = 0.0
        self._mended: list[tuple[float, str]] = []
        self.done: Counter[str] = Counter()
        self.gave_up = 0

    def run(self, seconds: float) -> None:
        """Do it all."""
        self._began = time.monotonic()
        while (now := time.monotonic() - self._began) < seconds:
            while self._due and self._due[0][0] <= now:
                self._do(heapq.heappop(self._due)[2], now)
            self._bring_back(now)
            self.gave_up += self._place.keep_serving() if not self._is_away("serve") else 0
            time.sleep(_TICK_SECONDS)
        self._bring_back(float("inf"))
        self._place.carrier.mend()

    @property
    def kills(self) -> int:
        """How many crashes there were."""
        return sum(count for what, count in self.done.items() if what.startswith("kill "))

    def _do(self, harm: Harm, now: float) -> None:
        if harm.kind == "fault":
            happened = self._fault(harm, now)
        elif harm.kind == "flush":
            happened = self._place.flush_redis()
        else:
            happened = not self._is_away(harm.what) and self._kill(harm, now)
        if not happened and harm.kind != "fault" and now - harm.at < _PATIENCE_SECONDS:
            # It has just been killed, or is starting: a little later, then.
            heapq.heappush(self._due, (now + 0.5, next(self._order), harm))
            return
        self._say(f"{now:6.2f} {harm}" + ("" if happened else ": nobody there"))
        if happened:
            self.done[f"{harm.kind} {harm.what}"] += 1

    def _kill(self, harm: Harm, now: float) -> bool:
        if self._place.kill(harm.what, harm.pick) is None:
            return False
        self._mended.append((now + harm.seconds, harm.what))
        return True

    def _fault(self, harm: Harm, now: float) -> bool:
        holds = harm.holds or None
        on = self._place.carrier.fault(harm.what, probability=harm.probability, seed=harm.pick, seconds=holds)
        self._mended.append((now + harm.seconds, f"fault {harm.what}"))
        return on

    def _bring_back(self, now: float) -> None:
        for at, what in [one for one in self._mended if one[0] <= now]:
            self._mended.remove((at, what))
            if what.startswith("fault "):
                self._place.carrier.mend(what.removeprefix("fault "))
            else:
                self._place.bring_back(what)

    def _is_away(self, what: str) -> bool:
        return any(name == what for _, name in self._mended if name in ("serve", "simulator", "redis", "postmaster"))
