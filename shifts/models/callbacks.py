"""Employees who want to be called, and strangers who text about shifts."""

from django.db import models
from django.db.models import Q


class CallBack(models.Model):
    """Somebody texted AGENT. Connect calls them, or they wait in the queue of the staff. Written by shifts.callbacks.

    placing ─► called
       └────► waiting ◄─► taken ─► closed, failed

    ``waiting`` may become closed as well: dealt with in another way. Who waits has ``free_at`` if nobody is to call
    before that; what is taken is free again at its ``free_at``, should nobody say what came of it.
    """

    class Status(models.TextChoices):
        PLACING = "placing", "Being placed"  # Amazon Connect is asked, or will be
        CALLED = "called", "Called"  # Amazon Connect has the call
        WAITING = "waiting", "Waiting"  # a person calls them
        TAKEN = "taken", "Being called"  # a person is calling them
        CLOSED = "closed", "Closed"  # a person has dealt with it
        FAILED = "failed", "Not reached"  # a person has tried, and gives it up

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
    taken_by = models.CharField(max_length=150, blank=True, help_text="Who of the staff is calling them.")
    taken_at = models.DateTimeField(null=True, blank=True)
    free_at = models.DateTimeField(null=True, blank=True, help_text="From when on somebody may call them.")
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
                condition=Q(status__in=["called", "closed", "failed"], ended_at__isnull=False)
                | (Q(status__in=["placing", "waiting", "taken"]) & Q(ended_at__isnull=True)),
                name="shifts_callback_end_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(status="taken", taken_at__isnull=False, free_at__isnull=False) & ~Q(taken_by=""))
                | (~Q(status="taken") & Q(taken_by="", taken_at__isnull=True)),
                name="shifts_taken_by_somebody",
            ),
            # One open request for each person: AGENT twice is one call back.
            # Its index also finds the queue of the staff: callbacks.open_for_staff.
            models.UniqueConstraint(
                fields=["phone_number"],
                condition=Q(status__in=["placing", "waiting", "taken"]),
                name="shifts_one_open_callback_each",
            ),
        ]
        indexes = [
            # work.CallBacks: calls to be placed.
            models.Index(fields=["next_try_at"], condition=Q(status="placing"), name="shifts_callback_due"),
            # privacy: what is held of a person.
            models.Index(fields=["phone_number"], name="shifts_callback_person"),
            # the staff's list of one status, and the API's.
            models.Index(fields=["status", "id"], name="shifts_callback_status"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_number}, {self.get_status_display().lower()}"


class CallAttempt(models.Model):
    """One person's try to call somebody back, from "I call now" to what came of it. Written by shifts.callbacks.

    It is open while its call back is taken. Who never says what came of it has an attempt that ends as lapsed when the
    next one takes the call back.
    """

    class Outcome(models.TextChoices):
        CALLED = "called", "Called"
        NOT_REACHED = "not_reached", "Not reached"
        RELEASED = "released", "Given back"
        LAPSED = "lapsed", "Not finished"
        CLOSED = "closed", "Closed by somebody else"

    call_back = models.ForeignKey(CallBack, on_delete=models.CASCADE, related_name="tries")
    actor = models.CharField(max_length=150, help_text="Who of the staff.")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["begun_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="shifts_attempt_end_has_outcome",
            ),
            # Two people never call the same person.
            models.UniqueConstraint(
                fields=["call_back"], condition=Q(ended_at__isnull=True), name="shifts_one_call_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor}, {self.get_outcome_display().lower() or 'calling'}"


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
