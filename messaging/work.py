"""The lists of waiting work of the ground floor. Registered in settings.MESSAGING["WORK_LISTS"]."""

from datetime import datetime, timedelta

from messaging import clock, daily, remembering, wakeups
from messaging.inbound import routing
from messaging.models import DeliveryEvent, DeliveryPolicy, InboundMessage, OutboundMessage, Status
from messaging.outbound import delivery, leases, outbox, outcomes, pauses, retry
from messaging.outbound.lanes import Drainer

# How long one look at a list lasts at most, where much waits; what is left wakes the next.
_SLICE = timedelta(seconds=0.5)


class Lanes:
    """Queued texts that are due."""

    name, queue = "lanes", "lanes"

    def is_due(self, now: datetime) -> bool:
        """Whether a lane that may send has texts due, or one is held for no text."""
        return leases.work_waits(now) or pauses.idle_holds().exists()

    def run(self) -> None:
        """Drain the lanes that nobody else drains."""
        Drainer().run()
        pauses.let_go_of_idle()
        if not clock.stop_requested() and leases.lanes_with_work("", clock.now()):
            wakeups.wake_now(self.name)


class Inbound:
    """Inbound texts that nobody has routed."""

    name, queue = "inbound", "inbound"

    def is_due(self, now: datetime) -> bool:
        """Whether a text waits to be routed."""
        return InboundMessage.objects.filter(routed_at__isnull=True, route_after__lte=now).exists()

    def run(self) -> None:
        """Route what waits, for a while; call another worker to help when much does."""
        if routing.backlog() > routing.MANY:
            wakeups.wake_now(self.name)
        # A worker has other lists: timers must not wait until a flood of texts is over.
        if routing.route_waiting(_SLICE):
            wakeups.wake_now(self.name)


class DeliveryEvents:
    """Delivery events that no text has taken."""

    name, queue = "events", "inbound"

    def is_due(self, now: datetime) -> bool:
        """Whether an event waits."""
        return DeliveryEvent.objects.filter(applied_at__isnull=True, apply_after__lte=now).exists()

    def run(self) -> None:
        """Apply events until none waits."""
        began = clock.now()
        while delivery.apply_waiting() and not clock.stop_requested():
            if clock.now() - began >= _SLICE:
                wakeups.wake_now(self.name)
                return


class Outcomes:
    """Outcomes of texts that a conversation has not been told."""

    name, queue = "outcomes", "timers"

    def __init__(self) -> None:
        self._after = 0

    def is_due(self, now: datetime) -> bool:
        """Whether an outcome waits."""
        return OutboundMessage.objects.filter(outcome_pending=True).exists()

    def run(self) -> None:
        """Tell them, for a while."""
        self._after = outcomes.tell(self._after, for_as_long_as=_SLICE)
        if self._after:
            wakeups.wake_now(self.name)


class Unsettled:
    """Calls that never got an answer, and texts that came too late."""

    name, queue = "unsettled", "default"

    def is_due(self, now: datetime) -> bool:
        """Whether a call must be dead, an unknown text may be sent again, or a text's time to live has passed."""
        return (
            OutboundMessage.objects.filter(status=Status.QUEUED, expires_at__lte=now).exists()
            or OutboundMessage.objects.filter(
                status=Status.SENDING, attempted_at__lte=now - retry.CLAIM_IS_DEAD_AFTER
            ).exists()
            or OutboundMessage.objects.filter(
                status=Status.UNKNOWN,
                delivery_policy=DeliveryPolicy.AT_LEAST_ONCE,
                attempted_at__lte=now - retry.RESEND_AFTER,
            ).exists()
        )

    def run(self) -> None:
        """Mark them unknown, send again what may be."""
        outbox.mark_dead_calls_unknown(clock.now())
        outbox.give_up_or_resend(clock.now())
        outbox.expire(clock.now())


class Days:
    """Days whose figures are old."""

    name, queue = "days", "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether a day is to be counted."""
        return bool(daily.due(now))

    def run(self) -> None:
        """Count, for a while."""
        if daily.count_what_is_due(_SLICE):
            wakeups.wake_now(self.name)


class OldRequests:
    """Requests of the API that need not be remembered any more."""

    name, queue = "old-requests", "slow"

    def is_due(self, now: datetime) -> bool:
        """Whether one is older than a day."""
        return remembering.any_old(now)

    def run(self) -> None:
        """Forget some; what is left wakes the next."""
        if remembering.forget_old(clock.now()):
            wakeups.wake_now(self.name)
