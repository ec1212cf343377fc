"""Incidents for troubles: their ids, whom they ask, and how they end."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F

from incidents import lifecycle, understanding
from incidents.alerts import matching, words
from incidents.models import AlertRule, AlertSource, EscalationPolicy, Incident, Status

_MOST_TRIES = 50
# An incident in one of these has somebody's attention: repeats of its trouble text nobody.
ATTENDED = (Status.NOT_ACKNOWLEDGED, Status.ACKNOWLEDGED, Status.UNACKNOWLEDGED)


def policy_for(
    source: AlertSource, rules: Sequence[AlertRule], labels: Mapping[str, str]
) -> tuple[EscalationPolicy | None, str]:
    """Whom an alert asks: by the first rule that matches, else the source's default. And why, in words."""
    for rule in rules:
        if matching.matches(rule.matchers, labels):
            return rule.policy, f"Rule {rule.position} ({rule.matchers})"
    return source.policy, "No rule matches" + ("" if source.policy else ", and the source has no default policy")


def open_for(
    source: AlertSource, description: str, url: str, labels: Mapping[str, str], policy: EscalationPolicy
) -> Incident:
    """Open an incident under the next id of a source, whose row the caller has locked.

    Raises:
        django.core.exceptions.ValidationError: what lifecycle refuses, such as a policy without people.
    """
    texted = words.link(url, description)
    for _ in range(_MOST_TRIES):
        incident_id = _next_id(source)
        # People may have opened one by hand under such an id; it is theirs.
        if understanding.is_reserved(incident_id) or _is_taken(incident_id):
            continue
        incident, _ = lifecycle.open_incident(
            lifecycle.Request(incident_id, description, texted, escalation_policy=policy.name), actor=source.name
        )
        note = "\n".join(part for part in (words.labels_told(labels), url if url != texted else "") if part)
        if note:
            lifecycle.add_note(incident.incident_id, actor=source.name, note=note)
        return incident
    raise RuntimeError(f"{_MOST_TRIES} ids in a row of {source} are taken.")


def end(incident: Incident, source: AlertSource, now: datetime) -> str:
    """End an incident because its trouble has ended. Returns what was done, in words."""
    try:
        outcome = lifecycle.over(incident.incident_id, actor=source.name, note=f"{source.name} says that it is over.")
    except lifecycle.NotAllowed:
        return f"Incident {incident} had ended before."
    return f"Incident {incident} is {outcome.incident.get_status_display().lower()}."


def _is_taken(incident_id: str) -> bool:
    # By hand it may have been written in small letters, and people answer in either.
    return Incident.objects.filter(incident_id__in=[incident_id, incident_id.lower()]).exists()


def _next_id(source: AlertSource) -> str:
    source.last_number += 1
    AlertSource.objects.filter(pk=source.pk).update(last_number=F("last_number") + 1)
    return f"{source.prefix}{source.last_number}"
