"""`manage.py send_campaign`: send a draft, or say what that would do."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from messaging.management.door import Door, Exit
from shifts import campaigns
from shifts.management.showing import as_json, details, find, plan, plan_in_words
from shifts.models import Campaign


class Command(Door):
    """A door to shifts.campaigns: preview and send."""

    help = (
        "Send a draft: at its time if it has one that is not past, else now. With --plan nothing is sent: it tells "
        "whom the campaign would text, in how many parts, for how much and for how long."
    )
    examples = (
        "send_campaign july --plan",
        "send_campaign july --as-planned 5b3c… --as olga",
        "send_campaign july --plan --json | jq .estimated_cost",
    )
    permission = "shifts.change_campaign"
    refusals = {Campaign.DoesNotExist: Exit.ABSENT, campaigns.NotAllowed: Exit.CONFLICT}

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and how surely."""
        super().add_arguments(parser)
        parser.add_argument("campaign_id")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--plan", action="store_true", help="only tell what it would do")
        how.add_argument(
            "--as-planned",
            default="",
            metavar="FINGERPRINT",
            help="refuse if the draft was changed since --plan printed this",
        )

    def perform(self, options: Mapping[str, Any]) -> None:
        """Nothing is asked: the plan is a run of its own."""
        campaign = find(options["campaign_id"])
        if options["plan"]:
            shown = plan(campaign)
            self.print(shown, plan_in_words(shown))
            return
        campaigns.send(campaign.campaign_id, actor=self.actor, as_shown=options["as_planned"])
        shown = as_json(find(campaign.campaign_id))
        self.print(shown, details(shown))
