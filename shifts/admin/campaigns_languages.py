"""The further languages of a campaign: their fields in its form, and their texts on its page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminTextareaWidget

from messaging.phrases import languages, speaking
from shifts import campaigns
from shifts.admin import campaigns_words as words
from shifts.campaigns import content, texts
from shifts.campaigns.texts import Version
from shifts.models import Campaign

_CODES = ["XYZ123", "XYZ124"]


def message_field(language: str) -> str:
    """The name of the field with the message in a language."""
    return f"message_{language}"


def footer_field(language: str) -> str:
    """The name of the field with how to book in a language."""
    return f"footer_{language}"


def offered(written: Iterable[Version]) -> list[str]:
    """The languages in which a message may be written: not that of the house, unless it is so written already.

    Whoever has no language reads the campaign's own message, which therefore is in the language of the house.
    """
    house = texts.group(settings.LANGUAGE_CODE)
    has = {version.language for version in written}
    return [language for language in languages.names() if language != house or language in has]


def fieldsets(campaign: Campaign | None) -> list[Any]:
    """One for each language, folded until it is asked for or something is in it."""
    written = texts.versions_of(campaign) if campaign else ()
    has = {version.language for version in written}
    return [
        (
            f"In {texts.name(language)}",
            {
                "fields": (message_field(language), footer_field(language)),
                "classes": () if language in has else ("collapse",),
            },
        )
        for language in offered(written)
    ]


def fields(written: Collection[Version]) -> dict[str, forms.Field]:
    """The fields, by name, with what is written already."""
    has = {version.language: version for version in written}
    found: dict[str, forms.Field] = {}
    for language in offered(written):
        name, version = texts.name(language), has.get(language)
        with speaking(language):
            usual = content.footer("", _CODES)
        found[message_field(language)] = forms.CharField(
            label=f"Message in {name}",
            required=False,
            initial=version.message if version else "",
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "lang": language}),
            help_text=f"Instead of the message above, for those whose language is {name}. Empty: they read that, with "
            f"how to book in {name}.",
        )
        found[footer_field(language)] = forms.CharField(
            label=f"How to book in {name}",
            required=False,
            initial=version.footer if version else "",
            widget=UnfoldAdminExpandableTextareaWidget(attrs={"placeholder": usual, "lang": language}),
            help_text="Empty: the usual words, as shown.",
        )
    return found


def read(data: Mapping[str, Any], longest: int | None = None) -> tuple[Version, ...]:
    """What a form says in further languages; those that it says nothing in are left out."""
    found = []
    for language in languages.names():
        said = (str(data.get(field(language)) or "")[:longest] for field in (message_field, footer_field))
        version = Version(language, *said).tidy()
        if version.message or version.footer:
            found.append(version)
    return tuple(found)


def by_field(problem: ValidationError) -> dict[str, list[str]]:
    """What campaigns refuse, by the field of the form."""
    found = problem.message_dict
    if found.pop("translations", None):
        for one in problem.error_dict["translations"]:
            found.setdefault(message_field(str(one.code)), []).extend(one.messages)
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A text in another language than the campaign's own, and whom it is for."""

    language: str
    name: str
    text: str
    told: str


def shown(campaign: Campaign, told: campaigns.Preview | None) -> Sequence[Shown]:
    """The texts that others read: of a draft those foreseen, of one that has begun those sent."""
    if told is not None:
        return [
            Shown(one.language, one.name, one.text, f"{words.people(one.recipients)}, {size(one)}")
            for one in told.languages
            if one.text != told.text
        ]
    people = campaign.people_by_language
    return [
        Shown(language, texts.name(language), text, words.people(people[language]))
        for language, text in campaign.texts_by_language.items()
        if people.get(language)
    ]


def size(one: campaigns.Said) -> str:
    """How large a text is."""
    return f"{one.encoding}, {words.count_of(one.parts, 'part')}"


def parts(told: campaigns.Preview) -> str:
    """How many parts each text has."""
    if told.fewest_parts == told.parts:
        return words.count_of(told.parts, "part")
    return f"{told.fewest_parts} to {words.count_of(told.parts, 'part')}"
