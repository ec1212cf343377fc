"""What was copied from the API's answers: events for other systems, and answers kept for requests that come again.

They are rewritten, and never deleted. An event that waits keeps its place, its id and its type, and is delivered with
the stand-in; a request that is sent again is answered, and not done again for somebody who was erased (unless its key
is their number: then nobody knows it any more).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q

from messaging import remembering
from messaging.models import RememberedRequest, WebhookAttempt, WebhookEndpoint, WebhookEvent
from messaging.privacy.names import Person, old_id
from messaging.privacy.tables import Table

KEPT: Mapping[str, str] = {
    "messaging.RememberedRequest.claim": "by chance",
    "messaging.RememberedRequest.fingerprint": "a digest of the whole request; forgotten with it after a day",
    "messaging.WebhookEndpoint.created_by": "a username of the staff",
    "messaging.WebhookEndpoint.disabled_by": "a username of the staff",
    "messaging.WebhookEndpoint.lease_owner": "by chance",
    "messaging.WebhookEndpoint.old_secret": "a secret of ours, sealed",
    "messaging.WebhookEndpoint.secret": "a secret of ours, sealed",
    "messaging.WebhookEndpoint.url": "address of a system",
    "messaging.WebhookEvent.event_id": "by chance, or a keyed digest of the occasion",
    "messaging.WebhookEvent.type": "name of a type",
    "messaging.WebhookSubscription.event_type": "name of a type",
}

# Of an object that names them, what was said by or to them and what they are called. See the API's serializers.
_THEIRS = frozenset({"body", "language", "name", "note", "reason", "text", "time_zone"})
# Whatever people write. Other fields are ids and fixed words, which may be the same as somebody's name.
_PROSE = _THEIRS | {"campaign_message", "description", "error_reason", "footer", "shift_info"}
_IDS = frozenset({"carrier_message_id", "contact_id", "inbound_message_id", "previous_published_message_id"})


def scrubbed(text: str, person: Person) -> str:
    """JSON as the API answers it, without somebody: their number and names replaced, what they said and ids gone.

    What is no JSON is a text: number and names are replaced.
    """
    if not text:
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return person.unnamed(text)
    return json.dumps(_scrubbed(found, person), ensure_ascii=False, separators=(",", ":"))


def _scrubbed(value: Any, person: Person, name: str = "") -> Any:
    if isinstance(value, str):
        return person.unnamed(value) if name in _PROSE else person.without(value)
    if isinstance(value, list):
        return [_scrubbed(one, person, name) for one in value]
    if not isinstance(value, dict):
        return value
    is_theirs = person.phone_number in (one for one in value.values() if isinstance(one, str))
    found = {}
    for key, one in value.items():
        if is_theirs and isinstance(one, str) and key in _THEIRS:
            one = ""
        elif is_theirs and isinstance(one, str) and key in _IDS:
            one = old_id(one)
        found[person.without(key)] = _scrubbed(one, person, key)
    return found


def meant_in(event: WebhookEvent, person: Person) -> Person:
    """Somebody, with the names that mean them in an event.

    All of them where their number stands, and in texts of what they take part in: "Ann has it". Elsewhere those that
    are nobody else's.
    """
    if person.without(event.body) != event.body or person.without(event.subject) != event.subject:
        return person
    data = json.loads(event.body)["data"]
    if isinstance(data, dict) and (data.get("conversation"), data.get("subject")) in person.parts:
        return person
    return replace(person, names=person.distinct)


def _event(row: WebhookEvent, person: Person) -> Mapping[str, Any]:
    meant = meant_in(row, person)
    if not meant.names and meant is not person:
        return {}
    body = scrubbed(row.body, meant)
    # Byte for byte the same where nobody of theirs is in it.
    same = json.loads(body) == json.loads(row.body)
    return {"subject": person.without(row.subject), "body": row.body if same else body}


def _attempt(row: WebhookAttempt, person: Person) -> Mapping[str, Any]:
    """Who answers with number or name says the event once more: words would be in it."""
    meant = meant_in(row.delivery.event, person)
    says_it = meant.unnamed(row.response) != row.response
    return {"problem": meant.unnamed(row.problem), "response": "" if says_it else row.response}


def _request(row: RememberedRequest, person: Person) -> Mapping[str, Any]:
    return {"key": person.without(row.key), "body": remembering.sealed(scrubbed(_answered(row), person))}


def _names_them(row: RememberedRequest, person: Person) -> bool:
    """Answers are sealed, so no database finds a number in one. There is a day's worth of them at most."""
    return person.phone_number in row.key or person.phone_number in _answered(row)


def _answered(row: RememberedRequest) -> str:
    try:
        return remembering.opened(row.body)
    except remembering.Illegible:
        # Whoever cannot read it cannot tell anybody either.
        return ""


def tables() -> Sequence[Table]:
    """Found by number and names, which no index finds; early, while it is known what they are called.

    What was answered before the events: these say whom a name means.
    """
    return (
        Table(WebhookAttempt, free=("problem", "response"), mention=_attempt, early=True, by_name=True),
        Table(WebhookEvent, free=("subject", "body"), mention=_event, early=True, by_name=True),
        Table(RememberedRequest, mine=lambda person: Q(), change=_request, sure=_names_them, covers=("key", "body")),
        Table(WebhookEndpoint, free=("name", "disabled_reason")),
    )
