"""Dotted paths of settings.MESSAGING → objects. One instance of each for a process; resolved on first use.

Read lazily, so that override_settings simply works; messaging.checks proves every path at start.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from messaging.contracts import Carrier, Conversation, Interceptor, SendGuard, Words
from messaging.duties import Audit, DayFigures, EventTypes, Figures, PersonalData, TopicReader, WorkList

_instances: dict[str, Any] = {}


def _instance(path: str) -> Any:
    if path not in _instances:
        _instances[path] = import_string(path)()
    return _instances[path]


def configured(key: str) -> Any:
    """The raw value of one key of settings.MESSAGING, or None."""
    return settings.MESSAGING.get(key)


def carrier() -> Carrier:
    """The carrier that sends."""
    instance: Carrier = _instance(settings.MESSAGING["CARRIER"])
    return instance


def interceptors() -> Sequence[Interceptor]:
    """Who sees an inbound text before any conversation, in order."""
    return [_instance(path) for path in settings.MESSAGING.get("INTERCEPTORS", [])]


def conversations() -> Mapping[str, Conversation]:
    """The conversations by key, in the order in which they are asked."""
    return {key: _instance(path) for key, path in settings.MESSAGING.get("CONVERSATIONS", {}).items()}


def send_guards() -> Sequence[SendGuard]:
    """Who may forbid a text."""
    return [_instance(path) for path in settings.MESSAGING.get("SEND_GUARDS", [])]


def work_lists() -> Mapping[str, WorkList]:
    """The lists of waiting work by name."""
    found: dict[str, WorkList] = {}
    for path in settings.MESSAGING.get("WORK_LISTS", []):
        work_list: WorkList = _instance(path)
        found[work_list.name] = work_list
    return found


def daily() -> Sequence[DayFigures]:
    """Who counts what happened on each day."""
    return [_instance(path) for path in settings.MESSAGING.get("DAILY", [])]


def figures() -> Sequence[Figures]:
    """Who tells how things stand, for /metrics."""
    return [_instance(path) for path in settings.MESSAGING.get("FIGURES", [])]


def words() -> Sequence[Words]:
    """Who says phrases, in the order in which staff see them."""
    return [_instance(path) for path in settings.MESSAGING.get("WORDS", [])]


def event_types() -> Sequence[EventTypes]:
    """Who names types of events for other systems, in the order in which people see them."""
    return [_instance(path) for path in settings.MESSAGING.get("EVENT_TYPES", [])]


def personal_data() -> Sequence[PersonalData]:
    """Who holds something of people, in the order in which they are erased."""
    return [_instance(path) for path in settings.MESSAGING.get("PERSONAL_DATA", [])]


def audits() -> Mapping[str, Audit]:
    """Who proves that what the database says is consistent, by name."""
    found: dict[str, Audit] = {}
    for path in settings.MESSAGING.get("AUDITS", []):
        audit: Audit = _instance(path)
        found[audit.name] = audit
    return found


def topic_readers() -> Mapping[str, TopicReader]:
    """Who reads what comes from topics that bring neither texts nor delivery events, by the topic's ARN."""
    return {arn: _instance(path) for arn, path in settings.MESSAGING.get("TOPIC_READERS", {}).items()}


def forget() -> None:
    """Have every plug-in made anew when it is next asked for."""
    _instances.clear()


def _forget(*, setting: str, **_: object) -> None:
    if setting == "MESSAGING":
        forget()


setting_changed.connect(_forget)
