"""Alert sources as they are set up: what admin and API check and save alike."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from incidents import understanding
from incidents.models import AlertRule, AlertSource, EscalationPolicy, Grouping, SourceKind

# What a kind has no use for is emptied, so that nobody reads meaning into it.
_ONLY_GENERIC = ("key_path", "description_path", "url_path", "status_path", "resolved_values")
_GROUPED = (SourceKind.ALERTMANAGER, SourceKind.GRAFANA)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as somebody writes it."""

    matchers: str
    policy: EscalationPolicy | None


def complete(source: AlertSource) -> None:
    """Fill in what follows from the rest: address and prefix from the name; nothing that the kind has no use for."""
    source.slug = source.slug or slug_of(source.name)
    source.prefix = (source.prefix or _free_prefix(source)).upper()
    if source.kind != SourceKind.GENERIC:
        for name in _ONLY_GENERIC:
            setattr(source, name, "")
    if source.kind != SourceKind.CLOUDWATCH:
        source.topic_arn = ""
    if source.kind not in _GROUPED:
        source.grouping = Grouping.ALERT


def check(source: AlertSource) -> None:
    """What no column can say by itself.

    Raises:
        django.core.exceptions.ValidationError: on the fields at fault.
    """
    problems: dict[str, list[str]] = {}
    if source.kind == SourceKind.GENERIC:
        for name in ("key_path", "description_path"):
            if not getattr(source, name):
                problems[name] = ["Say where this is in the JSON that comes."]
        if source.status_path and not source.resolved_values.strip(", "):
            problems["resolved_values"] = ["Say which values end an incident, or leave the path of the status empty."]
    if source.kind == SourceKind.CLOUDWATCH and not source.topic_arn:
        problems["topic_arn"] = ["Give the ARN of the SNS topic that the alarms notify."]
    if understanding.is_reserved(source.prefix):
        # "Y1" is a YES to 1.
        problems["prefix"] = ["People answer with this word; choose another."]
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def change(pk: int, values: Mapping[str, Any], rules: Sequence[RuleDraft] | None = None) -> AlertSource:
    """Change some fields of a source; with rules, these instead of those it has. What others change meanwhile stays.

    Raises:
        django.core.exceptions.ValidationError: field by field; also for another kind or another address, for what it
            sends would be read in another way, or come to no door.
    """
    # Locked: each change is checked against what stands there when it is written.
    source = AlertSource.objects.select_for_update(no_key=True).get(pk=pk)
    moved = {name: [_STAYS[name]] for name in _STAYS if name in values and values[name] != getattr(source, name)}
    if moved:
        raise ValidationError(moved)
    for name, value in values.items():
        setattr(source, name, value)
    return save(source, rules)


@transaction.atomic
def save(source: AlertSource, rules: Sequence[RuleDraft] | None = None) -> AlertSource:
    """Save a source; with rules, these instead of those it has.

    Raises:
        django.core.exceptions.ValidationError: field by field.
    """
    complete(source)
    source.clean_fields()
    # In words, before a constraint says it in none.
    check(source)
    source.full_clean()
    # Of one that is there not the counter of ids, which is the workers'.
    written = (
        None if source._state.adding else [one.name for one in source._meta.concrete_fields if one.name not in _NEVER]
    )
    source.save(update_fields=written)
    if rules is not None:
        source.rules.all().delete()
        made = [
            AlertRule(source=source, position=position, matchers=rule.matchers, policy=rule.policy)
            for position, rule in enumerate(rules, start=1)
        ]
        for rule in made:
            rule.clean_fields()
        AlertRule.objects.bulk_create(made)
    return source


_NEVER = {"id", "last_number"}
_STAYS = {
    "kind": "A source keeps its kind. Set up another one.",
    "slug": "A source keeps its address, at which it delivers. Set up another one.",
}


def slug_of(name: str) -> str:
    """An address from a name. Pure."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "alerts"


def _free_prefix(source: AlertSource) -> str:
    """The shortest beginning of the name that no other source has."""
    letters = re.sub(r"[^A-Z]", "", slug_of(source.name).upper()) or "A"
    taken = set(AlertSource.objects.exclude(pk=source.pk).values_list("prefix", flat=True))
    tries = [letters[:length] for length in range(1, 7)] + [f"{letters[:2]}{chr(65 + n)}" for n in range(26)]
    free = (one for one in tries if one not in taken and not understanding.is_reserved(one))
    return next(free, "")
