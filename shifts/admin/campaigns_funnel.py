"""What came of a campaign, from its recipients to its bookings, and where the rows behind each figure are listed."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.http import urlencode

from messaging.models import Priority
from messaging.models import Status as TextStatus
from shifts import campaigns
from shifts.admin import campaigns_reads as reads
from shifts.admin import campaigns_words as words
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel.

    Attributes:
        width: of its bar, in percent of the recipients.
        share: how many of the step before came so far, in words; blank where there is none.
        url: where its rows are; blank for who may not see them.
    """

    key: str
    label: str
    tone: str
    people: str
    width: float
    share: str
    url: str


@dataclass(frozen=True, slots=True)
class Lists:
    """Addresses of the lists behind a campaign; blank where its reader may not see them."""

    campaign_id: str
    sees_texts: bool
    sees_replies: bool

    def texts(self, **filters: str | int) -> str:
        """Its texts and the answers to replies; its texts alone with ``priority__exact``."""
        return self._page("messaging_outboundmessage", self.sees_texts, filters)

    def campaign_texts(self, **filters: str) -> str:
        """Its texts."""
        return self.texts(priority__exact=Priority.CAMPAIGN.value, **filters)

    def replies(self) -> str:
        """What people texted back."""
        return self._page("messaging_inboundmessage", self.sees_replies, {})

    def _page(self, page: str, sees: bool, filters: dict[str, str | int]) -> str:
        query = {"conversation": CONVERSATION, "subject__exact": self.campaign_id, **filters}
        return f"{reverse(f'admin:{page}_changelist')}?{urlencode(query)}" if sees else ""


def lists_of(campaign: Campaign, user: AbstractBaseUser | AnonymousUser) -> Lists:
    """The lists behind a campaign, for one of the staff."""

    def sees(model: str) -> bool:
        return any(user.has_perm(f"messaging.{verb}_{model}") for verb in ("view", "change"))  # type: ignore[union-attr]

    return Lists(campaign.campaign_id, sees("outboundmessage"), sees("inboundmessage"))


def steps(campaign: Campaign, counts: campaigns.Counts, user: AbstractBaseUser | AnonymousUser) -> tuple[Step, ...]:
    """Recipients, sent, delivered, replied, booked. No queries but the permissions of the user."""
    lists = lists_of(campaign, user)
    sent = f"{TextStatus.SENT.value},{TextStatus.DELIVERED.value}"
    # key, label, colour, people, of whom and what these are called, list
    told = (
        ("recipients", "Recipients", "plain", counts.recipients, 0, "", lists.campaign_texts()),
        (
            "sent",
            "Sent",
            "primary",
            counts.sent,
            counts.recipients,
            "of the recipients",
            lists.campaign_texts(status__in=sent),
        ),
        (
            *("delivered", "Delivered", "success", counts.delivered, counts.sent, "of those sent"),
            lists.campaign_texts(status__exact=TextStatus.DELIVERED.value),
        ),
        ("replied", "Replied", "primary", counts.replied, counts.sent, "of those sent", lists.replies()),
        ("booked", "Booked", "success", counts.booked, counts.sent, "of those sent", "#campaign-booked"),
    )
    return tuple(
        Step(
            key=key,
            label=label,
            tone=tone,
            people=words.number(people),
            width=round(min(100.0, 100 * people / counts.recipients), 2) if counts.recipients else 0,
            share=f"{percent} {of_whom}" if (percent := words.share(people, whole)) else "",
            url=url,
        )
        for key, label, tone, people, whole, of_whom, url in told
    )


def cost(campaign: Campaign) -> str:
    """What AWS has charged for its texts, in words; and of how many it has said so."""
    known = reads.cost(campaign)
    if not known:
        return "AWS has reported no price yet. Prices come with delivery events."
    amounts = " + ".join(words.money(amount, currency) for amount, currency, _ in known)
    return f"{amounts} for {words.count_of(sum(texts for *_, texts in known), 'text')}, as AWS has reported it"
