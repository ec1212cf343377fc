"""JSON of one's own: staff say where its fields are. Pure."""

from collections.abc import Mapping
from typing import Any

from incidents.alerts import paths, words
from incidents.alerts.formats.fields import refuse
from incidents.alerts.values import FIRING, RESOLVED, Mapped, Reading, Signal

_MOST_LABELS, _LONGEST_VALUE = 64, 500


def read(payload: Mapping[str, Any], mapped: Mapped) -> Reading:
    """The alert of one request.

    Raises:
        incidents.alerts.values.Unreadable: nothing is where a field should be, or it is neither text nor number.
    """
    problems: dict[str, list[str]] = {}

    def scalar(path: str, meaning: str, *, required: bool = True) -> str:
        value = paths.find(payload, path) if path else None
        if isinstance(value, str | int | float) and paths.text(value):
            return paths.text(value)
        if required:
            found = "Nothing is here" if value is None or value == "" else "This is neither text nor number"
            problems.setdefault(path, []).append(f"{found}, and the source takes {meaning} from it.")
        return ""

    key = scalar(mapped.key, "what tells one trouble from another")
    status = scalar(mapped.status, "the status") if mapped.status else ""
    state = RESOLVED if status.casefold() in mapped.resolved and status else FIRING
    # What ends a trouble need not say again what it was.
    said = scalar(mapped.description, "the description", required=state == FIRING)
    url = words.first_link([scalar(mapped.url, "the link", required=False)])
    refuse(problems)
    labels = paths.scalars(payload, _MOST_LABELS, _LONGEST_VALUE)
    return Reading([Signal(key, state, words.short(said or key), url, labels)])


def resolved_values(text: str) -> frozenset[str]:
    """The values of a status that end an incident, from a list with commas; capitals make no difference."""
    return frozenset(word.strip().casefold() for word in text.split(",") if word.strip())
