"""The words of incidents."""

import pytest

from incidents import texts
from incidents.situation import Answer, News
from messaging.phrases import speaking
from messaging.text import GSM, measure

PUMP = texts.Subject("123", "Pump 4 has stopped", "https://example.com/123")

# NOT_ASKED_YET is only ever said to staff.
ANSWERS = [answer for answer in Answer if answer is not Answer.NOT_ASKED_YET]
EVERY_TEXT = [
    texts.alert(PUMP, escalated=False),
    texts.alert(PUMP, escalated=True, with_id=True),
    texts.reminder(PUMP),
    texts.reminder(PUMP, with_id=True),
    *(texts.news(news, "123", who="Ben") for news in News),
    *(texts.answer(answer, PUMP, who="Ben") for answer in ANSWERS),
    *(texts.answer(answer, PUMP, logged=True) for answer in ANSWERS),
    texts.which(["123", "124"]),
    texts.which(["123"], unknown="999"),
    texts.which([], unknown="999"),
    texts.explanation(["123"]),
    texts.explanation(["123", "124"]),
]


@pytest.mark.parametrize("body", EVERY_TEXT)
def test_our_own_words_are_gsm_and_one_part(body: str) -> None:
    size = measure(body)
    assert size.encoding == GSM
    assert size.parts == 1


@pytest.mark.parametrize(
    "body",
    [texts.alert(PUMP, escalated=False), texts.alert(PUMP, escalated=True), texts.reminder(PUMP)],
)
def test_texts_that_ask_carry_description_link_and_how_to_answer(body: str) -> None:
    assert "Pump 4 has stopped https://example.com/123" in body
    assert body.endswith("Reply YES if you take it, NO if not.")


def test_somebody_with_several_incidents_reads_the_id_in_the_answer() -> None:
    body = texts.alert(PUMP, escalated=False, with_id=True)
    assert body.endswith("Reply YES 123 if you take it, NO 123 if not.")


def test_the_words_people_are_promised() -> None:
    assert texts.reminder(PUMP).startswith("Reminder")
    assert "escalated to Ben" in texts.news(News.ESCALATED, "123", who="Ben")
    assert "already escalated" in texts.answer(Answer.ALREADY_ESCALATED, PUMP, who="Ben")
    assert "already acknowledged by Ben" in texts.answer(Answer.ALREADY_ACKNOWLEDGED, PUMP, who="Ben")
    assert "already acknowledged by you" in texts.answer(Answer.ALREADY_ACKNOWLEDGED, PUMP)
    assert "logged for review" in texts.news(News.LOGGED, "123")
    for answer in (Answer.THANKS, Answer.THANKS_LATE):
        body = texts.answer(answer, PUMP)
        assert body.startswith("Thank you")
        assert "https://example.com/123" in body


def test_without_a_link_there_is_no_hole() -> None:
    assert "  " not in texts.alert(texts.Subject("123", "Pump 4 has stopped"), escalated=False)


def test_many_ids_do_not_make_a_text_without_end() -> None:
    ids = [f"incident-{number}-{'x' * 50}" for number in range(200)]
    assert measure(texts.which(ids)).fits
    assert "188 more" in texts.which(ids)


def test_many_names_do_not_either() -> None:
    assert texts.names(["Anna", "Ben", "Cara", "Dan", "Eve"]) == "Anna, Ben, Cara and 2 more"
    assert texts.names(["Anna", "Ben"]) == "Anna and Ben"
    assert texts.names(["Anna"]) == "Anna"


def test_answers_about_many_incidents_are_shortened_when_they_do_not_fit() -> None:
    bodies = ["x" * 400] * 5
    assert texts.several(["a", "b"], ["1", "2"]) == "a\nb"
    assert texts.several(bodies, ["1", "2"]) == "Noted for incidents 1 and 2."


def test_the_longest_text_is_measured_with_the_id_spelled_out() -> None:
    assert texts.longest(PUMP).length >= measure(texts.alert(PUMP, escalated=True, with_id=True)).length


@pytest.mark.parametrize(
    ("language", "who"),
    [
        ("en", "Anna, Ben and Cara"),
        ("es", "Anna, Ben y Cara"),
        ("fr", "Anna, Ben et Cara"),
        ("de", "Anna, Ben und Cara"),
    ],
)
def test_names_are_joined_as_the_language_does(language: str, who: str) -> None:
    with speaking(language):
        assert texts.names(["Anna", "Ben", "Cara"]) == who


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
def test_texts_are_gsm_and_fit_in_every_language(language: str) -> None:
    ids = [f"incident-{number}-{'x' * 50}" for number in range(200)]
    with speaking(language):
        for body in (texts.which(ids), texts.explanation(ids), texts.several(["x" * 1000] * 2, ids)):
            assert measure(body).encoding == GSM
            assert measure(body).fits
