"""System checks: every dotted path of settings.MESSAGING names something that does what its place asks."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string

from messaging.events import posting
from messaging.inbound.sns.errors import Refused
from messaging.inbound.sns.topic import parse_topic_arn
from messaging.validators import QUEUE_ARN, validate_phone_number

# Delivery events come for three days after a text, and SNS may hold them back for some more.
_FEWEST_DAYS = 7
_MOST_DAYS = 36_500
# key of settings.MESSAGING → methods and attributes a plug-in there must have
_CONTRACTS = {
    "CARRIER": ("send", "warm"),
    "INTERCEPTORS": ("intercept", "reserves"),
    "CONVERSATIONS": (
        *("receive", "not_understood", "reserves", "text_settled", "opted_out"),
        *("pages", "places", "view_permission", "assign_permission"),
    ),
    "SEND_GUARDS": ("refusals", "carrier_opted_out", "opted_out_elsewhere"),
    "WORK_LISTS": ("name", "queue", "is_due", "run"),
    "DAILY": ("name", "of"),
    "AUDITS": ("name", "checks", "sizes"),
    "FIGURES": ("counted", "standing"),
    "WORDS": ("title", "permission", "phrases", "pages", "sample"),
    "EVENT_TYPES": ("title", "types"),
    "TOPIC_READERS": ("take",),
    "PERSONAL_DATA": ("name", "kept", "tables", "obstacles", "end", "names", "open_rows"),
}


@register(Tags.compatibility)
def check_plug_ins(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every plug-in can be imported, is a class that needs no arguments, and has its contract's methods."""
    if not isinstance(getattr(settings, "MESSAGING", None), dict):
        return [
            Error(
                "settings.MESSAGING is missing.",
                hint="Copy the MESSAGING dictionary of config/settings.py.",
                id="messaging.E001",
            )
        ]
    return [problem for key, path in _paths() for problem in _problems(key, path)]


@register(Tags.security)
def check_sns(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A local certificate is for development; without topics nothing can come in."""
    found: list[CheckMessage] = []
    if (
        settings.MESSAGING.get("SNS_SIGNING_CERT_FILE")
        and not settings.DEBUG
        and not settings.MESSAGING.get("ALLOW_LOCAL_SNS_CERT")
    ):
        found.append(
            Error(
                "SNS_SIGNING_CERT_FILE is set although DEBUG is off: whoever holds its key could forge texts.",
                hint="Unset it. On a test system without DEBUG set ALLOW_LOCAL_SNS_CERT=1 as well.",
                id="messaging.E010",
            )
        )
    if not settings.MESSAGING.get("SNS_TOPIC_ARNS"):
        found.append(
            checks.Warning(
                "SNS_TOPIC_ARNS is empty: every delivery to /webhooks/sns/ is refused.",
                hint="Set it to the ARNs of your inbound and event topics, separated by commas.",
                id="messaging.W011",
            )
        )
    texts, others = settings.MESSAGING.get("SNS_TOPIC_ARNS") or [], settings.MESSAGING.get("TOPIC_READERS") or {}
    found += [problem for arn in [*texts, *others] for problem in _topic_problems(arn)]
    found += [
        Error(
            f"The topic {arn} is one of SNS_TOPIC_ARNS and has a reader of its own: its texts would not be heard.",
            hint="Let alarms have a topic of their own, and name it in SNS_ALARM_TOPIC_ARNS only.",
            id="messaging.E014",
        )
        for arn in sorted(set(texts) & set(others))
    ]
    return found


@register(Tags.security)
def check_webhooks(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What webhooks may call can be read, and is not everything without encryption."""
    found: list[CheckMessage] = []
    try:
        posting.rules()
    except ValueError as problem:
        found.append(
            Error(
                f"WEBHOOKS_ALLOWED_NETWORKS or WEBHOOKS_PORTS cannot be read: {problem}.",
                hint="Write networks as 10.20.0.0/16 and ports as 443, separated by commas.",
                id="messaging.E020",
            )
        )
    if settings.MESSAGING.get("WEBHOOKS_ALLOW_HTTP") and not settings.DEBUG:
        found.append(
            checks.Warning(
                "WEBHOOKS_ALLOW_HTTP is set although DEBUG is off: events with names and numbers may go unencrypted.",
                hint="Give receivers https:// addresses, and unset it.",
                id="messaging.W015",
            )
        )
    return found


@register(Tags.compatibility)
def check_queues(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """INBOUND is one of two words, and what is to be read from is a queue."""
    found: list[CheckMessage] = []
    way = settings.MESSAGING.get("INBOUND", "webhook")
    if way not in ("webhook", "sqs"):
        found.append(Error(f"INBOUND is {way!r}.", hint="Set it to webhook or to sqs.", id="messaging.E017"))
    if way == "sqs" and not settings.MESSAGING.get("SQS_INBOUND"):
        found.append(
            Error(
                "INBOUND is sqs, but there is no queue to read.",
                hint="Set SQS_INBOUND to the ARN that `manage.py provision_aws --sqs` prints.",
                id="messaging.E018",
            )
        )
    for name in ("SQS_INBOUND", "SQS_DEAD_LETTERS"):
        arn = settings.MESSAGING.get(name)
        if arn and not QUEUE_ARN.fullmatch(arn):
            hint = "It looks like arn:aws:sqs:us-east-1:111122223333:textback-dead-letters."
            found.append(Error(f"{name} is {arn!r}, no ARN of an SQS queue.", hint=hint, id="messaging.E019"))
    return found


@register(Tags.compatibility)
def check_number(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ORIGINATION_IDENTITY is a phone number."""
    number = settings.MESSAGING.get("ORIGINATION_IDENTITY")
    try:
        if number:
            validate_phone_number(number)
    except ValidationError as problem:
        return [
            Error(
                f"ORIGINATION_IDENTITY: {problem.messages[0]}",
                hint="Short codes and sender IDs are added in the admin or by the API.",
                id="messaging.E013",
            )
        ]
    return []


@register(Tags.compatibility)
def check_retention(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Rows are kept for as long as news of them comes, at least."""
    found: list[CheckMessage] = []
    for name in ("RETENTION_TEXTS_DAYS", "RETENTION_EVENTS_DAYS"):
        days = settings.MESSAGING.get(name, 0)
        if days and not _FEWEST_DAYS <= days <= _MOST_DAYS:
            hint = f"Give a number of days from {_FEWEST_DAYS} to {_MOST_DAYS}, or 0 to keep them for ever."
            found.append(Error(f"{name} is {days}.", hint=hint, id="messaging.E017"))
    return found


def _topic_problems(arn: str) -> Iterator[CheckMessage]:
    try:
        parse_topic_arn(arn)
    except Refused as problem:
        yield Error(
            f"SNS_TOPIC_ARNS (or SNS_ALARM_TOPIC_ARNS) has {arn!r}: {problem}",
            hint="An ARN reads arn:aws:sns:us-east-1:123456789012:name; several are separated by commas.",
            id="messaging.E012",
        )


def _paths() -> Iterator[tuple[str, Any]]:
    for key in _CONTRACTS:
        value = settings.MESSAGING.get(key)
        if key == "CARRIER":
            yield key, value
        elif isinstance(value, dict):
            yield from ((key, path) for path in value.values())
        else:
            yield from ((key, path) for path in value or [])


def _problems(key: str, path: Any) -> Iterator[CheckMessage]:
    where = f"MESSAGING[{key!r}]"
    if not isinstance(path, str):
        yield Error(f"{where} has {path!r}, which is no dotted path.", id="messaging.E002")
        return
    try:
        plug_in = import_string(path)
    except ImportError as problem:
        yield Error(
            f"{where}: {path!r} cannot be imported: {problem}.",
            hint="Give the full dotted path of a class, for example 'incidents.replies.IncidentReplies'.",
            id="messaging.E003",
        )
        return
    try:
        instance = plug_in()
    except Exception as problem:
        yield Error(f"{where}: {path!r} cannot be made without arguments: {problem}.", id="messaging.E004")
        return
    missing = [name for name in _CONTRACTS[key] if not hasattr(instance, name)]
    if missing:
        yield Error(
            f"{where}: {path!r} lacks {', '.join(missing)}.",
            hint="messaging/contracts.py says what a plug-in must do.",
            id="messaging.E005",
        )
