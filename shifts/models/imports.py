"""Lists of employees on their way in."""

from django.db import models
from django.db.models import Q


class RosterImport(models.Model):
    """A CSV file that staff have uploaded: checked by a worker, then imported when somebody says so.

        checking ─► checked ─► importing ─► imported
            └─► refused            └─► refused

    Written by shifts.roster.uploads.
    """

    class Status(models.TextChoices):
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked: waits for your word"
        REFUSED = "refused", "Has errors: nothing imported"
        IMPORTING = "importing", "Being imported"
        IMPORTED = "imported", "Imported"

    segment_name = models.CharField("segment", max_length=100)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    status = models.CharField(max_length=9, choices=Status, default=Status.CHECKING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    # rows, created, updated, unchanged, skipped, duplicates: what the import does, or did.
    counts = models.JSONField(default=dict, blank=True)
    # [{"line", "column", "message"}], the first of them; errors_total counts all.
    errors = models.JSONField(default=list, blank=True)
    errors_total = models.PositiveIntegerField(default=0)
    # The first rows as they will be: [{"phone_number", "name", "approved", "language", "change"}].
    sample = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import"
        ordering = ["-id"]
        indexes = [
            # work.Imports: what a worker must look at.
            models.Index(fields=["id"], condition=Q(status__in=["checking", "importing"]), name="shifts_import_work"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.segment_name}"
