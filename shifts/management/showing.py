"""A campaign at a terminal: what the API says of it, and that as lines."""

from collections.abc import Mapping
from typing import Any

from shifts import campaigns
from shifts.api.campaigns_fields import CampaignSerializer, PreviewSerializer
from shifts.models import Campaign

_PARTS = ("delivered", "queued", "failed", "suppressed", "unknown", "cancelled")


def find(campaign_id: str) -> Campaign:
    """The campaign, with what is shown of it.

    Raises:
        Campaign.DoesNotExist: with a sentence for people.
    """
    found = Campaign.objects.select_related("segment", "follows").filter(campaign_id=campaign_id).first()
    if found is None:
        raise Campaign.DoesNotExist(f"There is no campaign {campaign_id}.")
    return found


def as_json(campaign: Campaign) -> dict[str, Any]:
    """As GET /api/v1/campaigns/{campaign_id}/ answers."""
    shown: dict[str, Any] = CampaignSerializer(campaign, context={"counts": campaigns.counts([campaign])}).data
    return shown


def details(shown: Mapping[str, Any]) -> list[str]:
    """How far it is, on one line; and why it could not be sent."""
    counts = shown["counts"]
    parts = [f"{counts[name]} {name}" for name in _PARTS if counts[name]]
    heard = [f"{counts[name]} {name}" for name in ("replied", "booked") if counts[name]]
    line = f"{shown['campaign_id']}: {shown['status']}, {counts['sent']} of {counts['recipients']} sent"
    lines = ["; ".join([line, *([", ".join(parts)] if parts else []), *([", ".join(heard)] if heard else [])])]
    return [*lines, f"  {shown['problem']}"] if shown["problem"] else lines


def plan(campaign: Campaign) -> dict[str, Any]:
    """As GET …/preview/ answers, and the fingerprint that holds a later send to what was shown."""
    shown = PreviewSerializer(campaigns.preview(campaign)).data
    return {"campaign_id": campaign.campaign_id, **shown, "fingerprint": campaigns.fingerprint(campaign)}


def plan_in_words(shown: Mapping[str, Any]) -> list[str]:
    """What sending it would do."""
    cost = f"{shown['estimated_cost']} {shown['estimated_cost_currency']}" if shown["estimated_cost"] else "not known"
    seconds = shown["estimated_seconds"]
    why_not = ", ".join(f"{people} {reason}" for reason, people in shown["suppressed_reasons"].items())
    lines = [
        f"{shown['campaign_id']} would text {shown['recipients']} people"
        + (f", and not {shown['suppressed']}: {why_not}" if shown["suppressed"] else ""),
        f"  text: {shown['text']}",
        f"  {shown['parts']} part(s) each in {shown['encoding']}; cost {cost}; "
        + (f"takes {seconds} s" if seconds is not None else "how long it takes is not known"),
    ]
    lines += [
        f"  in {one['language'] or 'no language'}, {one['parts']} part(s) in {one['encoding']}, "
        f"{one['recipients']} people: {one['text']}"
        for one in shown["languages"]
        if one["text"] != shown["text"]
    ]
    lines += [f"  from {identity}: {people}" for identity, people in shown["origination_identities"].items()]
    lines += [f"  problem: {problem}" for problem in shown["problems"]]
    lines += [f"  note: {warning}" for warning in shown["warnings"]]
    return [*lines, f"  send exactly this: --as-planned {shown['fingerprint']}"]
