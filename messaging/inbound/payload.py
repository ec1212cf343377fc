"""JSON from outside that any database can keep: an object, not too deep, of whole texts and finite numbers."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from messaging.outbound.delivery import Unreadable

# Theirs have a few levels. The limit is ours, so that it does not depend on how deep the stack is already.
_DEEPEST = 20


def read(text: str | bytes, name: str) -> Mapping[str, Any]:
    """The object that a text says.

    Args:
        text: JSON; bytes are UTF-8.
        name: of what it is, at the beginning of a sentence.

    Raises:
        Unreadable: it is no JSON, no object, or too deep.
    """
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"{name} is no JSON.") from problem
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is no JSON object.")
    cleaned: Mapping[str, Any] = _storable(value, _DEEPEST, name)
    return cleaned


def _finite(text: str) -> float:
    """What Python reads as infinite, no database stores as JSON."""
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number in JSON")


def _storable(value: Any, levels: int, name: str) -> Any:
    """The same without NUL characters, which PostgreSQL cannot store, and without half an emoji, which nobody can."""
    if not levels:
        raise Unreadable(f"{name} is nested deeper than {_DEEPEST} levels.")
    match value:
        case str():
            if value.isascii() and "\x00" not in value:
                return value
            return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_storable(item, levels - 1, name) for item in value]
        case dict():
            return {_storable(key, levels, name): _storable(item, levels - 1, name) for key, item in value.items()}
    return value
