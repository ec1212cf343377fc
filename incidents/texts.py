"""What people are told about an incident. Values in, words out; our own words are GSM-7 (tests/incidents/test_texts).

Each text stands alone: a phone shows it without what came before. Alerts, reminders and thanks carry the description
and the link; what only informs names the incident and stays one part. In the language that is spoken: see
messaging.phrases.speaking.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from incidents import phrases
from incidents.situation import Answer, Ask, News
from messaging.phrases import Phrase, fitting, own, speaking
from messaging.text import Size, measure

_MOST_NAMES = 3
_MOST_IDS = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """What is said of an incident."""

    incident_id: str
    description: str
    url: str = ""

    @property
    def what(self) -> str:
        """Description and link."""
        return f"{self.description} {self.url}".strip()


def listing(words: Sequence[str], most: int) -> str:
    """One phrase of several words: "A, B and C", or "A, B, C and 2 more"."""
    shown = [word for word in words[:most] if word]
    if len(words) > most:
        return phrases.AND_MORE.say(words=", ".join(shown), count=len(words) - most)
    if len(shown) < 2:
        return "".join(shown)
    return phrases.AND.say(words=", ".join(shown[:-1]), last=shown[-1])


def names(people: Sequence[str]) -> str:
    """Whom something was escalated to, in few words."""
    return listing([person[:60] for person in people], _MOST_NAMES)


def how_to_answer(incident_id: str, *, with_id: bool) -> str:
    """The last line of a text that asks. The id is spelled out when the person has other incidents open."""
    return phrases.HOW_TO_ANSWER_WITH_ID.say(id=incident_id) if with_id else phrases.HOW_TO_ANSWER.say()


def alert(subject: Subject, *, escalated: bool, with_id: bool = False) -> str:
    """The first text to somebody. ``escalated``: others were asked before them."""
    return _two_lines(subject, phrases.ALERT_ESCALATED if escalated else phrases.ALERT, with_id)


def reminder(subject: Subject, *, with_id: bool = False) -> str:
    """A further text to somebody who has not answered."""
    return _two_lines(subject, phrases.REMINDER, with_id)


def asking(subject: Subject, ask: Ask, *, language: str, with_id: bool) -> str:
    """The text that asks somebody, in their language (a code: "en")."""
    with speaking(language):
        if ask.stage:
            return reminder(subject, with_id=with_id)
        return alert(subject, escalated=ask.step > 1, with_id=with_id)


def _two_lines(subject: Subject, opening: Phrase, with_id: bool) -> str:
    return fitting(
        lambda: (
            f"{opening.say(id=subject.incident_id, what=subject.what)}\n"
            f"{how_to_answer(subject.incident_id, with_id=with_id)}"
        )
    )


def thanks(subject: Subject, *, late: bool) -> str:
    """To the person whose YES counts."""
    phrase = phrases.THANKS_LATE if late else phrases.THANKS
    return fitting(lambda: phrase.say(id=subject.incident_id, what=subject.what))


_NEWS = {
    News.ESCALATED: phrases.TOLD_ESCALATED,
    News.ACKNOWLEDGED: phrases.TOLD_ACKNOWLEDGED,
    News.LOGGED: phrases.TOLD_LOGGED,
    News.CANCELLED: phrases.CANCELLED,
    News.RESOLVED: phrases.RESOLVED,
}


def news(kind: News, incident_id: str, *, who: str = "") -> str:
    """To somebody who did not just text us.

    Args:
        kind: what happened.
        incident_id: to which incident.
        who: who has it now, or who is asked now.
    """
    return fitting(lambda: _NEWS[kind].say(id=incident_id, who=who))


def answer(kind: Answer, subject: Subject, *, who: str = "", logged: bool = False) -> str:
    """To the person who just texted us.

    Args:
        kind: what their answer came to.
        subject: the incident.
        who: who has it, or who is asked now; blank when it is they themselves.
        logged: nobody is asked any more.
    """
    if kind in (Answer.THANKS, Answer.THANKS_LATE):
        return thanks(subject, late=kind is Answer.THANKS_LATE)
    answers = {
        Answer.ALREADY_ACKNOWLEDGED: phrases.ALREADY_ACKNOWLEDGED if who else phrases.ALREADY_YOURS,
        Answer.ESCALATED: phrases.ESCALATED,
        Answer.NOTED: phrases.NOTED,
        Answer.OFF_THE_LIST: phrases.OFF_THE_LIST,
        Answer.ALREADY_ESCALATED: phrases.ALREADY_LOGGED if logged else phrases.ALREADY_ESCALATED,
        Answer.LOGGED: phrases.LOGGED,
        Answer.CANCELLED: phrases.CANCELLED,
        Answer.RESOLVED: phrases.RESOLVED,
    }
    return fitting(lambda: answers[kind].say(id=subject.incident_id, who=who))


def which(incident_ids: Sequence[str], *, unknown: str = "") -> str:
    """Ask which of the open incidents an answer belongs to."""
    return fitting(lambda: _which(incident_ids, unknown))


def _which(incident_ids: Sequence[str], unknown: str) -> str:
    opening = phrases.NO_SUCH.say(unknown=unknown[:64]) if unknown else phrases.WHICH.say()
    if not incident_ids:
        return opening
    example = incident_ids[0]
    if len(incident_ids) == 1:
        return f"{opening} {phrases.WHICH_ONE.say(id=example)}"
    return f"{opening} {phrases.WHICH_OF_SEVERAL.say(ids=listing(incident_ids, _MOST_IDS), id=example)}"


def explanation(incident_ids: Sequence[str]) -> str:
    """To somebody whose text was not understood while something is open for them."""
    if len(incident_ids) == 1:
        return fitting(lambda: phrases.NOT_UNDERSTOOD_ONE.say(id=incident_ids[0]))
    return fitting(lambda: f"{phrases.NOT_UNDERSTOOD.say()} {_which(incident_ids, '')}")


def several(bodies: Sequence[str], short: Sequence[str]) -> str:
    """One text for the answers about several incidents: in full if that fits, else only their ids."""
    full = "\n".join(bodies)
    if measure(full).fits:
        return full
    return fitting(lambda: phrases.SEVERAL.say(ids=listing(short, _MOST_IDS)))


def longest(subject: Subject, spoken: Collection[str] = ("",)) -> Size:
    """The size of the longest text that may have to be sent about an incident; none may be too long to send.

    Args:
        subject: the incident.
        spoken: the languages of its contacts.
    """
    sizes = []
    for language in spoken:
        # Staff's own words give way where they do not fit: fitting().
        with speaking(language), own.shipped():
            sizes += [
                measure(alert(subject, escalated=True, with_id=True)),
                measure(reminder(subject, with_id=True)),
                measure(thanks(subject, late=True)),
            ]
    return max(sizes, key=lambda size: size.length)
