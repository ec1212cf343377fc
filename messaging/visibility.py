"""Each sees only its own: of which conversations somebody sees the texts, decided by the conversations themselves.

Whoever may view texts at all sees those of no conversation: keywords, consent, what nobody placed, what staff wrote.
"""

from heapq import merge
from itertools import islice
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


def visible(rows: QuerySet[Row], user: Any, *, conversation: str = "conversation") -> QuerySet[Row]:
    """Those of the rows that a user sees: inbound or outbound texts, or what has its ``conversation`` elsewhere."""
    return without(rows, hidden_from(user), conversation=conversation)


def without(rows: QuerySet[Row], hidden: list[str], *, conversation: str = "conversation") -> QuerySet[Row]:
    """Those of the rows that belong to none of these conversations."""
    return rows.exclude(**{f"{conversation}__in": hidden}) if hidden else rows


def newest_seen(rows: QuerySet[Any], hidden: list[str], begin: int, end: int) -> list[int]:
    """The keys of the rows from ``begin`` to ``end``, the newest first, that belong to none of these conversations.

    Each conversation has its newest rows side by side in an index (conversation, id), and those of the conversations
    that are seen are merged. A walk by the key alone would read past every row that is hidden, which may be nearly all
    of a million. Conversations are few; each costs two short queries.

    Args:
        rows: texts that such an index is of, not filtered otherwise.
        hidden: see hidden_from.
        begin: how many are passed over.
        end: where to stop; not counted itself.
    """
    seen = [key for key in _conversations(rows) if key not in hidden]
    newest = [rows.filter(conversation=key).order_by("-pk").values_list("pk", flat=True)[:end] for key in seen]
    return list(islice(merge(*newest, reverse=True), begin, end))


def _conversations(rows: QuerySet[Any]) -> list[str]:
    """The conversations that there are rows of, by one probe of the index for each."""
    found: list[str] = []
    keys = rows.order_by("conversation").values_list("conversation", flat=True)
    while (key := (keys.filter(conversation__gt=found[-1]) if found else keys).first()) is not None:
        found.append(key)
    return found
