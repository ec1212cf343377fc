"""The send guards, asked and told together; and the conversations, told of what guards will forbid."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from messaging import registry
from messaging.contracts import AsksFirst, Conversation, SendGuard
from messaging.models import OutboundMessage

logger = logging.getLogger(__name__)

Pair = tuple[str, str]
# Who gets no more texts, from which number of ours ("": from any), and why.
Lost = tuple[str, str, str]
# What fits on a lane beside the rest of the sentence, and still names the trouble.
_LONGEST_PATH = 70
_LONGEST_PROBLEM = 90


class CannotTell(Exception):
    """A guard could not be asked. Nothing is sent that it might have forbidden."""

    def __init__(self, guard: SendGuard, problem: Exception) -> None:
        super().__init__(f"a send guard ({_path(guard)}) cannot be asked ({_words(problem)})")


class CannotBeTold(Exception):
    """A guard could not be told who opted out elsewhere. Nobody is made known who might be texted then."""

    def __init__(self, guard: SendGuard, problem: Exception) -> None:
        super().__init__(f"a send guard ({_path(guard)}) could not be told ({_words(problem)})")


def refusals(pairs: Sequence[Pair], *, passing: bool = False) -> dict[Pair, str]:
    """Why some (destination phone number, origination identity) must not be sent; the first guard's reason counts.

    Args:
        pairs: whom it is about.
        passing: texts that pass the guards, which only those forbid that forbid everything.

    Raises:
        CannotTell: a guard raised something.
    """
    found: dict[Pair, str] = {}
    for guard in registry.send_guards() if pairs else ():
        if passing and not getattr(guard, "forbids_everything", False):
            continue
        try:
            for pair, reason in guard.refusals(pairs).items():
                found.setdefault(pair, reason)
        except Exception as problem:
            raise CannotTell(guard, problem) from problem
    return found


def refused(messages: Sequence[OutboundMessage]) -> dict[int, str]:
    """The reasons for those texts, by key, that a guard forbids.

    Raises:
        CannotTell: a guard raised something.
    """
    found: dict[int, str] = {}
    for passing in (False, True):
        judged = {
            message.pk: (message.destination_phone_number, message.origination_identity)
            for message in messages
            if message.passes_guards is passing
        }
        reasons = refusals(list(dict.fromkeys(judged.values())), passing=passing)
        found |= {pk: reasons[pair] for pk, pair in judged.items() if pair in reasons}
    return found


def carrier_opted_out(message: OutboundMessage) -> None:
    """Tell every guard that AWS refused a text because its recipient has opted out there.

    Called in a transaction. What a guard cannot take is logged: the carrier's answers must be recorded in any case.
    """
    for guard in registry.send_guards():
        try:
            with transaction.atomic():
                guard.carrier_opted_out(message)
        except Exception:
            logger.exception("%s could not be told that the recipient of text %s opted out", guard, message.pk)


def opted_out_elsewhere(found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
    """Tell every guard that people opted out of every number of ours somewhere else, before they are made known here.

    Called outside any transaction: what guards record stays, whatever becomes of the caller.

    Args:
        found: phone numbers in E.164, with when they opted out; None for now.
        actor: who of our side brought it: a username.
        reason: where it was said.

    Raises:
        CannotBeTold: a guard raised something.
    """
    for guard in registry.send_guards() if found else ():
        try:
            guard.opted_out_elsewhere(found, actor=actor, reason=reason)
        except Exception as problem:
            raise CannotBeTold(guard, problem) from problem


def tell_opted_out(phone_number: str, origination_identity: str, reason: str) -> None:
    """Tell every conversation that somebody gets no more texts from a number of ours ("": from any).

    Called in the transaction that records it. What a conversation cannot take is logged: the opt-out must hold in any
    case.
    """
    for key, conversation in registry.conversations().items():
        try:
            with transaction.atomic():
                conversation.opted_out(phone_number, origination_identity, reason)
        except Exception:
            number = origination_identity or "every number"
            logger.exception("The conversation %s could not be told that somebody opted out of %s", key, number)


def tell_all_opted_out(lost: Sequence[Lost]) -> None:
    """Tell conversations of many people, as ``tell_opted_out`` does; those that ask first, only if it may matter."""
    people = {phone_number for phone_number, _, _ in lost}
    heard = set[str]()
    for key, conversation in registry.conversations().items() if people else ():
        heard.update(_concerned(key, conversation, people))
    for phone_number, origination_identity, reason in lost:
        if phone_number in heard:
            tell_opted_out(phone_number, origination_identity, reason)


def _concerned(key: str, conversation: Conversation, people: Collection[str]) -> Collection[str]:
    if not isinstance(conversation, AsksFirst):
        return people
    try:
        with transaction.atomic():
            return set(conversation.concerned_by_opt_outs(people))
    except Exception:
        logger.exception("The conversation %s cannot tell of whom it wants to hear: it hears of all", key)
        return people


def _path(guard: SendGuard) -> str:
    return f"{type(guard).__module__}.{type(guard).__qualname__}"[-_LONGEST_PATH:]


def _words(problem: Exception) -> str:
    words = " ".join(f"{type(problem).__name__}: {problem}".split()).rstrip(": ")
    return f"{words[:_LONGEST_PROBLEM]}…" if len(words) > _LONGEST_PROBLEM else words
