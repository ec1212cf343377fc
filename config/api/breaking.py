"""What of a change to the OpenAPI schema would break a client that was written against the one before. Pure.

Broken is: an address, a method, a parameter, a field, a value, a type of body or a status of success that is gone; a
field of another type, or one that may be null now; something that must be sent now. What is new breaks nobody:
docs/api.md says that clients leave aside what they do not know.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


def broken(before: Schema, now: Schema) -> list[str]:
    """Each break, in words. Empty: whoever used it before can go on.

    Args:
        before: an OpenAPI document, as read from YAML.
        now: the one that takes its place.
    """
    return sorted(set(_paths(_Document(before), _Document(now))))


class _Document:
    """A document whose references are followed."""

    def __init__(self, content: Schema) -> None:
        self.content = content

    def at(self, node: Any) -> Schema:
        """A node, or what it refers to; parts put together by allOf are one."""
        if not isinstance(node, Mapping):
            return {}
        if "$ref" in node:
            found: Any = self.content
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found.get(part, {})
            return self.at(found)
        if "allOf" in node:
            whole: dict[str, Any] = {}
            for part in node["allOf"]:
                whole |= self.at(part)
            return whole | {name: value for name, value in node.items() if name != "allOf"}
        return node


def _paths(before: _Document, now: _Document) -> Iterator[str]:
    for path, ways in before.content.get("paths", {}).items():
        if path not in now.content.get("paths", {}):
            yield f"{path} is gone"
            continue
        for method in _METHODS:
            if method not in ways:
                continue
            where = f"{method.upper()} {path}"
            if (another := now.content["paths"][path].get(method)) is None:
                yield f"{where} is gone"
            else:
                yield from _operation(before, now, ways[method], another, where)


def _operation(before: _Document, now: _Document, old: Schema, new: Schema, where: str) -> Iterator[str]:
    yield from _parameters(before, now, old, new, where)
    yield from _bodies(before, now, old.get("requestBody"), new.get("requestBody"), where)
    for status, answer in old.get("responses", {}).items():
        if not status.startswith("2"):
            continue
        if status not in new.get("responses", {}):
            yield f"{where}: is not answered {status} any more"
            continue
        contents = now.at(new["responses"][status]).get("content", {})
        for media_type, content in before.at(answer).get("content", {}).items():
            if media_type not in contents:
                yield f"{where}: is not answered as {media_type} any more"
            else:
                told = contents[media_type].get("schema")
                yield from _answered(before, now, content.get("schema"), told, f"{where}, answer {status}")


def _parameters(before: _Document, now: _Document, old: Schema, new: Schema, where: str) -> Iterator[str]:
    olds = {(one["in"], one["name"]): one for one in map(before.at, old.get("parameters", []))}
    news = {(one["in"], one["name"]): one for one in map(now.at, new.get("parameters", []))}
    for key, one in olds.items():
        what = f"{where}: parameter {key[1]}"
        if key not in news:
            yield f"{what} is gone"
        else:
            yield from _sent(before, now, one.get("schema"), news[key].get("schema"), what)
    for key, one in news.items():
        if one.get("required") and not olds.get(key, {}).get("required"):
            yield f"{where}: parameter {key[1]} must be given now"


def _bodies(before: _Document, now: _Document, old: Any, new: Any, where: str) -> Iterator[str]:
    olds, news = before.at(old).get("content", {}), now.at(new).get("content", {})
    if now.at(new).get("required") and not before.at(old).get("required"):
        yield f"{where}: a body must be sent now"
    for media_type, content in olds.items():
        if media_type not in news:
            yield f"{where}: {media_type} is not read any more"
        else:
            yield from _sent(before, now, content.get("schema"), news[media_type].get("schema"), f"{where}, body")


def _sent(before: _Document, now: _Document, old: Any, new: Any, where: str) -> Iterator[str]:
    """What may be sent must go on being taken."""
    old, new = before.at(old), now.at(new)
    yield from _kinds(old, new, where)
    for value in old.get("enum", []):
        if "enum" in new and value not in new["enum"]:
            yield f"{where}: {value!r} is not taken any more"
    olds, news = _writable(before, old), _writable(now, new)
    for name, one in olds.items():
        if name not in news:
            yield f"{where}: {name} is not taken any more"
        else:
            yield from _sent(before, now, one, news[name], f"{where}.{name}")
    for name in new.get("required", []):
        if name in news and name not in old.get("required", []):
            yield f"{where}: {name} must be given now"
    if "items" in old and "items" in new:
        yield from _sent(before, now, old["items"], new["items"], f"{where}[]")


def _writable(document: _Document, node: Schema) -> dict[str, Any]:
    return {name: one for name, one in node.get("properties", {}).items() if not document.at(one).get("readOnly")}


def _answered(before: _Document, now: _Document, old: Any, new: Any, where: str) -> Iterator[str]:
    """What was answered must go on being answered."""
    old, new = before.at(old), now.at(new)
    yield from _kinds(old, new, where)
    if new.get("nullable") and not old.get("nullable"):
        yield f"{where}: may be null now"
    for value in old.get("enum", []):
        if "enum" in new and value not in new["enum"]:
            yield f"{where}: is never {value!r} any more"
    for name, one in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{where}: {name} is gone"
        else:
            yield from _answered(before, now, one, new["properties"][name], f"{where}.{name}")
    if "items" in old and "items" in new:
        yield from _answered(before, now, old["items"], new["items"], f"{where}[]")


def _kinds(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for what in ("type", "format"):
        if what in old and old[what] != new.get(what):
            yield f"{where}: was {old[what]}, is {new.get(what, 'anything')}"
