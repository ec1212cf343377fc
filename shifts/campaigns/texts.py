"""What a campaign says, to each person in their language.

Whoever has no language reads the campaign's own message, with how to book in the language of the house. Whoever has one
reads the version that staff wrote in it; where there is none, the own message with how to book in their language.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from messaging import clock
from messaging.phrases import fitting, languages, speaking
from messaging.text import BodyEmpty, BodyTooLong, check, measure
from shifts import times
from shifts.campaigns import content
from shifts.models import Campaign, Shift


@dataclass(frozen=True, slots=True)
class Version:
    """A campaign's words in a further language.

    Attributes:
        language: one of settings.LANGUAGES.
        footer: how to book; blank: the usual words in that language.
    """

    language: str
    message: str
    footer: str = ""

    def tidy(self) -> "Version":
        """Without spaces at the ends."""
        return Version(self.language.strip().lower(), self.message.strip(), self.footer.strip())


@dataclass(frozen=True, slots=True)
class Texts:
    """Whole texts.

    Attributes:
        own: what whoever has no language reads, and whoever is not in ``others``.
        others: language → text, where it is another.
    """

    own: str
    others: Mapping[str, str]

    def of(self, code: str) -> str:
        """What somebody reads whose contact says ``code``."""
        return self.others.get(group(code), self.own)

    def all(self) -> list[str]:
        """Each text once, the own first."""
        return list(dict.fromkeys([self.own, *self.others.values()]))


def group(code: str) -> str:
    """The language that somebody is texted in whose contact says ``code``; "" when it says none."""
    return languages.spoken(code) if code.strip() else ""


def name(language: str) -> str:
    """A language as staff call it: Spanish."""
    return languages.names().get(language, language)


def compose(message: str, footer: str, shifts: Sequence[Shift], versions: Collection[Version] = ()) -> Texts:
    """The texts as they would be sent now."""
    own = render(message, footer, shifts)
    written = {version.language: version for version in versions}
    others = {}
    for language in languages.names():
        version = written.get(language)
        if version is not None:
            body = render(version.message, version.footer, shifts, language)
        elif not measure(body := render(message, footer, shifts, language)).fits:
            # Nobody wrote it, so nobody can be asked to shorten it: they read it as it fits, the own.
            continue
        if body != own:
            others[language] = body
    return Texts(own, others)


def texts_of(campaign: Campaign) -> Texts:
    """The texts of a campaign: as they are sent once it has begun, else as they would be sent now."""
    if campaign.text:
        return Texts(campaign.text, campaign.texts_by_language)
    return compose(campaign.campaign_message, campaign.footer, list(campaign.shifts.all()), versions_of(campaign))


def text_of(campaign: Campaign) -> str:
    """The own text of a campaign that has not begun, as it would be sent now."""
    return render(campaign.campaign_message, campaign.footer, list(campaign.shifts.all()))


def versions_of(campaign: Campaign) -> tuple[Version, ...]:
    """What staff have written in further languages, by language."""
    return tuple(Version(row.language, row.message, row.footer) for row in campaign.versions.all())


def render(message: str, footer: str, shifts: Sequence[Shift], language: str = "") -> str:
    """A whole text. Codes that nobody can book any more are left out.

    Args:
        message: what it says.
        footer: how to book; blank: the usual words.
        shifts: those that it offers.
        language: in which the usual words are said; blank: that of the house.
    """
    now = clock.now()
    open_ones = [shift for shift in shifts if shift.places_left > 0 and not times.has_begun(shift, now)]
    codes = [shift.shift_id for shift in times.soonest_first(open_ones)]
    with speaking(language):
        return fitting(lambda: content.text(message, footer, codes))


def too_long(message: str, footer: str, shifts: Sequence[Shift], language: str = "") -> str:
    """Why a whole text cannot be sent; "" when it can."""
    try:
        check(render(message, footer, shifts, language))
    except (BodyTooLong, BodyEmpty) as problem:
        return f"{problem} It is counted with how to book below it."
    return ""


def refused(versions: Sequence[Version], shifts: Sequence[Shift]) -> list[tuple[str, str]]:
    """What is wrong with versions: (language, sentence)."""
    found, seen = list[tuple[str, str]](), set[str]()
    for version in versions:
        language = version.language
        if language not in languages.names():
            offered = ", ".join(languages.names())
            found.append((language, f"{language!r} is no language that texts are shipped in. Choose of {offered}."))
        elif language in seen:
            found.append((language, f"{name(language)} is given twice. Give each language once."))
        elif not version.message:
            found.append((language, f"Write what people shall read in {name(language)}."))
        elif problem := too_long(version.message, version.footer, shifts, language):
            found.append((language, f"In {name(language)}: {problem}"))
        seen.add(language)
    return found
