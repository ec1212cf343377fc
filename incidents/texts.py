"""What people are told about an incident. Values in, words out; our own words are GSM-7 (tests/incidents/test_texts).

Each text stands alone: a phone shows it without what came before. Alerts, reminders and thanks carry the description
and the link; what only informs names the incident and stays one part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from incidents.situation import Answer, Ask, News
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
        return _("%(words)s and %(count)s more") % {"words": ", ".join(shown), "count": len(words) - most}
    if len(shown) < 2:
        return "".join(shown)
    return _("%(words)s and %(last)s") % {"words": ", ".join(shown[:-1]), "last": shown[-1]}


def names(people: Sequence[str]) -> str:
    """Whom something was escalated to, in few words."""
    return listing([person[:60] for person in people], _MOST_NAMES)


def how_to_answer(incident_id: str, *, with_id: bool) -> str:
    """The last line of a text that asks. The id is spelled out when the person has other incidents open."""
    if with_id:
        return _("Reply YES %(id)s if you take it, NO %(id)s if not.") % {"id": incident_id}
    return _("Reply YES if you take it, NO if not.")


def alert(subject: Subject, *, escalated: bool, with_id: bool = False) -> str:
    """The first text to somebody. ``escalated``: others were asked before them."""
    opening = _("Incident %(id)s was escalated to you: %(what)s") if escalated else _("Incident %(id)s: %(what)s")
    return _two_lines(subject, opening, with_id)


def reminder(subject: Subject, *, with_id: bool = False) -> str:
    """A further text to somebody who has not answered."""
    return _two_lines(subject, _("Reminder: incident %(id)s waits for your answer: %(what)s"), with_id)


def asking(subject: Subject, ask: Ask, *, language: str, with_id: bool) -> str:
    """The text that asks somebody, in their language (a code: "en")."""
    with translation.override(language):
        if ask.stage:
            return reminder(subject, with_id=with_id)
        return alert(subject, escalated=ask.step > 1, with_id=with_id)


def _two_lines(subject: Subject, opening: str, with_id: bool) -> str:
    first = opening % {"id": subject.incident_id, "what": subject.what}
    return f"{first}\n{how_to_answer(subject.incident_id, with_id=with_id)}"


def thanks(subject: Subject, *, late: bool) -> str:
    """To the person whose YES counts."""
    if late:
        template = _("Thank you. Late, but accepted: incident %(id)s is yours. %(what)s")
    else:
        template = _("Thank you. Incident %(id)s is yours: %(what)s")
    return template % {"id": subject.incident_id, "what": subject.what}


def news(kind: News, incident_id: str, *, who: str = "") -> str:
    """To somebody who did not just text us.

    Args:
        kind: what happened.
        incident_id: to which incident.
        who: who has it now, or who is asked now.
    """
    templates = {
        News.ESCALATED: _("Incident %(id)s was escalated to %(who)s. You can still reply YES %(id)s."),
        News.ACKNOWLEDGED: _("Incident %(id)s was acknowledged by %(who)s. You need not do anything."),
        News.LOGGED: _("Nobody acknowledged incident %(id)s. It is logged for review."),
        News.CANCELLED: _("Incident %(id)s was cancelled. You need not do anything."),
    }
    return templates[kind] % {"id": incident_id, "who": who}


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
    templates = {
        Answer.ALREADY_ACKNOWLEDGED: _("Incident %(id)s was already acknowledged by %(who)s.")
        if who
        else _("Incident %(id)s was already acknowledged by you. If you cannot do it, tell your staff."),
        Answer.ESCALATED: _("Noted. Incident %(id)s is escalated to %(who)s."),
        Answer.NOTED: _("Noted. Others are being asked about incident %(id)s."),
        Answer.OFF_THE_LIST: _("Noted. You will not be asked about incident %(id)s."),
        Answer.ALREADY_ESCALATED: _("Incident %(id)s was already escalated, and is logged for review.")
        if logged
        else _("Incident %(id)s was already escalated to %(who)s."),
        Answer.LOGGED: _("Noted. Nobody is left to ask: incident %(id)s is logged for review."),
        Answer.CANCELLED: _("Incident %(id)s was cancelled. You need not do anything."),
        Answer.RESOLVED: _("Incident %(id)s is resolved. You need not do anything."),
    }
    return templates[kind] % {"id": subject.incident_id, "who": who}


def which(incident_ids: Sequence[str], *, unknown: str = "") -> str:
    """Ask which of the open incidents an answer belongs to."""
    if unknown:
        opening = _("You have no incident %(unknown)s.") % {"unknown": unknown[:64]}
    else:
        opening = _("Which incident do you mean?")
    if not incident_ids:
        return opening
    example = incident_ids[0]
    if len(incident_ids) == 1:
        return opening + " " + _("Reply YES %(id)s or NO %(id)s.") % {"id": example}
    question = _("Open: %(ids)s. Reply for example YES %(id)s, NO %(id)s or YES ALL.")
    return opening + " " + question % {"ids": listing(incident_ids, _MOST_IDS), "id": example}


def explanation(incident_ids: Sequence[str]) -> str:
    """To somebody whose text was not understood while something is open for them."""
    if len(incident_ids) == 1:
        template = _("Sorry, that was not understood. Incident %(id)s: reply YES if you take it, NO if not.")
        return template % {"id": incident_ids[0]}
    return _("Sorry, that was not understood.") + " " + which(incident_ids)


def several(bodies: Sequence[str], short: Sequence[str]) -> str:
    """One text for the answers about several incidents: in full if that fits, else only their ids."""
    full = "\n".join(bodies)
    if measure(full).fits:
        return full
    return _("Noted for incidents %(ids)s.") % {"ids": listing(short, _MOST_IDS)}


def longest(subject: Subject) -> Size:
    """The size of the longest text that may have to be sent about an incident; none may be too long to send."""
    candidates = [
        alert(subject, escalated=True, with_id=True),
        reminder(subject, with_id=True),
        thanks(subject, late=True),
    ]
    return max((measure(text) for text in candidates), key=lambda size: size.length)
