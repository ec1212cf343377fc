"""Erasing people, and old rows: what is under way, and what was done."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q


class ErasureRequest(models.Model):
    """Somebody who is being erased. The only row that still has their number; it goes when they are erased.

    Written by messaging.privacy.erasing only.

    Attributes:
        stand_in: what their rows have instead of the number.
        counts: label of a table → rows changed so far.
        swept: label of a table → key up to which its free texts were read for the number; -1 when all were.
        problem: why it cannot be ended yet; it is tried again.
    """

    phone_number = models.CharField(max_length=20, unique=True)
    stand_in = models.CharField(max_length=16, unique=True)
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=150)
    requested_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    counts = models.JSONField(default=dict)
    swept = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "erasure under way"
        verbose_name_plural = "erasures under way"
        ordering = ["id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.stand_in


class RetentionRun(models.Model):
    """A walk through the tables that is under way, to find what is older than it is kept. At most one.

    Written by messaging.privacy.retention only.

    Attributes:
        salt: of stand-ins; it goes with the row, and nobody can make them again.
        table: number of the table it is at, in the order of the plug-ins.
        after: key up to which that table is done.
        counts: label of a table → rows changed so far.
    """

    one = models.BooleanField(default=True, unique=True)
    salt = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    table = models.PositiveSmallIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(one=True), name="messaging_one_retention_run")]

    def __str__(self) -> str:
        return f"retention run since {self.began_at.isoformat()}"


class RetentionMark(models.Model):
    """How far a table is done for good: nothing up to this key has to be looked at again."""

    label = models.CharField(max_length=60, unique=True)
    through = models.BigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.label} through {self.through}"


class Immutable(TypeError):
    """Somebody tried to change or delete what is written once."""


class _AppendOnly(models.QuerySet[Any]):
    """Rows are added and read. A trigger in the database refuses updates by any other way."""

    def update(self, **fields: Any) -> NoReturn:
        """Refused."""
        raise Immutable("What was erased, when and by whom is never changed.")

    def delete(self) -> NoReturn:
        """Refused."""
        raise Immutable("What was erased, when and by whom is never deleted.")


class PrivacyRecord(models.Model):
    """One person that was erased, or one run that erased what was too old. Append-only, and without any number.

    Attributes:
        fingerprint: of the number, by a key: whoever has number and key can tell that it was erased. Blank: a run.
        key_id: of the key; consent kept under another key is not found any more (messaging.audit.erased).
        counts: label of a table → rows.
    """

    class Kind(models.TextChoices):
        ERASURE = "erasure", "Person erased"
        RETENTION = "retention", "Old rows"

    kind = models.CharField(max_length=9, choices=Kind)
    fingerprint = models.CharField(max_length=40, blank=True)
    key_id = models.CharField(max_length=16, blank=True)
    stand_in = models.CharField(max_length=16, blank=True, help_text="What their rows have instead of the number.")
    actor = models.CharField(max_length=150, blank=True, help_text="Who of the staff; blank when time did.")
    reason = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    objects = _AppendOnly.as_manager()

    class Meta:
        verbose_name = "erasure"
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="erasure") & ~Q(fingerprint="") & ~Q(actor="") & ~Q(reason=""))
                | Q(kind="retention", fingerprint="", stand_in=""),
                name="messaging_erasure_has_reason",
            ),
        ]
        indexes = [
            # erasing.erased_before: whether a number was erased.
            models.Index(fields=["fingerprint", "-at"], condition=~Q(fingerprint=""), name="messaging_erased"),
            # retention.due: when the last run ended.
            models.Index(fields=["kind", "at"], name="messaging_privacy_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at.date().isoformat()}"

    def save(self, *arguments: Any, **options: Any) -> None:
        """Add the row.

        Raises:
            Immutable: it is there already.
        """
        if not self._state.adding:
            raise Immutable("What was erased, when and by whom is never changed.")
        super().save(*arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> NoReturn:
        """Refused."""
        raise Immutable("What was erased, when and by whom is never deleted.")
