"""What staff may put otherwise of what we say about incidents, and how it looks in a whole text."""

from collections.abc import Callable, Mapping, Sequence

from incidents import phrases, texts
from incidents.phrases import PHRASES
from incidents.situation import Answer, News
from messaging.phrases import Phrase

_PUMP = texts.Subject("P-117", "Pump 4 has stopped", "https://example.com/pump-4")
_WHO = "Ben Ortiz"
_OPEN = ("P-117", "P-118")


def _answered(kind: Answer, *, logged: bool = False, who: str = _WHO) -> Callable[[], str]:
    return lambda: texts.answer(kind, _PUMP, who=who, logged=logged)


def _told(kind: News) -> Callable[[], str]:
    return lambda: texts.news(kind, _PUMP.incident_id, who=_WHO)


_SAMPLES: Mapping[Phrase, Callable[[], str]] = {
    phrases.ALERT: lambda: texts.alert(_PUMP, escalated=False),
    phrases.ALERT_ESCALATED: lambda: texts.alert(_PUMP, escalated=True),
    phrases.REMINDER: lambda: texts.reminder(_PUMP),
    phrases.HOW_TO_ANSWER: lambda: texts.alert(_PUMP, escalated=False),
    phrases.HOW_TO_ANSWER_WITH_ID: lambda: texts.alert(_PUMP, escalated=False, with_id=True),
    phrases.THANKS: lambda: texts.thanks(_PUMP, late=False),
    phrases.THANKS_LATE: lambda: texts.thanks(_PUMP, late=True),
    phrases.TOLD_ESCALATED: _told(News.ESCALATED),
    phrases.TOLD_ACKNOWLEDGED: _told(News.ACKNOWLEDGED),
    phrases.TOLD_LOGGED: _told(News.LOGGED),
    phrases.CANCELLED: _told(News.CANCELLED),
    phrases.RESOLVED: _answered(Answer.RESOLVED),
    phrases.ALREADY_ACKNOWLEDGED: _answered(Answer.ALREADY_ACKNOWLEDGED),
    phrases.ALREADY_YOURS: _answered(Answer.ALREADY_ACKNOWLEDGED, who=""),
    phrases.ESCALATED: _answered(Answer.ESCALATED),
    phrases.NOTED: _answered(Answer.NOTED),
    phrases.OFF_THE_LIST: _answered(Answer.OFF_THE_LIST),
    phrases.ALREADY_ESCALATED: _answered(Answer.ALREADY_ESCALATED),
    phrases.ALREADY_LOGGED: _answered(Answer.ALREADY_ESCALATED, logged=True),
    phrases.LOGGED: _answered(Answer.LOGGED),
    phrases.NO_SUCH: lambda: texts.which(_OPEN, unknown="P-119"),
    phrases.WHICH: lambda: texts.which(_OPEN),
    phrases.WHICH_ONE: lambda: texts.which(_OPEN[:1], unknown="P-119"),
    phrases.WHICH_OF_SEVERAL: lambda: texts.which(_OPEN),
    phrases.NOT_UNDERSTOOD: lambda: texts.explanation(_OPEN),
    phrases.NOT_UNDERSTOOD_ONE: lambda: texts.explanation(_OPEN[:1]),
    phrases.SEVERAL: lambda: phrases.SEVERAL.say(ids=texts.listing(_OPEN, 12)),
    phrases.AND: lambda: texts.which(_OPEN),
    phrases.AND_MORE: lambda: texts.which([f"P-{number}" for number in range(117, 131)]),
}
_BY_KEY = {phrase.key: sample for phrase, sample in _SAMPLES.items()}


class IncidentWords:
    """See messaging.contracts.Words."""

    title = "Incidents"
    permission = "incidents.change_incident"
    phrases: Sequence[Phrase] = PHRASES
    pages: Sequence[Phrase] = ()

    def sample(self, key: str) -> str:
        """A text about a pump."""
        return _BY_KEY[key]()
