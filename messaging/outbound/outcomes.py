"""Telling conversations what became of the texts they asked to hear of."""

import logging
from datetime import timedelta

from django.db import transaction

from messaging import clock, registry
from messaging.compiled import LIMIT, Compiled, CompiledUpdate
from messaging.models import OutboundMessage

logger = logging.getLogger(__name__)

_BATCH = 50


def tell(after: int = 0, *, for_as_long_as: timedelta | None = None) -> int:
    """Tell of every outcome that waits, or for a time, each in a transaction of its own.

    A conversation that fails is told again at the next sweep; the others do not wait for it, so whoever was stopped by
    the time goes on after the last that was tried.

    Args:
        after: the key of a text: only later ones are looked at.
        for_as_long_as: how long at most.

    Returns:
        The key to go on after; 0 when all have been tried.
    """
    began, last = clock.now(), after
    while True:
        ids = [key for (key,) in _WAITING.rows(after=last, most=_BATCH)]
        for last in ids:
            try:
                _tell(last)
            except Exception:
                logger.exception("The outcome of text %s could not be told; it will be tried again", last)
        if len(ids) < _BATCH:
            return 0
        if for_as_long_as is not None and clock.now() - began >= for_as_long_as:
            return last


_WAITING = Compiled(
    lambda after, most: (
        OutboundMessage.objects.filter(outcome_pending=True, pk__gt=after).order_by("id").values_list("pk")[:most]
    ),
    after=int,
    most=LIMIT,
)


@transaction.atomic
def _tell(pk: int) -> None:
    message = _MESSAGE.first(key=pk)
    if message is None:
        return
    # The conversation first: it locks a row of its own and then, to withdraw texts, rows like ours. Taken the other way
    # round, two workers could wait for each other. Told twice at worst, which conversations are used to.
    conversation = registry.conversations().get(message.conversation)
    if conversation is not None:
        conversation.text_settled(message)
    # If the text has moved on meanwhile, that news is told as well.
    _TOLD.run(key=pk, status=message.status)


_MESSAGE = Compiled(lambda key: OutboundMessage.objects.filter(pk=key, outcome_pending=True), key=int)
_TOLD = CompiledUpdate(
    lambda key, status: OutboundMessage.objects.filter(pk=key, status=status),
    lambda key, status: {"outcome_pending": False},
    key=int,
    status=str,
)
