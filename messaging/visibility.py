"""Each sees only its own: of which conversations somebody sees the texts, decided by the conversations themselves.

Whoever may view texts at all sees those of no conversation: keywords, consent, what nobody placed, what staff wrote.
"""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from messaging import registry

Row = TypeVar("Row", bound=Model)


def hidden_from(user: Any) -> list[str]:
    """The conversations whose texts a user does not see."""
    conversations = registry.conversations().items()
    return [key for key, one in conversations if one.view_permission and not user.has_perm(one.view_permission)]


def assignable_by(user: Any) -> list[str]:
    """The conversations that a user may put an unmatched text into."""
    hidden = hidden_from(user)
    return [
        key
        for key, one in registry.conversations().items()
        if key not in hidden and (not one.assign_permission or user.has_perm(one.assign_permission))
    ]


def visible(rows: QuerySet[Row], user: Any) -> QuerySet[Row]:
    """Those of the rows (inbound or outbound texts) that a user sees."""
    return without(rows, hidden_from(user))


def without(rows: QuerySet[Row], hidden: list[str]) -> QuerySet[Row]:
    """Those of the rows that belong to none of these conversations."""
    return rows.exclude(conversation__in=hidden) if hidden else rows
