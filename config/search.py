"""The search over everything (Ctrl+K): people by name or any form of their number; incidents, campaigns, shifts by id.

Each kind is looked for with one query, by an index where the table may be large, and shows a few; its own page has the
rest. Nobody finds what they may not see.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from incidents.models import Incident
from messaging.models import Contact
from messaging.selectors import phone_numbers_meant
from optout.models import Consent
from shifts.models import Campaign, Employee, Shift

_MOST = 5
_SHORTEST = 2

Look = Callable[[str, Sequence[str]], Any]


def _contacts(words: str, numbers: Sequence[str]) -> Any:
    return Contact.objects.filter(Q(phone_number__in=numbers) | Q(name__icontains=words))


def _employees(words: str, numbers: Sequence[str]) -> Any:
    people = Q(contact__phone_number__in=numbers) | Q(contact__name__icontains=words)
    return Employee.objects.select_related("contact").filter(people)


def _consent(words: str, numbers: Sequence[str]) -> Any:
    return Consent.objects.filter(phone_number__in=numbers)


# Permission, what it is, its icon, how to look, and what stands beside a row.
_KINDS: tuple[tuple[str, str, str, Look, Callable[[Any], str]], ...] = (
    (
        "incidents.view_incident",
        "Incident",
        "warning",
        lambda words, numbers: Incident.objects.filter(incident_id__istartswith=words).order_by("-id"),
        lambda incident: f"{incident.get_status_display()}: {incident.description[:60]}",
    ),
    ("shifts.view_employee", "Employee", "badge", _employees, lambda employee: employee.contact.phone_number),
    ("messaging.view_contact", "Contact", "contacts", _contacts, lambda contact: contact.phone_number),
    (
        "shifts.view_campaign",
        "Campaign",
        "campaign",
        lambda words, numbers: Campaign.objects.filter(campaign_id__icontains=words).order_by("-id"),
        lambda campaign: campaign.get_status_display(),
    ),
    (
        "shifts.view_shift",
        "Shift",
        "event_available",
        lambda words, numbers: Shift.objects.filter(shift_id__istartswith=words).order_by("-id"),
        lambda shift: shift.shift_info,
    ),
    ("optout.view_consent", "Consent", "how_to_reg", _consent, lambda consent: consent.get_state_display()),
)


def found(request: HttpRequest, words: str) -> list[SearchResult]:
    """What Unfold's command palette shows below its pages (settings.UNFOLD)."""
    words = words.strip()
    # PostgreSQL refuses to look for a NUL.
    if len(words) < _SHORTEST or "\x00" in words:
        return []
    numbers = phone_numbers_meant(words)
    return [
        SearchResult(title=str(row), description=f"{what}, {beside(row)}", link=_page(row), icon=icon)
        for what, icon, row, beside in _rows(request, words, numbers)
    ]


def _rows(
    request: HttpRequest, words: str, numbers: Sequence[str]
) -> Iterator[tuple[str, str, Model, Callable[[Any], str]]]:
    for permission, what, icon, look, beside in _KINDS:
        if request.user.has_perm(permission):
            for row in look(words, numbers)[:_MOST]:
                yield what, icon, row, beside


def _page(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))
