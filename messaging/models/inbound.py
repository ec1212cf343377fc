"""What comes in: texts, delivery events, and the words staff have given an answer to."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper


class InboundMessage(models.Model):
    """A text somebody sent us, stored once by ``inbound_message_id`` before anybody thinks about it.

    ``received_at`` is SNS's Timestamp (the payload has none of its own), ``stored_at`` is when it reached us:
    a dead-letter redrive brings texts days late.
    """

    class Outcome(models.TextChoices):
        CONSENT = "consent", "Consent"
        KEYWORD = "keyword", "Keyword"
        INCIDENTS = "incidents", "Incidents"
        SHIFTS = "shifts", "Shifts"
        NOT_UNDERSTOOD = "not_understood", "Not understood"
        UNMATCHED = "unmatched", "Unmatched"

    inbound_message_id = models.CharField(max_length=100, unique=True)
    sns_message_id = models.CharField(max_length=100)
    origination_phone_number = models.CharField(max_length=20)
    destination_phone_number = models.CharField(max_length=20)
    body = models.TextField(blank=True)
    message_keyword = models.CharField(max_length=100, blank=True)
    previous_published_message_id = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField()

    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    conversation = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=100, blank=True)
    routed_at = models.DateTimeField(null=True, blank=True)
    route_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    handled_by = models.CharField(max_length=150, blank=True, help_text="Who of the staff dealt with it.")
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(routed_at__isnull=True, outcome="") | (Q(routed_at__isnull=False) & ~Q(outcome="")),
                name="messaging_inbound_routed_has_outcome",
            ),
        ]
        indexes = [
            # routing: the oldest unrouted texts, and "is an earlier one of this sender still waiting".
            models.Index(
                fields=["received_at", "id"], condition=Q(routed_at__isnull=True), name="messaging_inbound_unrouted"
            ),
            # the thread of one person; API filter by sender.
            models.Index(fields=["origination_phone_number", "received_at"], name="messaging_inbound_person"),
            # staff and API lists by outcome, newest first.
            models.Index(fields=["outcome", "id"], name="messaging_inbound_outcome"),
            # who answered a campaign.
            models.Index(
                fields=["conversation", "subject", "origination_phone_number"],
                condition=~Q(subject=""),
                name="messaging_inbound_subject",
            ),
            # the unmatched inbox: what waits for a person.
            models.Index(
                fields=["id"],
                condition=Q(outcome="unmatched", handled_at__isnull=True),
                name="messaging_inbound_inbox",
            ),
            # the inbox: whose texts wait, and how many of each person; it holds only what waits.
            models.Index(
                fields=["origination_phone_number", "id"],
                condition=Q(outcome="unmatched", handled_at__isnull=True),
                name="messaging_inbound_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origination_phone_number}: {self.body[:40]}"


class DeliveryEvent(models.Model):
    """News of a text from AWS, stored once by SNS MessageId, applied to the text afterwards."""

    sns_message_id = models.CharField(max_length=100, unique=True)
    carrier_message_id = models.CharField(max_length=100)
    event_type = models.CharField(max_length=40)
    is_final = models.BooleanField()
    occurred_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    description = models.CharField(max_length=500, blank=True)
    payload = models.JSONField()
    message = models.ForeignKey(
        "messaging.OutboundMessage", null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    apply_after = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # delivery.apply_waiting: events that no text has taken yet.
            models.Index(fields=["id"], condition=Q(applied_at__isnull=True), name="messaging_event_waiting"),
            models.Index(fields=["carrier_message_id"], name="messaging_event_carrier_id"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.carrier_message_id}"


class Keyword(models.Model):
    """A word that staff have given a meaning: a canned reply, or consent. The whole text is the word."""

    class Action(models.TextChoices):
        REPLY = "reply", "Reply with the text"
        OPT_OUT = "opt_out", "Opt out"
        OPT_IN = "opt_in", "Opt in"

    word = models.CharField(max_length=30, help_text="One word; upper and lower case are the same.")
    action = models.CharField(max_length=7, choices=Action, default=Action.REPLY)
    text = models.TextField(blank=True, help_text="What to answer.")

    class Meta:
        ordering = ["word"]
        constraints = [
            models.UniqueConstraint(Upper("word"), name="messaging_keyword_unique_in_any_case"),
            models.CheckConstraint(condition=~Q(action="reply") | ~Q(text=""), name="messaging_keyword_reply_has_text"),
        ]

    def __str__(self) -> str:
        return self.word
