"""Staff's own words: one look for all of them, soon heard of everywhere, never a reason not to send."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from incidents import phrases as incidents
from incidents import texts
from messaging import clock
from messaging.models import TextTemplate
from messaging.phrases import catalogue, own, speaking, writing
from messaging.phrases.catalogue import Said
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db

PUMP = texts.Subject("123", "Pump 4 has stopped", "https://example.com/123")
SHIPPED = "Reply YES if you take it, NO if not."
ASK = "YES: I take it. NO: ask others."

Commits = Callable[..., object]


@pytest.fixture
def said() -> Said:
    found = catalogue.find("incidents.how-to-answer")
    assert found is not None
    return found


@pytest.fixture
def _looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, where nobody tells a process of what another one wrote."""
    monkeypatch.setattr(own, "LOOK_AGAIN", timedelta(seconds=1))
    own.forget()


def how(language: str = "en") -> str:
    with speaking(language):
        return texts.how_to_answer("123", with_id=False)


def elsewhere(text: str, language: str = "en") -> None:
    """Another process writes."""
    TextTemplate.objects.update_or_create(
        key="incidents.how-to-answer",
        language=language,
        defaults={"text": text, "changed_by": "x", "changed_at": clock.now()},
    )


@pytest.mark.usefixtures("_looks_again")
def test_a_thousand_texts_are_one_look(django_assert_num_queries: DjangoAssertNumQueries, time: MovableTime) -> None:
    elsewhere(ASK)
    own.forget()
    with django_assert_num_queries(1):
        assert {how() for _ in range(1000)} == {ASK}


@pytest.mark.usefixtures("_looks_again")
def test_what_another_process_wrote_is_said_within_a_second(time: MovableTime) -> None:
    assert how() == SHIPPED
    elsewhere(ASK)
    time.forward(1.01)
    assert how() == ASK
    elsewhere("")
    time.forward(1.01)
    assert how() == SHIPPED


@pytest.mark.usefixtures("_looks_again")
def test_a_clock_that_is_set_back_does_not_make_old_words_last(
    time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert how() == SHIPPED
    elsewhere(ASK)
    earlier = clock.now() - timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: earlier)
    assert how() == ASK


def test_the_process_that_wrote_them_says_them_at_once(said: Said, django_capture_on_commit_callbacks: Commits) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        writing.write(said, "en", ASK, by="alice")
    assert how() == ASK
    assert how("es") == "Responda YES si se encarga, NO si no puede."
    row = TextTemplate.objects.get()
    assert (row.key, row.language, row.text, row.changed_by) == ("incidents.how-to-answer", "en", ASK, "alice")


def test_going_back_keeps_the_row_and_says_the_shipped_words(
    said: Said, django_capture_on_commit_callbacks: Commits
) -> None:
    for text in (ASK, ""):
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            writing.write(said, "en", text, by="alice")
    assert how() == SHIPPED
    assert TextTemplate.objects.get().text == ""


def test_the_shipped_words_are_no_words_of_our_own(said: Said) -> None:
    assert writing.write(said, "en", f"  {SHIPPED}\r\n", by="alice").text == ""


@pytest.mark.parametrize("text", ["Reply.", "YES {who} NO", "YES NO " + "x" * 200])
def test_what_cannot_be_said_is_not_written(said: Said, text: str) -> None:
    with pytest.raises(ValidationError):
        writing.write(said, "en", text, by="alice")
    assert not TextTemplate.objects.exists()


def test_a_language_that_is_not_shipped_is_not_written(said: Said) -> None:
    with pytest.raises(ValueError, match="not shipped in 'pt'"):
        writing.write(said, "pt", ASK, by="alice")


def test_a_phrase_that_is_gone_says_nothing(said: Said) -> None:
    elsewhere(ASK)
    TextTemplate.objects.update(key="incidents.gone")
    own.forget()
    assert how() == SHIPPED


def test_own_words_give_way_where_they_make_a_text_too_long() -> None:
    """The description was as long as can be when the incident opened; afterwards somebody wrote longer words."""
    elsewhere("Please answer: YES if you take it, and NO if you cannot take it now.")
    own.forget()
    short, long = texts.Subject("1", "x"), texts.Subject("1", "x" * 1440)
    with speaking("en"):
        assert "Please answer" in texts.alert(short, escalated=True)
        assert texts.alert(long, escalated=True).endswith(f"\n{SHIPPED}")


def test_neither_do_pictures_keep_an_incident_from_being_told() -> None:
    elsewhere("\N{WRENCH} YES / NO")
    own.forget()
    with speaking("en"):
        assert texts.alert(PUMP, escalated=False).endswith("\N{WRENCH} YES / NO")
        assert texts.alert(texts.Subject("1", "x" * 1000), escalated=False).endswith(SHIPPED)


def test_words_on_trial_are_said_by_nobody_else(said: Said) -> None:
    assert ASK in catalogue.in_whole(said, "en", ASK)
    assert how() == SHIPPED
    assert incidents.HOW_TO_ANSWER.say() == SHIPPED
