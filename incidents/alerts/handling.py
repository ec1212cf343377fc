"""An alert is worked: the only writer of its outcome and of troubles.

The row of the source is locked meanwhile, so two workers never work alerts of one source at once: repeats that come in
the same instant find the first one's trouble, and the limit counts what was really opened. The constraint below it
(one open trouble for each key) would fail loudly where the lock did not hold.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, OuterRef, Subquery

from incidents.alerts import decisions, intake, opening, storms, windows
from incidents.alerts.decisions import Do, Known
from incidents.models import (
    Alert,
    AlertRule,
    AlertSource,
    AlertState,
    EscalationPolicy,
    Hold,
    MaintenanceWindow,
    Outcome,
    Trouble,
)
from messaging import trace

logger = logging.getLogger(__name__)

# So many share a transaction, and the lock of their source.
_TOGETHER = 25
_MOST_ATTEMPTS = 10
_LONGEST_PAUSE = 600
_NOT_THEIR_FAULT = (OperationalError, InterfaceError)

_OUTCOMES = {
    Do.OPEN: Outcome.OPENED,
    Do.REPEAT: Outcome.REPEAT,
    Do.SILENCE: Outcome.SILENCED,
    Do.HOLD: Outcome.OVER_LIMIT,
    Do.IGNORE: Outcome.IGNORED,
    Do.CLOSE: Outcome.CLOSED,
    Do.NOTHING: Outcome.NOTHING,
    Do.LATE: Outcome.LATE,
}
_NEW = (Do.OPEN, Do.SILENCE, Do.HOLD)
# Only these are told in the log: repeats come for as long as something fires.
_NEWS = (Do.OPEN, Do.CLOSE)
_HOLDS = {Do.SILENCE: Hold.WINDOW, Do.HOLD: Hold.STORM}


@dataclass(slots=True)
class _At:
    """A source while its alerts are worked."""

    source: AlertSource
    now: datetime
    rules: list[AlertRule]
    windows: list[MaintenanceWindow]
    opened: int


def sources_with_work(now: datetime) -> list[int]:
    """Sources that have work, those with the oldest alert first. Indexes incidents_alert_turn, _trouble_held."""
    # Each source once, here and below: thousands of a noisy one must not hide another's.
    waiting = Alert.objects.filter(source=OuterRef("pk"), outcome=Outcome.WAITING, not_before__lte=now).order_by("id")
    sources = AlertSource.objects.annotate(oldest=Subquery(waiting.values("pk")[:1])).filter(oldest__isnull=False)
    keys = list(sources.order_by("oldest").values_list("pk", flat=True))
    keys += windows.over(now).order_by().values_list("source_id", flat=True).distinct()[:200]
    keys += storms.untold().order_by().values_list("source_id", flat=True).distinct()[:200]
    return list(dict.fromkeys(keys))


def work_some(source_id: int, now: datetime) -> bool:
    """Work a few alerts of one source, oldest first, all or none. Returns whether there was anything to do.

    Raises:
        django.db.OperationalError, django.db.InterfaceError: the database is in trouble. What waits goes on waiting.
    """
    with transaction.atomic():
        # The weaker lock: a delivery refers to the source, and is not stored before a stronger one is given back.
        source = AlertSource.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=source_id).first()
        if source is None:
            # Another worker is at it.
            return False
        waiting = Alert.objects.filter(source=source, outcome=Outcome.WAITING, not_before__lte=now).order_by("id")
        alerts = list(waiting[:_TOGETHER])
        held = list(windows.over(now).filter(source=source).order_by("id")[:_TOGETHER])
        at = _begin(source, now)
        for alert in alerts:
            _work(at, alert)
        for trouble in held:
            _go_on(at, trouble)
        if not alerts and not held:
            # Only now: so a storm's incident tells of all that came, and not of the first few.
            return storms.tell(source, at.rules, now)
    return True


def _begin(source: AlertSource, now: datetime) -> _At:
    since = now - timedelta(minutes=source.limit_minutes)
    opened = Trouble.objects.filter(source=source, incident_at__gt=since, is_storm=False)
    return _At(
        source,
        now,
        list(source.rules.select_related("policy").order_by("position")),
        list(windows.active(source, now)),
        len(opened.values_list("pk")[: source.limit]),
    )


def _work(at: _At, alert: Alert) -> None:
    # What it leads to speaks of its delivery: the texts, and what goes wrong.
    with trace.caused_by(intake.trace_of(alert.delivery_id)):
        _try(at, alert)


def _try(at: _At, alert: Alert) -> None:
    try:
        # A savepoint: of an alert that raises nothing is stored, and the others are worked all the same.
        with transaction.atomic():
            _decide_and_do(at, alert)
    except _NOT_THEIR_FAULT:
        raise
    except ValidationError as problem:
        _put_back(alert, at.now, " ".join(problem.messages))
    except Exception as problem:
        logger.exception("Alert %s could not be worked", alert.pk)
        _put_back(alert, at.now, type(problem).__name__)


def _decide_and_do(at: _At, alert: Alert) -> None:
    known = _open_trouble(at.source, alert.digest)
    window = windows.covering(at.windows, alert.labels)
    policy, why = opening.policy_for(at.source, at.rules, alert.labels)
    verdict = decisions.decide(
        alert.state,
        None if known is None else Known(known.hold, _attended(known)),
        in_window=window is not None,
        has_policy=policy is not None,
        opened=at.opened,
        limit=at.source.limit,
        outdated=_outdated(alert),
    )
    if verdict.anew and known is not None:
        _close(known, at.now)
        known = None
    trouble, reason = known, ""
    if verdict.do in _NEW:
        trouble = _new_trouble(at, alert, verdict.do, window)
        if verdict.do is Do.OPEN and policy is not None:
            _give_incident(at, trouble, policy)
        trouble.save(force_insert=True)
    elif known is not None:
        reason = _news_of(at, known, verdict.do)
    alert.outcome, alert.trouble = _OUTCOMES[verdict.do], trouble
    alert.reason = reason or _why(at, alert, verdict.do, why, window)
    alert.incident = trouble.incident if trouble else None
    alert.save(update_fields=["outcome", "reason", "trouble", "incident"])
    if verdict.do in _NEWS and alert.incident is not None:
        logger.info("Alert %s: %s, incident %s", alert.pk, alert.outcome, alert.incident.incident_id)


def _news_of(at: _At, known: Trouble, do: Do) -> str:
    """Write what is new of a trouble that is open. Returns what was done, in words, if there is anything to say."""
    if do is Do.REPEAT:
        Trouble.objects.filter(pk=known.pk).update(repeats=F("repeats") + 1, last_at=at.now)
    return _end(at, known) if do is Do.CLOSE else ""


def _why(at: _At, alert: Alert, do: Do, by_rule: str, window: MaintenanceWindow | None) -> str:
    match do:
        case Do.OPEN | Do.IGNORE:
            return by_rule
        case Do.SILENCE:
            return f"Window: {window}"
        case Do.HOLD:
            return f"More than {at.source.limit} new incidents in {at.source.limit_minutes} minutes"
        case Do.NOTHING:
            return "Nothing was open" if alert.state == AlertState.RESOLVED else "It is not known whether it fires"
        case Do.LATE:
            return "Newer news came before it"
    return ""


def _outdated(alert: Alert) -> bool:
    """Whether its key has had newer news: worked before it, or, if it is tried again, since."""
    others = Alert.objects.filter(source_id=alert.source_id, digest=alert.digest).exclude(pk=alert.pk)
    if alert.attempts and others.filter(pk__gt=alert.pk).exclude(outcome=Outcome.WAITING).exists():
        return True
    if alert.changed_at is None:
        return False
    return others.filter(changed_at__gt=alert.changed_at).exclude(outcome=Outcome.WAITING).exists()


def _open_trouble(source: AlertSource, digest: str) -> Trouble | None:
    rows = Trouble.objects.filter(source=source, digest=digest, closed_at__isnull=True)
    return rows.select_related("incident", "storm__incident").first()


def _attended(trouble: Trouble) -> bool:
    incident = trouble.incident
    if trouble.hold == Hold.STORM:
        # Not told of yet is soon told of.
        incident = trouble.storm.incident if trouble.storm else None
        return trouble.storm is None or (incident is not None and incident.status in opening.ATTENDED)
    return incident is None or incident.status in opening.ATTENDED


def _new_trouble(at: _At, alert: Alert, do: Do, window: MaintenanceWindow | None) -> Trouble:
    return Trouble(
        source=at.source,
        key=alert.key,
        digest=alert.digest,
        description=alert.description,
        url=alert.url,
        labels=alert.labels,
        hold=_HOLDS.get(do, Hold.NONE),
        window=window if do is Do.SILENCE else None,
        opened_at=at.now,
        last_at=at.now,
    )


def _give_incident(at: _At, trouble: Trouble, policy: EscalationPolicy) -> None:
    """Open the incident of a trouble, which is not stored here."""
    trouble.incident = opening.open_for(at.source, trouble.description, trouble.url, trouble.labels, policy)
    trouble.incident_at, trouble.hold, trouble.window = at.now, Hold.NONE, None
    at.opened += 1


def _end(at: _At, trouble: Trouble) -> str:
    _close(trouble, at.now)
    if trouble.incident is not None:
        return opening.end(trouble.incident, at.source, at.now)
    if trouble.storm is not None:
        storms.one_ended(trouble.storm, at.source, at.now)
    return "It ended before anybody was texted about it alone"


def _close(trouble: Trouble, now: datetime) -> None:
    Trouble.objects.filter(pk=trouble.pk, closed_at__isnull=True).update(closed_at=now)


def _go_on(at: _At, trouble: Trouble) -> None:
    """A window has ended and the trouble has not: another window holds it, or it opens its incident now."""
    window = windows.covering(at.windows, trouble.labels)
    policy, _ = opening.policy_for(at.source, at.rules, trouble.labels)
    verdict = decisions.decide(
        "firing",
        None,
        in_window=window is not None,
        has_policy=policy is not None,
        opened=at.opened,
        limit=at.source.limit,
    )
    try:
        with transaction.atomic():
            match verdict.do:
                case Do.SILENCE:
                    trouble.window = window
                case Do.HOLD:
                    trouble.hold, trouble.window = Hold.STORM, None
                case Do.OPEN if policy is not None:
                    _give_incident(at, trouble, policy)
                case _:
                    trouble.closed_at = at.now
            trouble.save()
            if trouble.incident is not None:
                trouble.alerts.update(incident=trouble.incident)
    except _NOT_THEIR_FAULT:
        raise
    except Exception:
        # It must neither be lost nor keep the others waiting: whoever is on duty is told by the log and the audit.
        logger.exception("Trouble %s could not go on after its window", trouble.pk)
        Trouble.objects.filter(pk=trouble.pk).update(hold=Hold.STORM, window=None)


def _put_back(alert: Alert, now: datetime, reason: str) -> None:
    """Try again later; in the end it has failed, and the audit says so."""
    # What was about to be stored may stand here already.
    alert.outcome, alert.attempts = Outcome.WAITING, alert.attempts + 1
    alert.reason = reason[:1000]
    alert.not_before = now + timedelta(seconds=min(_LONGEST_PAUSE, 15 * 2**alert.attempts))
    if alert.attempts >= _MOST_ATTEMPTS:
        alert.outcome = Outcome.FAILED
    logger.error("Alert %s could not be worked: %s", alert.pk, alert.reason)
    alert.save(update_fields=["attempts", "reason", "not_before", "outcome"])
