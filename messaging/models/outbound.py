"""A text that goes out: a row first, an API call later."""

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """Where a text is, and the evidence that justifies saying so. Written by messaging.outbound.outbox only."""

    QUEUED = "queued", "Queued"  # waits for its lane
    SENDING = "sending", "Sending"  # claimed by the lane's drainer; the call to AWS is about to be made or under way
    SENT = "sent", "Sent"  # AWS answered with a MessageId
    DELIVERED = "delivered", "Delivered"  # a final delivery event said so
    FAILED = "failed", "Failed"  # AWS or a carrier refused it for good
    SUPPRESSED = "suppressed", "Suppressed"  # a guard of ours, such as consent, forbade it
    UNKNOWN = "unknown", "Unknown"  # the call had no answer: AWS may or may not have it
    EXPIRED = "expired", "Expired"  # its time to live passed before it was sent
    CANCELLED = "cancelled", "Cancelled"  # withdrawn before it was sent


class MessageType(models.TextChoices):
    """AWS's message type."""

    TRANSACTIONAL = "TRANSACTIONAL", "Transactional"
    PROMOTIONAL = "PROMOTIONAL", "Promotional"


class Priority(models.IntegerChoices):
    """The order in which texts of one number leave: lower first, first come first served within."""

    ALERT = 0, "Alert"
    REPLY = 10, "Reply"
    NOTICE = 20, "Notice"
    CAMPAIGN = 30, "Campaign"


class DeliveryPolicy(models.TextChoices):
    """What to do with a text of which nobody knows whether AWS has it (status unknown)."""

    AT_LEAST_ONCE = "at_least_once", "At least once: send again"
    AT_MOST_ONCE = "at_most_once", "At most once: never send again"


class OutboundMessage(models.Model):
    """A text to one person, from its being queued to its delivery.

    ``idempotency_key`` makes queueing twice a no-op. ``subject`` is an opaque id that only the conversation reads.
    Numbers are kept as text: history does not change when a contact or a number does.

        queued ─► sending ─► sent ─► delivered
          │ ▲       │ │        └───► failed
          │ └───────┘ └► unknown ─► sent, delivered, failed, queued (at least once)
          └► suppressed, expired, cancelled, failed
    """

    conversation = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=100, blank=True)
    idempotency_key = models.CharField(max_length=200, unique=True)

    destination_phone_number = models.CharField(max_length=20)
    origination_identity = models.CharField(max_length=20)
    body = models.TextField()
    message_type = models.CharField(max_length=13, choices=MessageType, default=MessageType.TRANSACTIONAL)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NOTICE)
    delivery_policy = models.CharField(max_length=13, choices=DeliveryPolicy, default=DeliveryPolicy.AT_LEAST_ONCE)
    encoding = models.CharField(max_length=5)
    parts = models.PositiveSmallIntegerField()
    expects_reply = models.BooleanField(default=False)
    is_automatic_reply = models.BooleanField(default=False)
    passes_guards = models.BooleanField(default=False)
    reports_outcome = models.BooleanField(default=False)
    withheld = models.BooleanField(default=False, help_text="Queued, and kept out of its lane until further notice.")
    actor = models.CharField(max_length=150, blank=True)
    # db_default: processes of the version before, which do not know these columns, go on inserting during an upgrade.
    trace = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="What caused it: an inbound text, a request."
    )
    caused_at = models.DateTimeField(null=True, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0, help_text="Calls of which nobody knows whether AWS took them.")
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    attempted_at = models.DateTimeField(null=True, blank=True)
    # NULL until AWS gives one, so that the unique constraint has nothing to say of texts without.
    carrier_message_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    error_code = models.CharField(max_length=100, blank=True)
    error_reason = models.CharField(max_length=500, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    unknown_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome_pending = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="messaging_outbound_status"),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(carrier_message_id__isnull=False),
                name="messaging_sent_has_carrier_message_id",
            ),
            models.UniqueConstraint(
                fields=["carrier_message_id"],
                condition=Q(carrier_message_id__isnull=False),
                name="messaging_carrier_message_id_unique",
            ),
        ]
        indexes = [
            # lanes.claim: the next texts of one number, alerts first; and "which numbers have work".
            models.Index(
                fields=["origination_identity", "priority", "id"],
                condition=Q(status="queued", withheld=False),
                name="messaging_outbound_claim",
            ),
            # unsettled: calls whose process died, and unknown texts to send again.
            models.Index(
                fields=["status", "attempted_at"],
                # Not "in": SQLite would not see that a query for one of the two is served.
                condition=Q(status="sending") | Q(status="unknown"),
                name="messaging_outbound_unsettled",
            ),
            # outcomes: what conversations have not been told yet.
            models.Index(fields=["id"], condition=Q(outcome_pending=True), name="messaging_outbound_outcomes"),
            # leases.parts_started_since: what a number has started in the last second.
            models.Index(
                fields=["origination_identity", "attempted_at"],
                condition=Q(attempted_at__isnull=False),
                name="messaging_outbound_pace",
            ),
            # claim: whether a recipient was written to within the last second, from any number.
            models.Index(
                fields=["destination_phone_number", "attempted_at"],
                condition=Q(attempted_at__isnull=False),
                name="messaging_outbound_rest",
            ),
            # reply limits, "the number last written from", the thread of one person.
            models.Index(fields=["destination_phone_number", "queued_at"], name="messaging_outbound_person"),
            # figures and timelines of one incident or campaign; campaign texts and replies to them have one subject.
            models.Index(fields=["conversation", "subject", "priority", "status"], name="messaging_outbound_subject"),
            # unsettled: texts whose time to live has passed, in lanes that nobody drains as well.
            models.Index(
                fields=["expires_at"],
                condition=Q(status="queued", expires_at__isnull=False),
                name="messaging_outbound_expiry",
            ),
            # staff and API lists by status or conversation, newest first.
            models.Index(fields=["status", "id"], name="messaging_outbound_state"),
            models.Index(fields=["conversation", "id"], name="messaging_outbound_talk"),
        ]

    def __str__(self) -> str:
        return f"{self.destination_phone_number}: {self.body[:40]}"


class Withheld(models.Model):
    """A subject of which nothing is claimed. It counts at once, while its texts are marked a few thousand at a time.

    Written by messaging.outbound.outbox only.
    """

    conversation = models.CharField(max_length=30)
    subject = models.CharField(max_length=100)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            # claim: whether the subject of a candidate is withheld.
            models.UniqueConstraint(fields=["conversation", "subject"], name="messaging_withheld_once"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation} {self.subject}"
