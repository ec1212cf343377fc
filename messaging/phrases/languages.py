"""In which language somebody is texted: that of their contact, if texts are shipped in it; else that of the house."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation

from messaging.compiled import Compiled
from messaging.models import Contact
from messaging.phrases import own

ENGLISH = "en"


def names() -> dict[str, str]:
    """The languages that texts are shipped in: code → name."""
    return {code: str(name) for code, name in settings.LANGUAGES}


def spoken(code: str) -> str:
    """The language that somebody is texted in whose contact says ``code``: "es-MX" → "es"; one we have not → English.

    Blank means that of the settings.
    """
    wanted = (code or settings.LANGUAGE_CODE).strip().replace("_", "-").lower()
    shipped = names()
    if wanted in shipped:
        return wanted
    base = wanted.partition("-")[0]
    return base if base in shipped else ENGLISH


def current() -> str:
    """The language that is spoken now."""
    return spoken(translation.get_language() or ENGLISH)


def of_number(phone_number: str) -> str:
    """The language of the contact behind a number; "" when nobody knows."""
    return next((language for (language,) in _OF_NUMBER.rows(phone_number=phone_number)), "")


_OF_NUMBER = Compiled(
    lambda phone_number: Contact.objects.filter(phone_number=phone_number).order_by().values_list("language"),
    phone_number=str,
)


@contextmanager
def speaking(code: str) -> Iterator[str]:
    """Within, phrases are said in the language of ``code``, as staff have put them. Yields the language.

    Every text is composed within it. It costs a query at most once a second (messaging.phrases.own).
    """
    own.refresh()
    language = spoken(code)
    with translation.override(language):
        yield language
