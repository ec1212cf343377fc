"""The words about shifts: spelled as people know them, GSM-7, and never longer than AWS takes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.phrases import speaking
from messaging.text import GSM, measure
from shifts import phrases, texts
from shifts.booking import Dropped, Summary
from shifts.models import Shift

UTC = ZoneInfo("UTC")
MONDAY = datetime(2026, 7, 6, 9, tzinfo=UTC)
NOT_VALID = "This is not a valid shift code, please reply by typing REQUEST to view the available shifts"


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (Summary(booked=("A",)), "Request summary - Shift booked: A"),
        (Summary(booked=("A", "b2")), "Request summary - Shift booked: A, b2"),
        (Summary(not_available=("A",)), "Request summary - Shift not available: A"),
        (Summary(already_yours=("A",)), "Request summary - Already yours: A"),
        (Summary(overlapping=(("A", "B"),)), "Request summary - Overlaps with B: A"),
        (
            Summary(overlapping=(("A", "B"), ("C", "D"), ("E", "B"))),
            "Request summary - Overlaps with B: A, E | Overlaps with D: C",
        ),
        (Summary(booked=("A",), unknown=("X9",)), "Request summary - Shift booked: A | Shift doesn't exist: X9"),
        (
            Summary(("A", "B"), ("C",), ("D",), (("E", "A"),), ("F",)),
            (
                "Request summary - Shift booked: A, B | Already yours: C | Shift not available: D"
                " | Overlaps with A: E | Shift doesn't exist: F"
            ),
        ),
        (Summary(unknown=("X9", "Y9")), NOT_VALID),
    ],
)
def test_the_summary(result: Summary, text: str) -> None:
    assert texts.summary(result) == text


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (Dropped(dropped=("A", "B")), "Drop summary - Given back: A, B"),
        (Dropped(not_held=("A",)), "Drop summary - Not yours: A"),
        (Dropped(begun=("A",)), "Drop summary - Has begun, please tell your staff: A"),
        (Dropped(unknown=("X9",)), "Drop summary - Shift doesn't exist: X9"),
        (
            Dropped(("A",), ("B",), ("C",), ("D",)),
            (
                "Drop summary - Given back: A | Not yours: B | Has begun, please tell your staff: C"
                " | Shift doesn't exist: D"
            ),
        ),
    ],
)
def test_the_summary_of_what_is_given_back(result: Dropped, text: str) -> None:
    assert texts.dropped(result) == text


def test_words_that_others_rely_on() -> None:
    assert phrases.NOT_AUTHORISED.words == "NOT-AUTHORISED please contact the administrator"
    assert phrases.NOT_A_CODE.words == NOT_VALID
    assert phrases.NO_SHIFTS.words == "There are no shifts at this time"
    assert phrases.THE_END.words == "These were all the shifts. REQUEST lists them again."


def hours(length: float | None, start: datetime = MONDAY, info: str = "Night") -> Shift:
    return Shift(
        shift_id="XYZ123",
        shift_info=info,
        starts_at=start,
        ends_at=None if length is None else start + timedelta(hours=length),
    )


@pytest.mark.parametrize(
    ("shift", "zone", "line"),
    [
        (hours(8), "UTC", "XYZ123: Night (Mon 6 Jul 09:00-17:00)"),
        (hours(8), "America/Los_Angeles", "XYZ123: Night (Mon 6 Jul 02:00-10:00)"),
        (hours(8), "Pacific/Auckland", "XYZ123: Night (Mon 6 Jul 21:00-05:00)"),
        (hours(23.5), "UTC", "XYZ123: Night (Mon 6 Jul 09:00-08:30)"),
        (hours(24), "UTC", "XYZ123: Night (Mon 6 Jul 09:00-Tue 7 Jul 09:00)"),
        (hours(None), "UTC", "XYZ123: Night (Mon 6 Jul 09:00)"),
        (hours(8, info=""), "UTC", "XYZ123 (Mon 6 Jul 09:00-17:00)"),
        (hours(8, info=" Two\n lines "), "UTC", "XYZ123: Two lines (Mon 6 Jul 09:00-17:00)"),
        (Shift(shift_id="a", shift_info="Any time"), "UTC", "a: Any time"),
        (Shift(shift_id="a"), "UTC", "a"),
    ],
)
def test_a_line(shift: Shift, zone: str, line: str) -> None:
    assert texts.line(shift, ZoneInfo(zone)) == line


def test_the_shifts_somebody_holds() -> None:
    rows = [hours(8), Shift(shift_id="b", shift_info="Any time")]
    assert texts.held(rows, UTC) == (
        "Your shifts:\nXYZ123: Night (Mon 6 Jul 09:00-17:00)\nb: Any time\nTo give one back, reply DROP and its code."
    )
    assert texts.how_to_drop(rows, UTC) == (
        "To give a shift back, reply for example DROP XYZ123. Your shifts:\n"
        "XYZ123: Night (Mon 6 Jul 09:00-17:00)\nb: Any time"
    )
    for nothing in (texts.held([], UTC), texts.how_to_drop([], UTC)):
        assert nothing == "You hold no shifts. REQUEST lists those you can book."


def many(count: int, opening: str = "C") -> tuple[str, ...]:
    return tuple(f"{opening}{number:029}" for number in range(count))


def test_what_does_not_fit_is_counted() -> None:
    text = texts.summary(Summary(booked=("A",), unknown=many(99)))
    assert text.startswith("Request summary - Shift booked: A | Shift doesn't exist: C000")
    assert text.endswith("more")
    shown = text.count(", C") + 1
    assert text.endswith(f" and {99 - shown} more")
    assert 1400 < measure(text).length <= 1530


def test_overlaps_that_do_not_fit_are_counted() -> None:
    text = texts.summary(Summary(overlapping=tuple(zip(many(50), many(50, "H"), strict=True))))
    assert measure(text).fits
    assert "| Overlaps with others: C" in text
    assert text.endswith("more")


def test_shifts_held_that_do_not_fit_are_counted() -> None:
    rows = [Shift(shift_id=f"S{number}", shift_info="Ward " + "\N{OWL}" * 290) for number in range(40)]
    for text in (texts.held(rows, UTC), texts.how_to_drop(rows, UTC)):
        assert measure(text).fits
        assert "\nand 3" in text
        assert "..." in text


codes = st.lists(st.text("ABCxyz-_019", min_size=1, max_size=30), max_size=100).map(tuple)


@given(codes, codes, codes, codes, codes)
def test_no_summary_is_too_long(
    booked: tuple[str, ...],
    yours: tuple[str, ...],
    gone: tuple[str, ...],
    others: tuple[str, ...],
    none: tuple[str, ...],
) -> None:
    overlapping = tuple((code, code[::-1]) for code in others)
    for text in (
        texts.summary(Summary(booked, yours, gone, overlapping, none)),
        texts.dropped(Dropped(booked, yours, gone, none)),
    ):
        size = measure(text)
        assert size.fits
        assert size.encoding == GSM


LANGUAGES = ["en", "es", "fr", "de"]


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("en", "Sat 1 Aug 09:00-17:00"),
        ("es", "Sab 1 ago 09:00-17:00"),
        ("fr", "sam 1 aou 09:00-17:00"),
        ("de", "Sa 1 Aug 09:00-17:00"),
    ],
)
def test_days_are_told_in_the_language_without_rare_accents(language: str, when: str) -> None:
    with speaking(language):
        line = texts.line(hours(8, datetime(2026, 8, 1, 9, tzinfo=UTC)), UTC)
    assert line.casefold() == f"xyz123: night ({when})".casefold()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_a_year_is_gsm(language: str) -> None:
    with speaking(language):
        for day in range(366):
            line = texts.line(hours(30, MONDAY + timedelta(days=day)), UTC)
            assert measure(line).encoding == GSM, line


@pytest.mark.parametrize("language", LANGUAGES)
@given(codes, codes, codes, codes, codes)
def test_no_summary_is_too_long_in_any_language(
    language: str,
    booked: tuple[str, ...],
    yours: tuple[str, ...],
    gone: tuple[str, ...],
    others: tuple[str, ...],
    none: tuple[str, ...],
) -> None:
    overlapping = tuple((code, code[::-1]) for code in others)
    with speaking(language):
        assert measure(texts.summary(Summary(booked, yours, gone, overlapping, none))).fits
        assert measure(texts.dropped(Dropped(booked, yours, gone, none))).fits
