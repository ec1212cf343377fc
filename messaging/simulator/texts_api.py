"""SendTextMessage: trouble that was asked for, AWS's validation, then a text that counts as accepted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from messaging.simulator import clock, errors, validation
from messaging.simulator.errors import ServiceError
from messaging.simulator.faults import Faults
from messaging.simulator.handsets import Handsets
from messaging.simulator.limits import Pace
from messaging.simulator.log import Log
from messaging.simulator.records import SendRequest, SentText
from messaging.simulator.wirelog import WireLog

# AWS picks a number of the account when the request names none.
ACCOUNT_NUMBER = "+12065550100"


@dataclass(frozen=True)
class Accepted:
    message_id: str
    answered: bool = True
    withhold_seconds: float = 0.0


class Lost(Exception):
    """The request vanished on its way: nothing was accepted and nothing will be answered."""


class TextService:
    def __init__(
        self,
        log: Log,
        handsets: Handsets,
        faults: Faults,
        pace: Pace,
        wire: WireLog,
        on_accepted: Callable[[SentText], None],
        pause: Callable[[float], object],
    ) -> None:
        self._log = log
        self._handsets = handsets
        self._faults = faults
        self._pace = pace
        self._wire = wire
        self._on_accepted = on_accepted
        self._pause = pause

    def send(self, parameters: Mapping[str, Any], arrived: float) -> Accepted:
        started = clock.steady()
        number = parameters.get("DestinationPhoneNumber")
        slow = self._faults.take("delay", number)
        if slow is not None:
            self._pause(slow.seconds)
        attempt = self._log.count_attempt(parameters)
        at, at_steady = clock.wall(), clock.steady()
        outcome, reason, message_id = "accepted", None, None
        dropped = hung = None
        try:
            self._refuse_on_request(number)
            validation.check(parameters)
            self._refuse_for_cause(str(number), parameters, at_steady)
            if parameters.get("DryRun"):
                outcome = "dry_run"
                return Accepted(str(uuid.uuid4()))
            sent = self._record(parameters, attempt, at, at_steady)
            message_id = sent.message_id
            dropped = self._faults.take("drop_answer", number)
            hung = self._faults.take("hang_after_accept", number) if dropped is None else None
        except ServiceError as refusal:
            outcome, reason = refusal.code, refusal.reason
            raise
        except Lost:
            outcome = "lost"
            raise
        finally:
            self._log.add_request(
                SendRequest(
                    parameters,
                    outcome,
                    reason,
                    message_id,
                    attempt,
                    at,
                    at_steady,
                    answered=outcome != "lost" and dropped is None and hung is None,
                    withheld_seconds=hung.seconds if hung is not None else 0.0,
                    arrived_monotonic=arrived,
                )
            )
            self._wire.add(
                "in",
                "SendTextMessage",
                f"{number} {parameters.get('MessageBody', '')}",
                reason or outcome,
                good=outcome in ("accepted", "dry_run"),
                took=clock.steady() - started,
            )
        self._on_accepted(sent)
        return Accepted(sent.message_id, dropped is None, hung.seconds if hung is not None else 0.0)

    def told(self, message_id: str) -> None:
        """An answer that was withheld is given now, which on a busy machine may be much later than meant."""
        self._log.add_told(message_id)

    def _refuse_on_request(self, number: str | None) -> None:
        """Trouble that strikes before a service has looked at the request."""
        if self._faults.take("lose", number):
            raise Lost
        if self._faults.take("throttle", number):
            raise errors.throttled()
        if self._faults.take("server_error", number):
            raise errors.internal(str(uuid.uuid4()))

    def _refuse_for_cause(self, number: str, parameters: Mapping[str, Any], now: float) -> None:
        refused = self._faults.take("refuse", number)
        if refused is not None:
            raise errors.refusal(refused.code or "ConflictException", refused.reason, refused.message)
        if number in self._handsets.opted_out or self._faults.take("opted_out", number):
            raise errors.opted_out(number)
        if not parameters.get("DryRun"):
            self._pace.check(parameters.get("OriginationIdentity") or ACCOUNT_NUMBER, number, now)

    def _record(self, parameters: Mapping[str, Any], attempt: int, at: float, at_steady: float) -> SentText:
        sent = SentText(
            message_id=str(uuid.uuid4()),
            destination=parameters["DestinationPhoneNumber"],
            origination=parameters.get("OriginationIdentity") or ACCOUNT_NUMBER,
            body=parameters["MessageBody"],
            message_type=parameters.get("MessageType") or "TRANSACTIONAL",
            context=dict(parameters.get("Context") or {}),
            at=at,
            at_monotonic=at_steady,
            attempt=attempt,
            time_to_live=parameters.get("TimeToLive") or 259_200,
        )
        self._log.add_sent(sent)
        return sent
