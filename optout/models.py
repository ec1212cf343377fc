"""Consent: what people and others have said of it (events), what follows from that (states), and pleas to be read."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

# The scope of an event or a state that concerns every number of ours, later ones included.
EVERY_NUMBER = ""


class Action(models.TextChoices):
    """What was said."""

    OPT_OUT = "opt_out", "Opt out"
    OPT_IN = "opt_in", "Opt in"


class State(models.TextChoices):
    """What follows from it. Who never said anything has no row."""

    OPTED_OUT = "opted_out", "Opted out"
    OPTED_IN = "opted_in", "Opted in"


class Source(models.TextChoices):
    """By which way it came."""

    SMS = "sms", "Text"
    STAFF = "staff", "Staff"
    API = "api", "API"
    WEB = "web", "Web page"
    CARRIER = "carrier", "Carrier"
    IMPORT = "import", "Import"


class Immutable(TypeError):
    """Somebody tried to change or delete what is written once."""


class _AppendOnly(models.QuerySet[Any]):
    """Rows are added and read. A trigger in the database refuses updates by any other way (migration 0002)."""

    def update(self, **fields: Any) -> NoReturn:
        """Refused."""
        raise Immutable("A consent event is never changed. Record another one.")

    def delete(self) -> NoReturn:
        """Refused."""
        raise Immutable("A consent event is never deleted. Record another one.")


class ConsentEvent(models.Model):
    """One line of the ledger: who opted out or in, of which number, by which way, when. Append-only.

    ``occurred_at`` is when it was said (of a text, SNS's Timestamp), ``recorded_at`` when it reached us; the order of
    the first decides. ``key`` names the occasion, so that a redelivery is the same event.
    """

    key = models.CharField(max_length=200, unique=True)
    phone_number = models.CharField(max_length=20)
    origination_identity = models.CharField(
        max_length=20, blank=True, help_text="The number of ours it was said to; blank when no single one was."
    )
    every_number = models.BooleanField(default=False, help_text="It concerns all numbers of ours, later ones included.")
    action = models.CharField(max_length=7, choices=Action)
    word = models.CharField(max_length=60, blank=True, help_text="The word that was understood.")
    text = models.CharField(
        max_length=300, blank=True, help_text="The text as it was written, its first 300 characters."
    )
    source = models.CharField(max_length=7, choices=Source)
    actor = models.CharField(max_length=150, blank=True, help_text="Who of our side recorded it.")
    reason = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    objects = _AppendOnly.as_manager()

    class Meta:
        verbose_name_plural = "consent history"
        ordering = ["-occurred_at", "-id"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(condition=Q(action__in=Action.values), name="optout_event_action"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="optout_event_source"),
            models.CheckConstraint(
                condition=Q(every_number=True) | ~Q(origination_identity=""), name="optout_event_has_scope"
            ),
        ]
        indexes = [
            # the history of one person, and of one scope when a late event has it told anew.
            models.Index(fields=["phone_number", "occurred_at"], name="optout_event_person"),
            # the export, and the API's filter by time.
            models.Index(fields=["occurred_at", "id"], name="optout_event_time"),
        ]

    def __str__(self) -> str:
        return f"{self.phone_number}, {self.scope or 'every number'}: {self.get_action_display().lower()}"

    def save(self, *arguments: Any, **options: Any) -> None:
        """Add the row.

        Raises:
            Immutable: it is in the ledger already.
        """
        if not self._state.adding:
            raise Immutable("A consent event is never changed. Record another one.")
        super().save(*arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> NoReturn:
        """Refused."""
        raise Immutable("A consent event is never deleted. Record another one.")

    @property
    def scope(self) -> str:
        """The number of ours that the event concerns, or EVERY_NUMBER."""
        return EVERY_NUMBER if self.every_number else self.origination_identity


class Consent(models.Model):
    """How a person stands with a number of ours, by what was said of it and of every number.

    The row of EVERY_NUMBER counts for all numbers that have no row of their own. Derived: optout.ledger writes it with
    each event, and can derive all of it anew from the ledger.
    """

    phone_number = models.CharField(max_length=20)
    origination_identity = models.CharField(
        max_length=20, blank=True, help_text="Blank: all numbers without a state of their own."
    )
    state = models.CharField(max_length=9, choices=State)
    since = models.DateTimeField(help_text="When it became so.")
    source = models.CharField(max_length=7, choices=Source, help_text="By which way it became so.")
    latest_at = models.DateTimeField(help_text="When it was last said.")

    class Meta:
        verbose_name_plural = "consent"
        ordering = ["-id"]
        constraints = [
            # guard and API: the states of a person.
            models.UniqueConstraint(fields=["phone_number", "origination_identity"], name="optout_one_state_each"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="optout_state"),
            models.CheckConstraint(condition=Q(since__lte=models.F("latest_at")), name="optout_since_before_latest"),
        ]
        indexes = [
            # guard: which of many people have opted out of anything.
            models.Index(fields=["phone_number"], condition=Q(state="opted_out"), name="optout_opted_out"),
        ]

    def __str__(self) -> str:
        number = self.origination_identity or "every other number"
        return f"{self.phone_number}, {number}: {self.get_state_display().lower()}"


class Plea(models.Model):
    """A text that looks like a plea to stop and is no keyword: a person reads it and decides."""

    class Decision(models.TextChoices):
        OPTED_OUT = "opted_out", "Opted out"
        NO_PLEA = "no_plea", "Not a plea"

    text = models.OneToOneField("messaging.InboundMessage", on_delete=models.PROTECT, related_name="plea")
    decision = models.CharField(max_length=9, choices=Decision, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "review list"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="optout_plea_decided",
            ),
        ]
        indexes = [
            # the review list: what waits for a person.
            models.Index(fields=["id"], condition=Q(decision=""), name="optout_plea_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.text)
