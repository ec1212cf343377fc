"""What happened on each day, counted: charts read these rows instead of the millions behind them."""

from django.db import models


class CountedDay(models.Model):
    """The figures of one day, in the time zone of the settings. Written by messaging.daily only.

    Attributes:
        figures: name of a plug-in of settings.MESSAGING["DAILY"] → what it counted.
        counted_at: until when it was counted. A day is counted again while something of it may still change.
        seconds: how long counting took, so that a large day is counted less often.
    """

    day = models.DateField(unique=True)
    counted_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return self.day.isoformat()
