"""What staff say instead of the shipped words."""

from django.db import models


class TextTemplate(models.Model):
    """Staff's own words for a phrase in a language. Written by messaging.phrases.writing only.

    Attributes:
        key: of the phrase, "incidents.alert". A row whose phrase is gone says nothing.
        text: with places such as {id}; blank: the shipped words again. The row stays, and its history with it.
    """

    key = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name, verbose_name_plural = "text to people", "texts to people"
        ordering = ["key", "language"]
        constraints = [
            models.UniqueConstraint(fields=["key", "language"], name="messaging_one_template_of_a_phrase"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
