"""`make messages`: brings the translations of every phrase up to date, and compiles them for Django.

Translations stand in <app>/locale/<language>/LC_MESSAGES/django.po, to be edited by hand or with any tool for gettext.
This adds what is new with an empty translation, marks what was said otherwise as fuzzy, takes away what is gone, and
writes django.mo beside it. Only phrases are translated: staff's pages are in English.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.run import BASE, clean_environment

if TYPE_CHECKING:
    from messaging.phrases import Phrase

_FUZZY = "fuzzy"
# Of the header only what Django needs: dates and addresses would change with each run, and tell nobody anything.
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_LEFT_OUT = (
    *(b"Report-Msgid-Bugs-To", b"POT-Creation-Date", b"PO-Revision-Date", b"Last-Translator", b"Language-Team"),
    b"Generated-By",
)


def catalogues() -> Iterator[tuple[str, Path, Sequence["Phrase"]]]:
    """Language, file and phrases of each catalogue that there must be."""
    from messaging import registry
    from messaging.phrases import languages

    apps: dict[str, list[Phrase]] = {}
    for phrase in (phrase for group in registry.words() for phrase in (*group.phrases, *group.pages)):
        apps.setdefault(phrase.key.partition(".")[0], []).append(phrase)
    for app, phrases in apps.items():
        for language in languages.names():
            if language != languages.ENGLISH:
                yield language, BASE / app / "locale" / language / "LC_MESSAGES" / "django.po", phrases


def read(path: Path, language: str) -> Catalog:
    """A catalogue of translations; an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def brought_up_to_date(old: Catalog, phrases: Sequence["Phrase"]) -> Catalog:
    """The same translations, for the phrases as they are now."""
    new = Catalog(
        locale=old.locale,
        header_comment="# Kept up to date by make messages; the translations are yours to edit.",
        project="Textback",
        version="1",
        creation_date=_NO_DATE,
        fuzzy=False,
    )
    by_key = {message.context: message for message in old if message.id}
    for phrase in phrases:
        had = by_key.get(phrase.key)
        translation = str(had.string) if had else ""
        flags = {_FUZZY} & set(had.flags) if had else set()
        if had and translation and had.id != phrase.words:
            flags.add(_FUZZY)
        new.add(phrase.words, translation, context=phrase.key, auto_comments=[phrase.when], flags=flags)
    return new


def as_po(catalog: Catalog) -> bytes:
    """The file to edit."""
    file = BytesIO()
    write_po(file, catalog, width=120, no_location=True)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.removeprefix(b'"').startswith(_LEFT_OUT))


def as_mo(catalog: Catalog) -> bytes:
    """The file that Django reads."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def untranslated(catalog: Catalog) -> list[str]:
    """The keys that have no translation, or one that a person must look at."""
    return [str(message.context) for message in catalog if message.id and (message.fuzzy or not message.string)]


def main() -> int:
    """Do it. Returns 1 when something is not translated."""
    for name, value in clean_environment().items():
        os.environ.setdefault(name, value)
    django.setup()
    missing = 0
    for language, path, phrases in catalogues():
        catalog = brought_up_to_date(read(path, language), phrases)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(catalog))
        for key in untranslated(catalog):
            missing += 1
            print(f"{path.relative_to(BASE)}: {key} is not translated, or its English has changed")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
