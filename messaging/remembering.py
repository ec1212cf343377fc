"""What was done for an Idempotency-Key, so that it is not done twice. The only writer of RememberedRequest.

1. ``claim`` commits a row that says: somebody works on this. Whoever comes meanwhile is told so.
2. The work is done, and ``keep`` writes the answer, in one transaction: both are there, or neither.
3. ``release`` takes the row away when the work came to nothing: a refusal may be mended and sent again.

Died between 1 and 2, nothing was done; the row is in the way until LEASE is over, then the next attempt takes it.
Should the first be alive all the same, and slow, ``keep`` finds that the claim is not its own any more, and all that it
did is taken back.

Answers are encrypted, for some hold what is shown once and kept nowhere else as it is: the secret of a webhook, a link
to somebody's preferences.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import QuerySet

from messaging import clock
from messaging.events import sealing
from messaging.models import RememberedRequest

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
_FORGOTTEN_TOGETHER = 500
_USE = "messaging.remembering"


class OtherContent(Exception):
    """The key belongs to a request with another content."""


class StillRunning(Exception):
    """The first request with this key has not been answered yet."""


class Overtaken(Exception):
    """The claim was given to another attempt. The transaction of this one must be rolled back."""


class Illegible(Exception):
    """It was done and answered; since then SECRET_KEY has changed, and the answer cannot be read."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a request."""

    row: int
    mark: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: a status of 2xx, and JSON; empty where there was no body."""

    status_code: int
    body: str


def claim(user: int, key: str, fingerprint: str) -> Claim | Answer:
    """The right to do it, or what was answered when it was done.

    Args:
        user: whose key; the same key of somebody else is another.
        key: at most 255 characters.
        fingerprint: of the whole request, 64 characters at most.

    Raises:
        OtherContent: the key is known with another fingerprint.
        StillRunning: somebody works on it.
        Illegible: it was done; how it was answered nobody knows any more.
    """
    now, mark = clock.now(), uuid4().hex
    # One that is too old has as good as gone. Not deleted in the same breath as another is answered by it.
    RememberedRequest.objects.filter(user=user, key=key, created_at__lt=now - KEPT).delete()
    row, is_new = RememberedRequest.objects.get_or_create(
        user_id=user,
        key=key,
        defaults={"fingerprint": fingerprint, "claim": mark, "claimed_at": now, "created_at": now},
    )
    if is_new:
        return Claim(row.pk, mark)
    if row.fingerprint != fingerprint:
        raise OtherContent
    if row.status_code is not None:
        return Answer(row.status_code, opened(row.body))
    left_alone = RememberedRequest.objects.filter(
        pk=row.pk, claim=row.claim, status_code__isnull=True, claimed_at__lt=now - LEASE
    )
    if left_alone.update(claim=mark, claimed_at=now):
        return Claim(row.pk, mark)
    raise StillRunning


def keep(held: Claim, answer: Answer) -> None:
    """Remember what was answered. To be called in the transaction that did the work.

    Raises:
        Overtaken: somebody else has taken the claim; the transaction must not be committed.
    """
    if not _mine(held).update(status_code=answer.status_code, body=sealed(answer.body)):
        raise Overtaken


def sealed(body: str) -> str:
    """An answer as the database has it."""
    return sealing.seal(body, _USE) if body else ""


def opened(body: str) -> str:
    """An answer as it was given.

    Raises:
        Illegible: SECRET_KEY has changed since.
    """
    try:
        return sealing.unseal(body, _USE) if body else ""
    except sealing.CannotOpen as problem:
        raise Illegible from problem


def release(held: Claim) -> None:
    """Forget the key: nothing was done for it."""
    _mine(held).delete()


def _mine(held: Claim) -> QuerySet[RememberedRequest]:
    return RememberedRequest.objects.filter(pk=held.row, claim=held.mark, status_code__isnull=True)


def any_old(now: datetime) -> bool:
    """Whether there is something to be forgotten."""
    return RememberedRequest.objects.filter(created_at__lt=now - KEPT).exists()


def forget_old(now: datetime) -> int:
    """Forget the oldest of what is older than a day; how many that were."""
    old = RememberedRequest.objects.filter(created_at__lt=now - KEPT).order_by("created_at")
    keys = list(old.values_list("pk", flat=True)[:_FORGOTTEN_TOGETHER])
    RememberedRequest.objects.filter(pk__in=keys).delete()
    return len(keys)
