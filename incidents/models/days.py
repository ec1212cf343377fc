"""Figures of days that are over, kept for reports. Written by incidents.reports.kept, and by erasures."""

from django.db import models


class ReportedDay(models.Model):
    """What reports say of the incidents that were opened on a day, as it was when it was counted.

    True while no ChangedDay names the day. Rows are counted from the incidents and may be deleted at any time.

    Attributes:
        zone: the time zone in which the day was one.
        figures: incidents.reports.days.Day, as JSON.
        version: how often it was counted anew; of two workers that count it at once, the first is kept.
    """

    day = models.DateField(unique=True)
    zone = models.CharField(max_length=60)
    figures = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class ChangedDay(models.Model):
    """An incident that was opened on this day has changed since the day was over.

    Added in the transaction of the change, and deleted with a count that began after that was committed: nobody waits
    for anybody, and no count of before the change is taken for true.
    """

    day = models.DateField(db_index=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.day.isoformat()
