"""Paths into JSON, as staff write them: ``alert.labels.host``, ``items.0.id``. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

# Names as they are; a number is a place in a list, or a name where there is no list.
_STEP = re.compile(r"[^.\s][^.]{0,99}")
_MOST_STEPS = 10
# For each value that is kept.
_MOST_LOOKED_AT = 20


def parse(path: str) -> Sequence[str]:
    """The steps of a path.

    Raises:
        ValueError: it is none, in words for whoever wrote it.
    """
    steps = path.split(".")
    if len(steps) > _MOST_STEPS or not all(_STEP.fullmatch(step) for step in steps):
        raise ValueError(
            f"{path[:60]!r} is no path: write names with dots between, as in alert.labels.host or items.0.id "
            f"(at most {_MOST_STEPS})."
        )
    return steps


def find(payload: Any, path: str) -> Any:
    """What is at a path; None when nothing is. Never raises for a path that parses."""
    value = payload
    for step in parse(path):
        match value:
            case Mapping():
                value = value.get(step)
            case list() if step.isascii() and step.isdigit() and len(step) < 6 and int(step) < len(value):
                value = value[int(step)]
            case _:
                return None
    return value


def scalars(payload: Any, most: int, longest: int) -> dict[str, str]:
    """What rules may match of any JSON: path → value as text, of at most so many, each at most so long."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", payload)]
    # Level by level: what stands near the top is what people match.
    for name, value in waiting:
        if len(found) >= most:
            break
        inner: list[tuple[Any, Any]] = []
        match value:
            case Mapping():
                inner = list(islice(value.items(), most))
            case list():
                inner = list(islice(enumerate(value), most))
            case str() | int() | float() if name:
                found[name] = text(value)[:longest]
        if len(waiting) < most * _MOST_LOOKED_AT:
            waiting += [(f"{name}.{key}" if name else str(key), one) for key, one in inner]
    return found


def text(value: str | float) -> str:
    """A value as JSON writes it, without quotation marks: true, 3, words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
