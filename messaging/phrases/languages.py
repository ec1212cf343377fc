"""In which language somebody is texted: that of their contact, if texts are shipped in it; else that of the house."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation.trans_real import parse_accept_lang_header

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


@contextmanager
def reading(code: str) -> Iterator[str]:
    """Within, a page is written in the language of ``code``. Yields the language.

    It asks no database, so that a page can say that there is none. For pages that people open; what they are texted is
    composed in ``speaking``.
    """
    language = spoken(code)
    with translation.override(language):
        yield language


def of_browser(headers: Mapping[str, str]) -> str:
    """The first language that a browser asks for (RFC 9110, 12.5.4) and that is shipped; "" if there is none."""
    asked = (code for code, _ in parse_accept_lang_header(headers.get("Accept-Language", "")))
    shipped = names()
    return next((base for code in asked if (base := code.partition("-")[0]) in shipped), "")


def day(at: datetime) -> str:
    """A day as people write it in the language that is spoken now: 1 July 2026, 1 de julio de 2026."""
    return date_format(localdate(at), "j F Y" if current() == ENGLISH else "DATE_FORMAT")
