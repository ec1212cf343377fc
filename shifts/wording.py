"""What staff may put otherwise of what we say about shifts, and how it looks in a whole text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from messaging.phrases import Phrase
from shifts import listing, phrases, texts
from shifts.booking import Dropped, Summary
from shifts.campaigns import content
from shifts.models import Shift
from shifts.phrases import PHRASES

_MONDAY = datetime(2026, 7, 6, 22, tzinfo=UTC)
_NIGHT = Shift(shift_id="XYZ123", shift_info="Night, ward 3", starts_at=_MONDAY, ends_at=_MONDAY + timedelta(hours=8))
_DAY = Shift(shift_id="XYZ124", shift_info="Day, ward 3", starts_at=_MONDAY + timedelta(hours=33))
_MANY = [Shift(shift_id=f"XYZ{number}", shift_info="Night, ward 3 " * 6) for number in range(123, 163)]
_CODES = ("XYZ123", "XYZ124")
_MESSAGE = "Two nurses are needed on ward 3."


def _answer_to(result: Summary | Dropped) -> Callable[[], str]:
    return lambda: texts.summary(result) if isinstance(result, Summary) else texts.dropped(result)


_ONE, _OTHER = _CODES[:1], _CODES[1:]
_MANY_CODES = tuple(f"XYZ-NIGHT-{number}" for number in range(1000, 1150))
_MANY_OVERLAPPING = Summary(overlapping=tuple((code, f"{code}-TOO") for code in _MANY_CODES[:80]))

_SAMPLES: Mapping[Phrase, Callable[[], str]] = {
    phrases.SUMMARY: _answer_to(Summary(_ONE)),
    phrases.BOOKED: _answer_to(Summary(_ONE)),
    phrases.ALREADY_YOURS: _answer_to(Summary(_ONE, already_yours=_OTHER)),
    phrases.NOT_AVAILABLE: _answer_to(Summary(_ONE, not_available=_OTHER)),
    phrases.OVERLAPS: _answer_to(Summary(_ONE, overlapping=(("XYZ124", "XYZ123"),))),
    phrases.OVERLAPS_OTHERS: _answer_to(_MANY_OVERLAPPING),
    phrases.UNKNOWN: _answer_to(Summary(_ONE, unknown=_OTHER)),
    phrases.NOT_A_CODE: _answer_to(Summary(unknown=_CODES)),
    phrases.HOW_TO_BOOK: lambda: texts.how_to_book(_CODES[0]),
    phrases.REPLY_WITH_CODES: lambda: listing.fill([_NIGHT, _DAY], UTC)[0],
    phrases.MORE_LISTS: lambda: listing.fill(_MANY, UTC)[0],
    phrases.NO_SHIFTS: phrases.NO_SHIFTS.say,
    phrases.THE_END: phrases.THE_END.say,
    phrases.HELD: lambda: texts.held([_NIGHT, _DAY], UTC),
    phrases.HOW_TO_DROP: lambda: texts.held([_NIGHT, _DAY], UTC),
    phrases.NOTHING_HELD: lambda: texts.held([], UTC),
    phrases.WHICH_TO_DROP: lambda: texts.how_to_drop([_NIGHT, _DAY], UTC),
    phrases.DROP_SUMMARY: _answer_to(Dropped(_ONE)),
    phrases.DROPPED: _answer_to(Dropped(_ONE)),
    phrases.NOT_YOURS: _answer_to(Dropped(_ONE, not_held=_OTHER)),
    phrases.BEGUN: _answer_to(Dropped(_ONE, begun=_OTHER)),
    phrases.WILL_CALL: phrases.WILL_CALL.say,
    phrases.CALLING: phrases.CALLING.say,
    phrases.NOT_AUTHORISED: phrases.NOT_AUTHORISED.say,
    phrases.FOOTER_CODES: lambda: content.text(_MESSAGE, "", _CODES),
    phrases.FOOTER: lambda: content.text(_MESSAGE, "", ()),
    phrases.FOOTER_END: lambda: content.text(_MESSAGE, "", _CODES),
    phrases.CODES_AND_MORE: _answer_to(Summary(_ONE, unknown=_MANY_CODES)),
    phrases.AND_MORE: lambda: texts.held(_MANY, UTC),
}
_BY_KEY = {phrase.key: sample for phrase, sample in _SAMPLES.items()}


class ShiftWords:
    """See messaging.contracts.Words."""

    title = "Shifts"
    permission = "shifts.change_campaign"
    phrases: Sequence[Phrase] = PHRASES
    pages: Sequence[Phrase] = ()

    def sample(self, key: str) -> str:
        """A text about nights on ward 3."""
        return _BY_KEY[key]()
