"""Lanes: draining the queue of each number at its own pace, alerts first.

One drainer runs in a worker process. It leases its share of the lanes with work, and goes round:

    settle   write down what finished calls came to
    lease    take lanes with work (sharing), read their MPS anew, let go of empty ones
    feed     claim the next few texts of each lane, start their calls when the pace allows

The guards are asked by each claim, and again before a call that begins more than a moment later: a STOP may have come.
The calls run in threads, which touch no database. Claims run a quarter of a second ahead at most, and claimed but
unrecorded texts are never more than a second's worth of the number's MPS, or one longer text alone: that is what a
crash can leave unknown.
"""

import logging
import os
import socket
import uuid
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import Error, close_old_connections

from messaging import clock, registry
from messaging.contracts import Carrier
from messaging.outbound import guards, leases, outbox, pauses
from messaging.outbound.answers import Answers
from messaging.outbound.draining import Lane, pace_of
from messaging.outbound.outbox import LeaseLost
from messaging.outbound.outbox.claiming import CLAIM_AHEAD
from messaging.outbound.sharing import Share

logger = logging.getLogger(__name__)

# A drain ends by itself after a while, so that its worker sees to its own affairs; what is left wakes it again.
SLICE = timedelta(seconds=50)
# To end is to wait for the calls under way. While one of them hangs the drain goes on, so that alerts do not wait with
# it, but not for ever: one may always hang.
_LONGER_AT_MOST = timedelta(seconds=30)
_HANGS = timedelta(seconds=0.5)
_LOOK_FOR_LANES_EVERY = timedelta(seconds=0.25)
# A lane whose only texts are due within this is waited for instead of woken again.
_LINGER = timedelta(seconds=1.4)
# More than the widest lane may fill: one whose calls hang leaves threads to the others. Never more calls than threads.
_THREADS = 80
# A lane that has calls under way leaves one thread in ten to those that have none: however many busy numbers there are,
# and whether their calls hang, an alert of another begins.
_LEFT_TO_OTHERS = 0.1
_LOOK_FOR_ROOM = timedelta(seconds=0.05)
_TRIES_TO_RECORD_AT_THE_END = 5
_DATABASE_TROUBLE_REST = timedelta(seconds=1)
_LONGEST_REST = timedelta(seconds=5)
_GUARD_TROUBLE_REST = timedelta(seconds=5)


class Drainer:
    """Drains lanes until none has work, or until its slice is over."""

    def __init__(self, carrier: Carrier | None = None, owner: str | None = None, share: Share | None = None) -> None:
        self._carrier = carrier or registry.carrier()
        self._owner = owner or f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[-64:]
        self._lanes: dict[str, Lane] = {}
        self._answers = Answers(self._carrier)
        self._looked_at: datetime | None = None
        self._share = share or Share()

    def run(self) -> None:
        """Drain. Returns when no lane has work that this process could do, when asked to stop, or after a slice."""
        self._carrier.warm()  # A call that builds its client arrives late, and the next one too soon after it.
        ends_at = clock.now() + SLICE
        with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="carrier") as pool:
            try:
                while not clock.stop_requested() and not self._is_over(ends_at):
                    self._settle()
                    self._look_for_lanes()
                    # What was left to others may be ours in a moment.
                    if not self._lanes and not self._share.leaves:
                        break
                    wake_at = self._feed(pool)
                    self._wait(wake_at)
            finally:
                self._end()

    def _is_over(self, ends_at: datetime) -> bool:
        late = clock.now() - ends_at
        return late >= timedelta(0) and (late > _LONGER_AT_MOST or self._answers.longest_under_way < _HANGS)

    def _settle(self) -> None:
        self._answers.hear()
        try:
            rests = self._answers.record()
        except Error:
            # What AWS answered is kept and recorded as soon as the database is back; until then nothing more is sent.
            logger.exception("Answers cannot be recorded; trying again")
            close_old_connections()
            self._answers.put_off(_DATABASE_TROUBLE_REST)
            self._rest(self._lanes, _DATABASE_TROUBLE_REST)
            return
        for identity, rest in rests.items():
            self._rest([identity], min(rest, _LONGEST_REST))

    def _rest(self, identities: Iterable[str], rest: timedelta) -> None:
        """Start no call of these lanes for a while. What they have claimed goes back: it starts soon or not at all."""
        for identity in identities:
            lane = self._lanes[identity]
            lane.rest_until = clock.now() + rest
            self._give_back(lane)

    def _give_back(self, lane: Lane) -> None:
        """Give back what a lane has claimed and not called with; left claimed, it would be taken for a dead call."""
        if not lane.claimed:
            return
        try:
            outbox.release(lane.claimed)
            lane.claimed.clear()
        except Error:
            logger.exception("Claimed texts cannot be given back; trying again")
            close_old_connections()
            lane.rest_until = clock.now() + _DATABASE_TROUBLE_REST

    def _look_for_lanes(self) -> None:
        try:
            self._lease()
        except Error:
            # Ended here, this drain would forget what AWS has answered.
            logger.exception("Lanes cannot be leased; trying again")
            close_old_connections()
            self._rest(self._lanes, _DATABASE_TROUBLE_REST)

    def _lease(self) -> None:
        now = clock.now()
        if self._looked_at and now - self._looked_at < _LOOK_FOR_LANES_EVERY and self._lanes:
            return
        self._looked_at = now
        work = {lane.identity: lane for lane in leases.lanes_with_work(self._owner, now, within=_LINGER)}
        for lane in self._lanes.values():
            self._renew(lane, now)
        for lane in list(self._lanes.values()):
            if not lane.busy and (lane.lost or lane.identity not in work):
                leases.give_back(lane.identity, self._owner)
                del self._lanes[lane.identity]
        for identity, mine in self._lanes.items():
            if found := work.get(identity):
                # Whoever drained it before may have held it only now.
                mine.pace.mps, mine.held = found.mps, found.held
        free = [identity for identity in work if identity not in self._lanes]
        for identity in self._share.of(free, len(self._lanes), lambda: leases.of_others(self._owner, now), now):
            if leases.take(identity, self._owner, now):
                pace, held = pace_of(work[identity], now), work[identity].held
                self._lanes[identity] = Lane(identity, pace, renewed_at=now, held=held)

    def _renew(self, lane: Lane, now: datetime) -> None:
        # Each claim renews the lease; a lane that claims nothing for a while (it rests, or its calls hang) is
        # renewed here.
        if lane.renewed_at is None or now - lane.renewed_at > leases.LEASE / 2:
            lane.lost = not leases.take(lane.identity, self._owner, now)
            lane.renewed_at = now
        if lane.lost:
            self._give_back(lane)

    def _feed(self, pool: ThreadPoolExecutor) -> datetime:
        """Start what may start now. Returns when to come back."""
        wake_at = clock.now() + _LOOK_FOR_LANES_EVERY
        # Who has least goes first: what one lane frees is not taken by the same again.
        for lane in sorted(self._lanes.values(), key=attrgetter("under_way")):
            while not lane.lost:
                now = clock.now()
                if lane.rest_until and lane.rest_until <= now:
                    # What could not be given back when the lane came to rest is too old to be sent.
                    lane.rest_until = None
                    self._give_back(lane)
                if lane.rest_until and lane.rest_until > now:
                    # What is claimed could not be given back: not before the rest is over is that tried again.
                    wake_at = min(wake_at, lane.rest_until)
                    break
                if lane.too_old(now, CLAIM_AHEAD):
                    self._give_back(lane)
                    continue
                if not self._has_thread(lane):
                    break
                ready_at = lane.ready_at(now, _LOOK_FOR_LANES_EVERY)
                if ready_at > now:
                    wake_at = min(wake_at, ready_at)
                    break
                if not lane.claimed and not self._claim(lane, now):
                    wake_at = min(wake_at, lane.claim_again_at or wake_at)
                    break
                # To claim and to ask may have taken long.
                if not self._still_allowed(lane, now) or lane.too_old(clock.now(), CLAIM_AHEAD):
                    continue
                message = lane.claimed.popleft()
                start = lane.pace.start(now.timestamp(), message.parts)
                self._answers.call(pool, lane, message, start)
        return wake_at

    def _has_thread(self, lane: Lane) -> bool:
        # A call that waited for a thread would begin long after its text was judged and paced.
        left = int(_THREADS * _LEFT_TO_OTHERS) if lane.under_way else 0
        return self._answers.under_way < _THREADS - left

    def _claim(self, lane: Lane, now: datetime) -> bool:
        if lane.parts_free < 1:
            # Answers that wait to be recorded count: a crash now would lose them too.
            lane.claim_again_at = now + _LOOK_FOR_ROOM
            return False
        limits = lane.limits(now, CLAIM_AHEAD)
        try:
            claimed = outbox.claim(lane.identity, owner=self._owner, lease=leases.LEASE, now=now, **limits)
        except LeaseLost:
            lane.lost = True
            return False
        except Exception as problem:
            self._stand_still(lane, problem)
            return False
        lane.claimed.extend(claimed)
        lane.renewed_at = lane.claimed_at = lane.guards_asked_at = now
        if lane.held and not all(message.passes_guards for message in claimed):
            self._tell_staff(lane, "")
        # Nothing due now: something may be within moments (a recipient's second, a retry).
        lane.claim_again_at = None if claimed else now + timedelta(seconds=0.05)
        return bool(claimed)

    def _still_allowed(self, lane: Lane, now: datetime) -> bool:
        """Ask the guards again unless they were asked just now. Returns whether the lane's next text may start."""
        if not lane.must_ask_guards(now):
            return True
        first = lane.claimed[0]
        try:
            lane.claimed = deque(outbox.withdraw_forbidden(lane.claimed))
        except Exception as problem:
            self._stand_still(lane, problem)
            return False
        lane.guards_asked_at = now
        # Another text may have more parts than there is room for now.
        return bool(lane.claimed) and lane.claimed[0] is first

    def _stand_still(self, lane: Lane, problem: Exception) -> None:
        """A guard cannot be asked, or the database is in trouble: nothing is sent, the rows wait."""
        logger.error("Nothing is sent from %s", lane.identity, exc_info=problem)
        lane.claim_again_at = clock.now() + _GUARD_TROUBLE_REST
        self._give_back(lane)
        if isinstance(problem, guards.CannotTell):
            again = "Textback tries again every few seconds."
            self._tell_staff(lane, f"Nothing is sent from this number: {problem}. {again}")

    def _tell_staff(self, lane: Lane, reason: str) -> None:
        """Write on the lane why nothing is sent; "" when that is over. Sending does not depend on it."""
        try:
            pauses.hold(lane.identity, reason) if reason else pauses.let_go(lane.identity)
            lane.held = bool(reason)
        except Error:
            logger.exception("Why nothing is sent from %s cannot be written down", lane.identity)
            close_old_connections()

    def _wait(self, until: datetime) -> None:
        if self._answers.wait_to_be_recorded:
            until = min(until, self._answers.record_at)
        if self._answers.under_way:
            self._answers.hear(until - clock.now())
        else:
            clock.sleep((until - clock.now()).total_seconds())

    def _end(self) -> None:
        """Let calls under way come to their end, write them down, give back what was not called and the lanes."""
        try:
            for lane in self._lanes.values():
                self._give_back(lane)
            while self._answers.under_way:
                # What is known is written down while the slowest calls go on: whoever ends us may not wait for those.
                self._answers.hear(_LOOK_FOR_LANES_EVERY)
                self._settle()
            for _ in range(_TRIES_TO_RECORD_AT_THE_END):
                self._settle()
                for lane in self._lanes.values():
                    self._give_back(lane)
                if not self._answers.wait_to_be_recorded and not any(lane.claimed for lane in self._lanes.values()):
                    break
                clock.sleep(_DATABASE_TROUBLE_REST.total_seconds())
        finally:
            self._answers.leave()
            try:
                for identity in self._lanes:
                    leases.give_back(identity, self._owner)
            except Error:
                logger.exception("Lanes cannot be given back; their leases run out")
                close_old_connections()
            self._lanes.clear()
