"""Conditions on labels: ``severity=critical, team!=web, host=db-*``. All must hold. Pure.

A star stands for anything, as in a shell; there are no regular expressions, so that no condition can be slow. A label
that an alert has not is the empty text, so ``team!=`` asks for any team, as in Alertmanager
(prometheus.io/docs/alerting/latest/configuration/#matcher).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CONDITION = re.compile(r"\s*(?P<label>[^\s=!,]+(?: [^\s=!,]+)*)\s*(?P<how>!?=)\s*(?P<value>[^,]*?)\s*")
_MOST = 10


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one label. ``value`` may have stars."""

    label: str
    value: str
    equal: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether it does."""
        return _alike(self.value, labels.get(self.label, "")) is self.equal


def parse(text: str) -> Sequence[Condition]:
    """The conditions of a list; of nothing none.

    Raises:
        ValueError: it is no list of conditions, in words for whoever wrote it.
    """
    if not text.strip():
        return ()
    parts = text.split(",")
    if len(parts) > _MOST:
        raise ValueError(f"At most {_MOST} conditions.")
    return tuple(_condition(part) for part in parts)


def matches(text: str, labels: Mapping[str, str]) -> bool:
    """Whether all conditions of a list hold. A list that cannot be read matches nothing."""
    try:
        return all(condition.holds(labels) for condition in parse(text))
    except ValueError:
        return False


def _condition(part: str) -> Condition:
    found = _CONDITION.fullmatch(part)
    if found is None:
        raise ValueError(
            f"{part.strip()[:60]!r} is no condition: write label=value or label!=value, with commas between. "
            "A star stands for anything."
        )
    return Condition(found["label"], found["value"].strip("\"'"), found["how"] == "=")


def _alike(pattern: str, value: str) -> bool:
    """A glob with stars only, in time proportional to the length: each piece is looked for after the one before."""
    first, *others = pattern.split("*")
    if not others:
        return value == first
    *middle, last = others
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for piece in middle:
        found = value.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
