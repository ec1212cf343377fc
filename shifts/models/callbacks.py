"""Employees who want to be called, and strangers who text about shifts."""

from django.db import models
from django.db.models import Q


class CallBack(models.Model):
    """Somebody texted AGENT. Connect calls them, or they wait in the queue of the staff. Written by shifts.callbacks.

    placing ─► called
       └────► waiting ─► closed
    """

    class Status(models.TextChoices):
        PLACING = "placing", "Being placed"  # Amazon Connect is asked, or will be
        CALLED = "called", "Called"  # Amazon Connect has the call
        WAITING = "waiting", "Waiting"  # a person calls them
        CLOSED = "closed", "Closed"  # a person has dealt with it

    phone_number = models.CharField(max_length=16)
    # ClientToken of the call: a redelivered text never calls twice.
    inbound_message_id = models.CharField(max_length=100, unique=True)
    origination_identity = models.CharField(max_length=20, help_text="The number of ours they wrote to.")
    subject = models.CharField(max_length=100, blank=True, help_text="The campaign they were texted by.")
    status = models.CharField(max_length=7, choices=Status)
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    contact_id = models.CharField(max_length=100, blank=True, help_text="Amazon Connect's id of the call.")
    reason = models.CharField(max_length=500, blank=True, help_text="Why Amazon Connect did not call.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was called or closed.")
    closed_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "call back"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="placing", next_try_at__isnull=False)
                | (~Q(status="placing") & Q(next_try_at__isnull=True)),
                name="shifts_placing_has_next_try",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["called", "closed"], ended_at__isnull=False)
                | (Q(status__in=["placing", "waiting"]) & Q(ended_at__isnull=True)),
                name="shifts_callback_end_has_time",
            ),
            # One open request for each person: AGENT twice is one call back.
            models.UniqueConstraint(
                fields=["phone_number"],
                condition=Q(status__in=["placing", "waiting"]),
                name="shifts_one_open_callback_each",
            ),
        ]
        indexes = [
            # work.CallBacks: calls to be placed.
            models.Index(fields=["next_try_at"], condition=Q(status="placing"), name="shifts_callback_due"),
            # the queue of the staff.
            models.Index(fields=["status", "id"], name="shifts_callback_status"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_number}, {self.get_status_display().lower()}"


class UnauthorisedText(models.Model):
    """A text about shifts from somebody who may not book. Answered at most once a day."""

    phone_number = models.CharField(max_length=20)
    inbound_message_id = models.CharField(max_length=100, unique=True)
    body = models.TextField(blank=True)
    received_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "not authorised text"
        ordering = ["-id"]
        indexes = [
            # authorising: whether this number was answered within the day.
            models.Index(fields=["phone_number", "answered_at"], name="shifts_unauthorised_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_number}: {self.body[:40]}"
