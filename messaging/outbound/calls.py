"""One call to the carrier, made in a thread: nothing here touches the database."""

import logging

from messaging import clock, trace
from messaging.contracts import Carrier, Submission
from messaging.models import OutboundMessage
from messaging.outbound.carriers.base import CarrierError, Fate
from messaging.outbound.outbox import Result
from messaging.outbound.pacing import Start

logger = logging.getLogger(__name__)


def call(carrier: Carrier, message: OutboundMessage, start: Start) -> Result:
    """Call the carrier with one text, and stamp the moment at which the call begins."""
    with trace.caused_by(message.trace):
        return _call(carrier, message, start)


def _call(carrier: Carrier, message: OutboundMessage, start: Start) -> Result:
    submission = Submission(
        message_id=message.pk,
        attempt=message.attempts,
        destination_phone_number=message.destination_phone_number,
        origination_identity=message.origination_identity,
        body=message.body,
        message_type=message.message_type,
        time_to_live=_seconds_left(message),
        leaves=lambda: start.began(clock.now().timestamp()),
    )
    start.began(clock.now().timestamp())
    try:
        return Result(message, carrier_message_id=carrier.send(submission))
    except CarrierError as error:
        return Result(message, error=error)
    except Exception as error:
        logger.exception("The carrier raised what it should not")
        return Result(message, error=CarrierError(Fate.IN_DOUBT, type(error).__name__, str(error)[:500]))


def _seconds_left(message: OutboundMessage) -> int | None:
    """What remains of a text's time to live, within what AWS allows (5 seconds to 3 days)."""
    if message.expires_at is None:
        return None
    left = (message.expires_at - clock.now()).total_seconds()
    return max(5, min(259_200, int(left)))
