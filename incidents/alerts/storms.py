"""What is over the limit of a source: each alert is kept, and one incident says how many they are.

The storm is itself a trouble of the source. It ends when all that it speaks for have ended.
"""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from incidents import lifecycle
from incidents.alerts import opening
from incidents.models import Alert, AlertRule, AlertSource, EscalationPolicy, Hold, Trouble
from messaging.text import GSM, measure

# No key of a source has such a digest: theirs are of 64 digits.
_DIGEST = "storm"
_LONGEST_NAME = 40


def untold() -> QuerySet[Trouble]:
    """Troubles over a limit of which no incident tells yet. Index incidents_trouble_held."""
    return Trouble.objects.filter(closed_at__isnull=True, hold=Hold.STORM, storm__isnull=True)


def tell(source: AlertSource, rules: Sequence[AlertRule], now: datetime) -> bool:
    """Tell of a source's alerts over its limit: in a new incident, or on the timeline of the one that is open.

    Returns whether there were any. The caller has locked the source.
    """
    over = untold().filter(source=source)
    first = over.order_by("id").first()
    if first is None:
        return False
    storm = _open_storm(source, now)
    if storm is None:
        storm = _begin(source, rules, first, over.count(), now)
        _belong(over, storm)
        return True
    _belong(over, storm)
    told = Trouble.objects.filter(storm=storm).count()
    if storm.incident is not None:
        lifecycle.add_note(
            storm.incident.incident_id, actor=source.name, note=f"{told} alerts are over the limit by now."
        )
    Trouble.objects.filter(pk=storm.pk).update(told=told, last_at=now)
    return True


def one_ended(storm: Trouble, source: AlertSource, now: datetime) -> None:
    """One of those that a storm speaks for has ended; with the last the storm's incident ends."""
    if Trouble.objects.filter(storm=storm, closed_at__isnull=True).exists():
        return
    if Trouble.objects.filter(pk=storm.pk, closed_at__isnull=True).update(closed_at=now) and storm.incident:
        opening.end(storm.incident, source, now)


def description(name: str, count: int, limit: int, minutes: int) -> str:
    """What people read of a storm. Pure."""
    alerts = "1 more alert" if count == 1 else f"{count} more alerts"
    shown = name[:_LONGEST_NAME] if measure(name).encoding == GSM else name[: _LONGEST_NAME // 2]
    return f"{shown}: {alerts} than the {limit} in {minutes} min that are texted one by one. See the list of alerts."


def _belong(over: QuerySet[Trouble], storm: Trouble) -> None:
    over.update(storm=storm)
    Alert.objects.filter(trouble__storm=storm, incident__isnull=True).update(incident=storm.incident)


def _open_storm(source: AlertSource, now: datetime) -> Trouble | None:
    rows = Trouble.objects.filter(source=source, digest=_DIGEST, closed_at__isnull=True).select_related("incident")
    storm = rows.first()
    if storm is None or (storm.incident is not None and storm.incident.status in opening.ATTENDED):
        return storm
    # Staff have ended its incident; what comes now is told of anew.
    Trouble.objects.filter(pk=storm.pk).update(closed_at=now)
    return None


def _begin(source: AlertSource, rules: Sequence[AlertRule], first: Trouble, count: int, now: datetime) -> Trouble:
    text = description(source.name, count, source.limit, source.limit_minutes)
    policy = _policy(source, rules, first)
    incident = opening.open_for(source, text, "", {}, policy)
    return Trouble.objects.create(
        source=source,
        key="over the limit",
        digest=_DIGEST,
        description=text,
        incident=incident,
        incident_at=now,
        is_storm=True,
        told=count,
        opened_at=now,
        last_at=now,
    )


def _policy(source: AlertSource, rules: Sequence[AlertRule], first: Trouble) -> EscalationPolicy:
    """Whoever is asked about the first that is over the limit."""
    policy, _ = opening.policy_for(source, rules, first.labels)
    policy = policy or source.policy or next((rule.policy for rule in rules if rule.policy), None)
    if policy is None:
        raise ValidationError(f"{source} has alerts over its limit and no policy that anybody could be asked by.")
    return policy
