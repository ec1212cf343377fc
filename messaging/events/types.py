"""What may happen that other systems can hear of: one registry, of the types that each app names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from messaging import registry
from messaging.visibility import hidden_from

API_VERSION = "1"


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event.

    Attributes:
        name: as other systems see it: ``incident.acknowledged``.
        what: when it happens, a sentence for people.
        permission: what somebody needs to see such events, and to have them sent elsewhere; blank: to see the log.
        every_conversation: they may be of any conversation: only who sees the texts of all of them may have them.
        schema: the name of the component of the API's OpenAPI schema that ``data`` follows, or a JSON schema with
            references to such components.
        example: such data.
    """

    name: str
    what: str
    permission: str
    schema: str | Mapping[str, Any]
    example: Mapping[str, Any]
    every_conversation: bool = False

    def may_be_seen_by(self, user: Any) -> bool:
        """Whether somebody may see such events, and have them sent elsewhere."""
        if self.permission and not user.has_perm(self.permission):
            return False
        return not (self.every_conversation and hidden_from(user))

    @property
    def json_schema(self) -> dict[str, Any]:
        """The schema of ``data``; references are into /api/schema/."""
        return component(self.schema) if isinstance(self.schema, str) else dict(self.schema)


class EventTypes(Protocol):
    """The types of one app. Named by dotted path in settings.MESSAGING["EVENT_TYPES"]."""

    title: str

    @property
    def types(self) -> Sequence[EventType]:
        """In the order in which people read them."""


def component(name: str) -> dict[str, Any]:
    """A reference to a component of the API's schema."""
    return {"$ref": f"#/components/schemas/{name}"}


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


def seen_by(user: Any) -> list[str]:
    """The names of the types whose events a user may see."""
    return [name for name, one in every().items() if one.may_be_seen_by(user)]
