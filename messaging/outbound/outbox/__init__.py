"""The outbox: queue a text, claim it, record what became of it. The only writer of an outbound status.

queueing      a draft becomes a row, once; texts are withdrawn
broadcasting  one text to many people becomes a row for each
withholding   a subject's texts are kept out of their lanes, cancelled, or brought back
claiming      the next texts of one number are taken by the drainer that holds its lane
recording     what the carrier answered
settling      calls that never got an answer: unknown, sent again, given up
moves         the table of legal moves, and the one place that writes them
"""

from messaging.outbound.outbox.broadcasting import judge, queue_for_all
from messaging.outbound.outbox.claiming import LeaseLost, claim
from messaging.outbound.outbox.moves import IllegalMove
from messaging.outbound.outbox.queueing import cancel, queue, suppress
from messaging.outbound.outbox.recording import Result, record, record_event, release, withdraw_forbidden
from messaging.outbound.outbox.settling import expire, give_up_or_resend, mark_dead_calls_unknown
from messaging.outbound.outbox.withholding import (
    AT_ONCE,
    cancel_some,
    forget_withheld,
    is_kept_out,
    is_under_way,
    let_go_some,
    may_come_back,
    withhold,
    withhold_some,
)

__all__ = [
    "AT_ONCE",
    "IllegalMove",
    "LeaseLost",
    "Result",
    "cancel",
    "cancel_some",
    "claim",
    "expire",
    "forget_withheld",
    "give_up_or_resend",
    "is_kept_out",
    "is_under_way",
    "judge",
    "let_go_some",
    "mark_dead_calls_unknown",
    "may_come_back",
    "queue",
    "queue_for_all",
    "record",
    "record_event",
    "release",
    "suppress",
    "withdraw_forbidden",
    "withhold",
    "withhold_some",
]
