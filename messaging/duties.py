"""What may be plugged into messaging beside conversations: work, topics, figures, audits, personal data, events.

As in messaging.contracts, plug-ins are named by dotted path in settings.MESSAGING. Nothing here touches the database.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.db.models import Q

    from messaging.audit.findings import Check
    from messaging.counting import Counted, Gauge
    from messaging.privacy.names import Person
    from messaging.privacy.tables import Table


class WorkList(Protocol):
    """Rows waiting for somebody, and the function that looks at them. Jobs carry no work, only its name."""

    name: str
    queue: str

    def is_due(self, now: datetime) -> bool:
        """Whether a wake-up is worth while. Asked by the sweep every few seconds: one cheap indexed query."""

    def run(self) -> None:
        """Look at the list now. Several processes may run it at once; it returns when nothing is due."""


class DayFigures(Protocol):
    """Counts what happened on a day, for charts. Asked by a worker now and then, never by a page."""

    name: str

    def of(self, begin: datetime, end: datetime) -> Mapping[str, Any]:
        """The figures of the time from ``begin`` to before ``end``, as JSON has them."""


class Figures(Protocol):
    """Tells how things stand, and what is counted as it happens, for /metrics."""

    counted: "Sequence[Counted]"

    def standing(self, now: datetime) -> "Iterable[Gauge]":
        """How things stand now. Asked every few seconds: a fixed number of queries, each by an index and bounded."""


class TopicReader(Protocol):
    """Reads the notifications of a topic of its own: MESSAGING["TOPIC_READERS"] is a topic's ARN → dotted path."""

    def take(self, topic_arn: str, sns_message_id: str, payload: Mapping[str, Any]) -> str:
        """Store a notification, once however often SNS brings it; think later. Returns a sentence for the answer.

        Called when the signature is verified, outside any transaction; it is committed when this returns.

        Args:
            topic_arn: the topic.
            sns_message_id: the same when SNS brings it again.
            payload: the message, a JSON object that any database can keep.

        Raises:
            messaging.outbound.delivery.Unreadable: it can never be understood: 400, and SNS does not bring it again.
        """


class Audit(Protocol):
    """Checks that the database is consistent, and that nothing is stuck or lost. Made by `manage.py audit`."""

    name: str

    def checks(self) -> "Sequence[Check]":
        """The checks, each "name.what_it_finds". They read, and neither write nor lock."""

    def sizes(self) -> Mapping[str, int]:
        """How much there is that the checks look at, by its name in words."""


class PersonalData(Protocol):
    """What an app holds of people. Asked when somebody is to be erased, wants to know, or rows have become too old.

    Every field of an app's tables that can hold words is covered by one of its ``tables``, or stands in ``kept`` with
    the reason: tests walk the models.
    """

    name: str
    kept: Mapping[str, str]
    """``app.Model.field`` → why no word of it goes: whose it is, or that it names nobody."""

    def tables(self) -> "Sequence[Table]":
        """The tables in the order in which they are done: what is found by another row comes before that."""

    def obstacles(self, person: "Person") -> Sequence[str]:
        """Why they cannot be erased now, a sentence each with what to do. Reads only."""

    def end(self, person: "Person", *, actor: str) -> None:
        """End what can be ended of what stands in the way, by the functions that own it. Called in no transaction."""

    def names(self, phone_number: str) -> Sequence[str]:
        """The names that the app knows them by."""

    def takes_part(self, phone_number: str) -> Collection[tuple[str, str]]:
        """Conversation and subject of what they take part in, whose texts to others may call them by name."""

    def open_rows(self) -> Mapping[str, "Q"]:
        """Label of a table of any app → its rows that this app still needs, however old they are."""


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

    @property
    def json_schema(self) -> dict[str, Any]:
        """The schema of ``data``; references are into /api/schema/."""
        return component(self.schema) if isinstance(self.schema, str) else dict(self.schema)


class EventTypes(Protocol):
    """The types of events of one app. Named by dotted path in settings.MESSAGING["EVENT_TYPES"]."""

    title: str

    @property
    def types(self) -> Sequence[EventType]:
        """In the order in which people read them."""


def component(name: str) -> dict[str, Any]:
    """A reference to a component of the API's schema."""
    return {"$ref": f"#/components/schemas/{name}"}
