"""The table of incidents of the sample, as closed history.

Its attributes: incident_id, incident_stat (not_acknowledged, escalation, acknowledged), double_escalation (yes, no),
description, url ("no url": none), first_contact, second_contact, and stat_date: when somebody acknowledged it or it was
given up, written dd/mm/yyyy hh:mm:ss in UTC (the clock of AWS Lambda). Nobody kept when an incident was opened.
Source: github.com/aws-samples/amazon-pinpoint-incident-notifications-mechanism
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

from incidents.lifecycle import importing
from incidents.lifecycle.importing import Past
from messaging import clock
from messaging.exports import Row, Run, moments
from messaging.forms import read_phone_number

_ACKNOWLEDGED = "acknowledged"
_STATUSES = (_ACKNOWLEDGED, "not_acknowledged", "escalation")
_BY = "Amazon Pinpoint"
_NO_URL = "no url"
# What a plan keeps.
_INCIDENTS = "incidents"


class IncidentTable:
    """See messaging.exports.Source. Nobody is texted, and an incident that is here is left as it is."""

    at_once = 1_000

    def __init__(self, *, ended_at: datetime | None = None, opened_at_field: str = "") -> None:
        """What the table does not say.

        Args:
            ended_at: when those ended that have no stat_date; None: they are not taken.
            opened_at_field: an attribute that says when an incident was opened, for whoever has added one.
        """
        self._ended_at, self._opened_at_field = ended_at, opened_at_field

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """A thousand in one transaction."""
        found: dict[str, tuple[Row, Past]] = {}
        for row in batch:
            try:
                past = self._past(row.values)
                importing.check(past)
            except ValidationError as problem:
                run.not_taken(row, " ".join(problem.messages), "Faulty: its id, its contacts, its status or its times.")
                continue
            if past.incident_id in found:
                run.not_taken(row, f"{past.incident_id} stands in the export before.", "Stands in the export before.")
                continue
            found[past.incident_id] = row, past
        there = {**importing.known(list(found)), **(run.planned.get(_INCIDENTS, list(found)) if run.plan else {})}
        for incident_id, digest in there.items():
            row, past = found.pop(incident_id)
            if importing.is_same(past, digest):
                run.counts["unchanged"] += 1
            else:
                run.not_taken(row, f"{incident_id} is here already, with other content.", "Here already, and other.")
        pasts = [past for _, past in found.values()]
        if run.plan:
            run.planned.put(_INCIDENTS, {past.incident_id: past.digest() for past in pasts})
            run.counts["created"] += len(pasts)
        else:
            run.counts["created"] += importing.add(pasts, actor=run.actor)

    def _past(self, values: Mapping[str, Any]) -> Past:
        status = str(values.get("incident_stat") or "").strip()
        if status not in _STATUSES:
            raise ValidationError(f"incident_stat is {status[:40]!r}, none of {', '.join(_STATUSES)}.")
        twice = str(values.get("double_escalation") or "").casefold() == "yes"
        contacts = tuple(_contacts(values))
        asked = 2 if twice or status == "escalation" else 1
        ended_at = self._ended(values)
        url = str(values.get("url") or "").strip()
        return Past(
            incident_id=str(values.get("incident_id") or "").strip(),
            description=str(values.get("description") or "").strip(),
            url="" if url.casefold() == _NO_URL else url,
            contacts=contacts,
            asked=min(asked, len(contacts)),
            double_escalation=twice,
            acknowledged_by=_BY if status == _ACKNOWLEDGED else "",
            opened_at=self._opened(values, ended_at),
            ended_at=ended_at,
            source=f"From a table of Amazon Pinpoint's sample, where it was {status}.",
        )

    def _ended(self, values: Mapping[str, Any]) -> datetime:
        if written := values.get("stat_date"):
            at = moments.read(written, UTC)
            if at is None or at > clock.now():
                raise ValidationError(f"stat_date is {str(written)[:40]!r}, no time that is past.")
            return at
        if self._ended_at is None:
            raise ValidationError(
                "It has no stat_date: it may have been open. Say when such ones ended with --ended-at."
            )
        return self._ended_at

    def _opened(self, values: Mapping[str, Any], ended_at: datetime) -> datetime:
        if not self._opened_at_field:
            return ended_at
        at = moments.read(values.get(self._opened_at_field), UTC)
        if at is None:
            raise ValidationError(f"{self._opened_at_field} is no time.")
        return at


def _contacts(values: Mapping[str, Any]) -> list[str]:
    written = [str(values.get(name) or "").strip() for name in ("first_contact", "second_contact")]
    numbers = [read_phone_number(number) for number in written if number]
    if not numbers:
        raise ValidationError("It has no contact.")
    return numbers
