"""The only writer of TextTemplate: staff say something in their own words, or go back to the shipped ones."""

from django.core.exceptions import ValidationError
from django.db import transaction

from messaging import clock
from messaging.models import TextTemplate
from messaging.phrases import languages, own
from messaging.phrases.catalogue import Said, in_whole
from messaging.phrases.checking import problems
from messaging.text import BodyTooLong, measure


def check(said: Said, language: str, text: str) -> list[str]:
    """What is wrong with words for a phrase; [] when they can be said, and the whole text they stand in be sent."""
    found = problems(said.phrase, text)
    if not found and not (size := measure(in_whole(said, language, text))).fits:
        found.append(str(BodyTooLong(size)))
    return found


def write(said: Said, language: str, text: str, *, by: str) -> TextTemplate:
    """Say something in other words from now on.

    Args:
        said: which phrase.
        language: a code of settings.LANGUAGES.
        text: the words; "" or the shipped ones for going back to those.
        by: who of our side: a username.

    Raises:
        ValidationError: every fault of the words, and what to do.
        ValueError: texts are not shipped in this language.
    """
    if language not in languages.names():
        raise ValueError(f"Texts are not shipped in {language!r}.")
    words = text.replace("\r\n", "\n").strip()
    if words == said.phrase.shipped(language):
        words = ""
    if words and (found := check(said, language, words)):
        raise ValidationError(found)
    with transaction.atomic():
        row, _ = TextTemplate.objects.update_or_create(
            key=said.phrase.key,
            language=language,
            defaults={"text": words, "changed_by": by, "changed_at": clock.now()},
        )
        transaction.on_commit(own.forget)
    return row
