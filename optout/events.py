"""What other systems hear of consent: how somebody stands with a number of ours, when that changes."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.utils.module_loading import import_string

from messaging.events import EventType, publish

CHANGED = "consent.changed"
# By name: the API imports what imports this.
_STANDING = "optout.api.serializers.standing"


class ConsentEvents:
    """See messaging.duties.EventTypes."""

    title = "Consent"

    @property
    def types(self) -> Sequence[EventType]:
        """One, with how they stand now, as GET consent/ says it."""
        return [
            EventType(
                CHANGED,
                "Somebody has opted out or in, so that they stand otherwise than before with a number of ours; a blank "
                "number means every one with which they do not stand in a way of its own.",
                "optout.view_consent",
                "Consent",
                {
                    "phone_number": "+14255550182",
                    "origination_identity": "+14255550100",
                    "state": "opted_out",
                    "since": "2026-07-01T12:00:00Z",
                    "source": "sms",
                },
            )
        ]


def changed(phone_number: str, scopes: Iterable[str]) -> None:
    """Tell how somebody stands with these numbers of ours, in the transaction that changes it."""
    for scope in sorted(scopes):
        publish(CHANGED, subject=phone_number, data=partial(_standing, phone_number, scope))


def _standing(phone_number: str, scope: str) -> Any:
    return import_string(_STANDING)(phone_number, scope)
