"""DynamoDB's typed attributes as plain values. Pure.

Forms: the lines of an export to S3 ({"Item": …}; {"NewImage": …} of an incremental one), items of `aws dynamodb scan`,
and items that a document client wrote, which have no types. Source:
docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from collections.abc import Mapping
from typing import Any

_AS_IT_IS = {"S", "B", "BOOL", "SS", "BS"}
_TYPES = _AS_IT_IS | {"N", "NS", "NULL", "M", "L"}


def plain_row(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of whatever kind; one of DynamoDB without its types."""
    for name in ("Item", "NewImage"):
        if isinstance(item := values.get(name), Mapping):
            return plain(item)
    return plain(values)


def plain(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item without types, if it has them. Numbers stay text, as DynamoDB writes them."""
    if item and all(_is_typed(value) for value in item.values()):
        return {name: _value(value) for name, value in item.items()}
    return item


def _is_typed(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _TYPES


def _value(typed: Any) -> Any:
    if not _is_typed(typed):
        return typed
    ((kind, value),) = typed.items()
    if kind == "NULL":
        return None
    if kind == "M":
        return {name: _value(one) for name, one in value.items()}
    if kind == "L":
        return [_value(one) for one in value]
    return value
