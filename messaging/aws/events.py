"""The configuration set, and the event destination that brings delivery events to our topic."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from messaging.aws.changes import Change, differing
from messaging.aws.session import Session, code
from messaging.aws.wanted import EVENTS, Wanted

DESTINATION = "textback-sns"
# Every event of a text: docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html
MATCHING = ["TEXT_ALL"]


def changes(session: Session, wanted: Wanted) -> Iterator[Change]:
    """The set, then its destination."""
    name = wanted.configuration_set
    present = _configuration_set(session, name)
    if present is None:
        yield Change(
            f"Configuration set {wanted.configuration_set_arn}",
            None,
            {"ConfigurationSetName": name},
            lambda: session.sms.create_configuration_set(ConfigurationSetName=name),
        )
    members = {"MatchingEventTypes": MATCHING, "SnsDestination": {"TopicArn": wanted.topic(EVENTS)}}
    what = f"Event destination {name}/{DESTINATION}"
    found = [one for one in (present or {}).get("EventDestinations", []) if one["EventDestinationName"] == DESTINATION]
    if not found:
        yield Change(
            what,
            None,
            members,
            lambda: session.sms.create_event_destination(
                ConfigurationSetName=name, EventDestinationName=DESTINATION, **members
            ),
        )
        return
    before, after = differing(found[0], {"Enabled": True, **members})
    if after:
        yield Change(
            what,
            before,
            after,
            lambda: session.sms.update_event_destination(
                ConfigurationSetName=name, EventDestinationName=DESTINATION, **after
            ),
        )


def _configuration_set(session: Session, name: str) -> dict[str, Any] | None:
    try:
        found: list[dict[str, Any]] = session.sms.describe_configuration_sets(ConfigurationSetNames=[name])[
            "ConfigurationSets"
        ]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return None
        raise
    return found[0] if found else None
