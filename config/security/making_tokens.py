"""Making API tokens, and for whom one may make them. The plain token is returned once and kept by nobody."""

from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from django.db import transaction
from knox.models import AuthToken

from config.models import TokenDetails
from messaging import clock


class InThePast(ValueError):
    """A token would have expired before it was made."""


def make(user: Any, *, name: str = "", expires_at: datetime | None = None, made_by: str = "") -> tuple[AuthToken, str]:
    """A new token: its row, and what the other system sends.

    Args:
        user: whose permissions it has.
        name: which system has it.
        expires_at: from then on it opens nothing; None: never.
        made_by: username of who makes it; blank for the command line.

    Raises:
        InThePast: ``expires_at`` is not in the future.
    """
    lives = None if expires_at is None else expires_at - clock.now()
    if lives is not None and lives.total_seconds() <= 0:
        raise InThePast("Give a time in the future.")
    with transaction.atomic():
        row, token = AuthToken.objects.create(user, expiry=lives)
        TokenDetails.objects.create(token=row, name=name, made_by=made_by)
    return row, token


def may_make(
    maker: AbstractSet[str], user: AbstractSet[str], *, maker_is_superuser: bool, user_is_superuser: bool
) -> bool:
    """Whether somebody may make a token for a user: only what they may do themselves. Pure.

    Args:
        maker: permissions of who makes it.
        user: permissions of the user.
        maker_is_superuser: may do everything.
        user_is_superuser: likewise.
    """
    return maker_is_superuser or (not user_is_superuser and user <= maker)


def may_make_for(maker: Any, user: Any) -> bool:
    """The same of two users."""
    if maker.is_superuser:
        return True
    return may_make(
        maker.get_all_permissions(),
        user.get_all_permissions(),
        maker_is_superuser=False,
        user_is_superuser=user.is_superuser,
    )
