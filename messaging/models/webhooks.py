"""Events for other systems: who wants to hear of what, what happened, and what has been delivered to whom."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class _NotDeleted(models.Manager["WebhookEndpoint"]):
    """Endpoints but those of which only the rows are still to go."""

    def get_queryset(self) -> models.QuerySet["WebhookEndpoint"]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class WebhookEndpoint(models.Model):
    """Where another system hears of events, by signed HTTP requests (Standard Webhooks).

    Events are delivered one after the other, in the order in which they happened: what cannot be delivered keeps the
    next ones waiting. Hence it is the endpoint that is tried again later, and not an event.

    Written by messaging.events alone, field by field: a person who edits it and the worker that delivers to it must
    never overwrite each other.

    One that was deleted is gone for everybody at once (``objects``); its row stays until a worker has deleted what it
    had, some at a time (``with_deleted``).
    """

    name = models.CharField(max_length=100, unique=True, help_text="Who receives the events, for people.")
    url = models.CharField("URL", max_length=500, help_text="Where events are sent to, by POST.")
    # Encrypted with a key derived from SECRET_KEY: messaging.events.sealing.
    secret = models.TextField(editable=False)
    old_secret = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, help_text="Until then both secrets sign.")

    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    disabled_by = models.CharField(max_length=150, blank=True, help_text="Who switched it off; blank: Textback did.")
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    dropped = models.PositiveBigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Events that waited for too long since it was switched off the last time.",
    )
    dropped_through = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the newest of them happened."
    )

    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row that failed.")
    failing_since = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField("last delivery", null=True, blank=True)
    lease_owner = models.CharField(max_length=64, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)

    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150, blank=True)

    objects: ClassVar[_NotDeleted] = _NotDeleted()
    with_deleted: ClassVar[models.Manager["WebhookEndpoint"]] = models.Manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_reason="", disabled_by="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="messaging_webhook_disabled_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(old_secret="", old_secret_until__isnull=True)
                | (~Q(old_secret="") & Q(old_secret_until__isnull=False)),
                name="messaging_webhook_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True) | Q(failures__gte=1, failing_since__isnull=False),
                name="messaging_webhook_failing_since",
            ),
            models.CheckConstraint(
                condition=Q(lease_owner="", lease_expires_at__isnull=True)
                | (~Q(lease_owner="") & Q(lease_expires_at__isnull=False)),
                name="messaging_webhook_lease_ends",
            ),
            models.CheckConstraint(
                condition=Q(dropped=0, dropped_through__isnull=True) | Q(dropped__gte=1, dropped_through__isnull=False),
                name="messaging_webhook_dropped_through",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookSubscription(models.Model):
    """A type of event that an endpoint wants to hear of."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="subscriptions")
    event_type = models.CharField(max_length=50)

    class Meta:
        ordering = ["event_type"]
        default_permissions = ()
        constraints = [
            # publishing: who wants to hear of a type.
            models.UniqueConstraint(fields=["event_type", "endpoint"], name="messaging_webhook_type_once"),
        ]

    def __str__(self) -> str:
        return self.event_type


class WebhookEvent(models.Model):
    """Something that happened and that somebody wanted to hear of, written with the change itself.

    ``body`` is what is sent, byte by byte, however often. ``event_id`` is the ``webhook-id`` of every try.
    """

    event_id = models.CharField(max_length=40, unique=True)
    type = models.CharField(max_length=50)
    subject = models.CharField(max_length=100, blank=True, help_text="What it is about: an incident's id, …")
    occurred_at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            # API: events of a type, newest first.
            models.Index(fields=["type", "id"], name="messaging_webhook_event_type"),
            # API and redelivery: events of a time.
            models.Index(fields=["occurred_at"], name="messaging_webhook_event_time"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}".strip()


class WebhookDelivery(models.Model):
    """An event on its way to an endpoint. Written by messaging.events.

    waiting ─► delivered
       └────► skipped       and back, when somebody asks for it once more
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"  # to be delivered, when its turn comes
        DELIVERED = "delivered", "Delivered"  # the endpoint has answered 2xx
        SKIPPED = "skipped", "Skipped"  # staff decided that the next ones shall not wait for it

    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="messaging_webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True)
                | Q(status__in=["delivered", "skipped"], ended_at__isnull=False),
                name="messaging_webhook_delivery_end",
            ),
        ]
        indexes = [
            # claiming: the next event of an endpoint; and whether anything waits for it. dropping: what waits longest.
            models.Index(fields=["endpoint", "event"], condition=Q(status="waiting"), name="messaging_webhook_waiting"),
            # pruning: what was delivered long ago.
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="messaging_webhook_ended"),
            # the log of one endpoint, newest first; and what is left of one that was deleted.
            models.Index(fields=["endpoint", "id"], name="messaging_webhook_log"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"


class WebhookAttempt(models.Model):
    """One try to deliver an event, and what came of it."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    # The delivery's. Here as well, so that the latest tries of one endpoint are found among those of all.
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="tries", db_index=False)
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    response = models.CharField(max_length=1000, blank=True, help_text="How the answer begins.")

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        indexes = [
            # the page of an endpoint: its latest tries.
            models.Index(fields=["endpoint", "id"], name="messaging_webhook_tries"),
        ]

    def __str__(self) -> str:
        return self.problem or str(self.status_code)
