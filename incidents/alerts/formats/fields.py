"""Fields of a payload, each as it must be or noted as wrong. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from incidents.alerts import paths
from incidents.alerts.values import Unreadable

_MOST_LABELS, _LONGEST_NAME, _LONGEST_VALUE = 64, 200, 500
_LONGEST_TEXT = 10_000


class Fields:
    """Reads one object, and remembers what is wrong with it under the names of its fields."""

    def __init__(self, payload: Mapping[str, Any], problems: dict[str, list[str]], where: str = "") -> None:
        self._payload, self._problems, self._where = payload, problems, where

    def wrong(self, name: str, reason: str) -> None:
        """Note what is wrong with a field."""
        self._problems.setdefault(f"{self._where}{name}", []).append(reason)

    def text(self, name: str, *, required: bool = False) -> str:
        """A text; "" when it is missing."""
        value = self._payload.get(name)
        if value is None or value == "":
            if required:
                self.wrong(name, "This field is required.")
            return ""
        if not isinstance(value, str):
            self.wrong(name, "This is no text.")
            return ""
        if required and not value.strip():
            self.wrong(name, "This field is required.")
        return value[:_LONGEST_TEXT]

    def one_of(self, name: str, *choices: str) -> str:
        """One of these values."""
        value = self.text(name, required=True)
        if value and value not in choices:
            self.wrong(name, f"This is none of {', '.join(choices)}.")
        return value

    def whole(self, name: str) -> int:
        """A number from 0; 0 when it is missing."""
        value = self._payload.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
            self.wrong(name, "This is no whole number.")
            return 0
        return value

    def texts(self, name: str) -> dict[str, str]:
        """An object of texts, such as labels; bounded. Empty when it is missing."""
        value = self._payload.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(name, "This is no object.")
            return {}
        for key, inner in value.items():
            if not isinstance(inner, str | int | float):
                self.wrong(f"{name}.{key[:60]}", "This is no text.")
        kept = list(value.items())[:_MOST_LABELS]
        return {
            key[:_LONGEST_NAME]: paths.text(inner)[:_LONGEST_VALUE]
            for key, inner in kept
            if isinstance(inner, str | int | float)
        }

    def objects(self, name: str, most: int) -> list[Mapping[str, Any]]:
        """A list of objects that is not empty, of at most so many."""
        value = self._payload.get(name)
        if not isinstance(value, list) or not value:
            self.wrong(name, "Give a list of alerts with at least one.")
            return []
        if len(value) > most:
            self.wrong(name, f"{len(value)} alerts at once; at most {most} are taken. Limit them where they are sent.")
            return []
        for place, inner in enumerate(value):
            if not isinstance(inner, dict):
                self.wrong(f"{name}.{place}", "This is no object.")
        return [inner for inner in value if isinstance(inner, dict)]

    def moment(self, name: str) -> datetime | None:
        """A time with its offset; required."""
        value = self.text(name, required=True)
        if not value:
            return None
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.wrong(name, "This is no time in ISO 8601 with offset.")
            return None
        return moment


def refuse(problems: dict[str, list[str]]) -> None:
    """Raises Unreadable when anything is wrong."""
    if problems:
        raise Unreadable(problems)
