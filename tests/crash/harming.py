"""Harm done to a place, when its time comes; and everything brought back in the end."""

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tests.crash.evidence import Kill
from tests.crash.place import Place
from tests.crash.receiver import Receiver
from tests.crash.schedule import Harm

_TICK_SECONDS = 0.05
_AGAIN_SECONDS = 0.5
# Whoever sends webhooks dies in the middle of a call; if none comes by for so long, without. After another crash none
# does for a minute: the lease of that call has to run out.
_MEETS_SECONDS = 70.0
# For so long after its time is over what has not happened yet is still tried: by then everything is back, and up.
_PATIENCE_SECONDS = 90.0


@dataclass
class _On:
    """A fault that is on; ``sure`` once it strikes whatever comes next, because it has struck nothing in its time."""

    until: float
    harm: Harm
    sure: bool = False


class Harming:
    """Works through a list, in the thread that started the place: processes end with the thread that started them.

    Attributes:
        done: how often what was done.
        kills: each crash, with its moment.
    """

    def __init__(self, place: Place, harm: Iterable[Harm], say: Callable[[str], None]) -> None:
        self._place, self._say = place, say
        self._order = itertools.count()
        self._due = [(one.at, next(self._order), one) for one in harm]
        heapq.heapify(self._due)
        self._away: list[tuple[float, str]] = []
        self._on: list[_On] = []
        self.done: Counter[str] = Counter()
        self.kills: list[Kill] = []

    def run(self, seconds: float) -> None:
        """Do it all. What cannot be done at its time (its target is away, no call comes by) is done later."""
        began = time.monotonic()
        while (now := time.monotonic() - began) < seconds or (self.undone and now < seconds + _PATIENCE_SECONDS):
            while self._due and self._due[0][0] <= now:
                self._do(heapq.heappop(self._due)[2], now)
            self._bring_back(now)
            self._switch_off(now if now < seconds else float("inf"))
            if not self._is_away("serve"):
                self._place.keep_serving()
            time.sleep(_TICK_SECONDS)
        self._bring_back(float("inf"))
        self._place.carrier.mend()

    @property
    def undone(self) -> tuple[str, ...]:
        """What never happened."""
        return (*(str(harm) for _, _, harm in sorted(self._due)), *(f"{on.harm}: struck nothing" for on in self._on))

    def _do(self, harm: Harm, now: float) -> None:
        if harm.kind == "fault":
            happened = self._fault(harm, now)
        elif harm.kind == "flush":
            happened = self._place.flush_redis()
        else:
            happened = not self._is_away(harm.what) and self._kill(harm, now)
        if not happened:
            # It has just been killed, or is starting: a little later, then.
            heapq.heappush(self._due, (now + _AGAIN_SECONDS, next(self._order), harm))
            return
        self._say(f"{now:6.2f} {harm}")
        self.done[f"{harm.kind} {harm.what}"] += 1

    def _kill(self, harm: Harm, now: float) -> bool:
        if harm.what == "webhooks" and not self._meets_a_call(harm, now):
            return False
        # Before, not after: calls that begin while it dies were not under way.
        what = harm.what if harm.kind == "kill" else harm.kind
        kill = Kill(what, time.time(), time.monotonic(), harm.seconds)
        if not self._end(harm):
            return False
        self.kills.append(kill)
        self._away.append((now + harm.seconds, harm.what))
        return True

    def _end(self, harm: Harm) -> bool:
        if harm.kind == "restart":
            return self._place.shut_down_database()
        if harm.what == "webhooks" and self._place.receiver is not None:
            return self._end_in_a_call(harm, self._place.receiver)
        return self._place.kill(harm.what, harm.pick) is not None

    def _end_in_a_call(self, harm: Harm, receiver: Receiver) -> bool:
        meets_one = receiver.holds
        ended = self._place.kill(harm.what, harm.pick) is not None
        # It is answered now, and nobody is there to hear that.
        receiver.let_go()
        self.done["webhook met by a kill"] += ended and meets_one
        return ended

    def _meets_a_call(self, harm: Harm, now: float) -> bool:
        """Whether the receiver holds a call, for its caller to die in; or there is none to wait for."""
        receiver = self._place.receiver
        if receiver is None or receiver.holds or now - harm.at > _MEETS_SECONDS:
            return True
        receiver.hold()
        return False

    def _fault(self, harm: Harm, now: float) -> bool:
        holds = harm.holds or None
        if not self._place.carrier.fault(harm.what, probability=harm.probability, seed=harm.pick, seconds=holds):
            return False
        self._on.append(_On(now + harm.seconds, harm))
        return True

    def _switch_off(self, now: float) -> None:
        """Switch off what has been on for its time, but not before it has struck."""
        over = [on for on in self._on if on.until <= now]
        if not over or (uses := self._place.carrier.faults()) is None:
            return
        for on in over:
            what = on.harm.what
            if uses.get(what) or (on.sure and what not in uses):
                self._on.remove(on)
                if what not in [other.harm.what for other in self._on]:
                    self._place.carrier.mend(what)
            elif not on.sure:
                holds = on.harm.holds or None
                on.sure = self._place.carrier.fault(what, probability=1.0, seed=on.harm.pick, seconds=holds, count=1)

    def _bring_back(self, now: float) -> None:
        for at, what in [one for one in self._away if one[0] <= now]:
            self._away.remove((at, what))
            self._place.bring_back(what)
            if what == "simulator":
                self._switch_on_again(now)

    def _switch_on_again(self, now: float) -> None:
        """A simulator that died has forgotten its faults."""
        for on in self._on:
            heapq.heappush(
                self._due, (now, next(self._order), replace(on.harm, at=now, seconds=max(0.0, on.until - now)))
            )
            self.done[f"fault {on.harm.what}"] -= 1
        self._on.clear()

    def _is_away(self, what: str) -> bool:
        return any(name == what for _, name in self._away if name in ("serve", "simulator", "redis", "postmaster"))
