"""What may happen that other systems can hear of: one registry, of the types that each app names."""

from collections.abc import Sequence
from typing import Any

from messaging import registry
from messaging.duties import EventType, EventTypes
from messaging.visibility import hidden_from

API_VERSION = "1"


TEST = EventType(
    name="webhook.test",
    what="Somebody asked for a test. Sent to that endpoint alone, whatever types it has chosen.",
    permission="",
    schema={
        "type": "object",
        "properties": {"endpoint": {"type": "string"}, "requested_by": {"type": "string"}},
        "required": ["endpoint", "requested_by"],
    },
    example={"endpoint": "Dispatch", "requested_by": "alice"},
)


def groups() -> Sequence[EventTypes]:
    """The types that can be chosen, app by app."""
    return registry.event_types()


def chosen_from() -> dict[str, EventType]:
    """The types that can be chosen, by name."""
    return {one.name: one for group in groups() for one in group.types}


def every() -> dict[str, EventType]:
    """All there are, by name: those that can be chosen, and the test."""
    return chosen_from() | {TEST.name: TEST}


def may_see(one: EventType, user: Any) -> bool:
    """Whether somebody may see events of a type, and have them sent elsewhere."""
    if one.permission and not user.has_perm(one.permission):
        return False
    return not (one.every_conversation and hidden_from(user))


def seen_by(user: Any) -> list[str]:
    """The names of the types whose events a user may see."""
    return [name for name, one in every().items() if may_see(one, user)]
