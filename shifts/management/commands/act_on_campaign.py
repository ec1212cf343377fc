"""`manage.py act_on_campaign`: pause, resume or cancel one."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from messaging.management.door import Door, Exit
from shifts import campaigns
from shifts.management.showing import as_json, details, find
from shifts.models import Campaign

_ACTIONS = {"pause": campaigns.pause, "resume": campaigns.resume, "cancel": campaigns.cancel}


class Command(Door):
    """A door to the actions of shifts.campaigns."""

    help = (
        "Pause a campaign (no further text leaves), resume it, or cancel it for good. What its number has claimed "
        "already still goes out, for at most three seconds."
    )
    examples = ("act_on_campaign pause july", "act_on_campaign cancel july --as olga --json")
    permission = "shifts.change_campaign"
    refusals = {Campaign.DoesNotExist: Exit.ABSENT, campaigns.NotAllowed: Exit.CONFLICT}

    def add_arguments(self, parser: CommandParser) -> None:
        """As POST /api/v1/campaigns/{campaign_id}/{action}/."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=list(_ACTIONS))
        parser.add_argument("campaign_id")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Then as it is."""
        campaign = find(options["campaign_id"])
        _ACTIONS[options["action"]](campaign.campaign_id, actor=self.actor)
        shown = as_json(find(campaign.campaign_id))
        self.print(shown, details(shown))
