"""Everybody of a segment is texted, and nobody twice; texts and answers belong to campaigns that are there."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from messaging.audit.findings import RECENT, Check, Look, Severity, inbound, text
from messaging.models import InboundMessage, OutboundMessage, Priority
from shifts.audit.rows import campaign_of_text, name, texts_of
from shifts.campaigns.subject import CONVERSATION, key_prefix
from shifts.models import Campaign, SegmentMember


def twice(look: Look) -> QuerySet[OutboundMessage]:
    """Nobody has two texts of one campaign. Index messaging_outbound_talk.

    A key is unique, and is the campaign and the recipient: two texts to somebody cannot both have theirs.
    """
    before, after = key_prefix("\0").split("\0")
    key = Concat(Value(before), F("subject"), Value(after), F("destination_phone_number"))
    rows = OutboundMessage.objects.filter(conversation=CONVERSATION, priority=Priority.CAMPAIGN)
    return rows.exclude(idempotency_key=key)


def fewer_texts_than_members(look: Look) -> QuerySet[Campaign]:
    """Everybody who was in the segment when sending began has a text. Indexes messaging_outbound_subject, _member_walk.

    Of the last week: people come and go. Whoever left the segment since keeps the text. A follow-up is for some only.
    """
    members = SegmentMember.objects.filter(segment=OuterRef("segment"), pk__lte=OuterRef("last_member"))
    return (
        Campaign.objects.filter(expanded_at__gt=look.now - RECENT, follows__isnull=True)
        .annotate(texts=_number(texts_of(), "subject"), members=_number(members, "segment"))
        .filter(texts__lt=F("members"))
    )


def orphan_texts(look: Look) -> QuerySet[OutboundMessage]:
    """Every text of a campaign, or in answer to one, has its campaign. Index messaging_outbound_subject."""
    return OutboundMessage.objects.filter(~campaign_of_text(), conversation=CONVERSATION).exclude(subject="")


def orphan_answers(look: Look) -> QuerySet[InboundMessage]:
    """Every text that was routed to a campaign has its campaign. Index messaging_inbound_subject."""
    return InboundMessage.objects.filter(~campaign_of_text(), conversation=CONVERSATION).exclude(subject="")


def _number(rows: QuerySet[Any], grouped: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(grouped).annotate(number=Count("pk")).values("number")), 0)


_BY_HAND = "Textback makes no such row: was the database written to by hand, or restored? Tell who maintains it."

CHECKS: Iterable[Check] = [
    Check(
        "shifts.recipient_twice",
        Severity.CRITICAL,
        twice,
        "Texts of campaigns have a key that does not keep their recipient from a second copy.",
        _BY_HAND,
        text,
    ),
    Check(
        "shifts.member_without_text",
        Severity.WARNING,
        fewer_texts_than_members,
        "Campaigns of the last seven days have fewer texts than their segment had people when sending began.",
        "Compare the segment with the campaign's texts; whoever joined in that very moment is right to have none.",
        name,
    ),
    Check(
        "shifts.orphan_text",
        Severity.CRITICAL,
        orphan_texts,
        "Texts belong to campaigns that are not there.",
        _BY_HAND,
        text,
    ),
    Check(
        "shifts.orphan_answer",
        Severity.CRITICAL,
        orphan_answers,
        "Texts were routed to campaigns that are not there.",
        _BY_HAND,
        inbound,
    ),
]
