"""What people type, and what they mean."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.understanding import Meaning, Said, is_reserved, understand

IDS = ("123", "124", "db-1/prod", "INC.7")

YES = [
    "YES",
    "yes",
    "Yes ",
    " \t yes",
    "yes!",
    "Yes!!!",
    "YES.",
    '"yes"',
    "'Yes'",
    "“Yes”",
    "«yes»",
    "(yes)",
    "*yes*",
    "yes?",
    "Yes please",
    "yes, thank you",
    "Yes thanks!",
    "YES \N{THUMBS UP SIGN}",
    "yes\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}",
    "\N{WHITE HEAVY CHECK MARK} yes",
    "yes \N{HEAVY CHECK MARK}\N{VARIATION SELECTOR-16}",
    "\N{NO-BREAK SPACE}yes\N{NO-BREAK SPACE}",
    "\N{FULLWIDTH LATIN CAPITAL LETTER Y}\N{FULLWIDTH LATIN CAPITAL LETTER E}\N{FULLWIDTH LATIN CAPITAL LETTER S}",
    "y\N{ZERO WIDTH SPACE}es",
    "\N{ZERO WIDTH NO-BREAK SPACE}yes",
    "\nyes\n",
    "Yes\nSent from my iPhone",
    "yes\n--\nBen Baker",
    "YES\r\n\r\nGet Outlook for Android",
    "yes yes yes",
    "y",
    "Y!",
    "yep",
    "yeah",
    "Yup",
    "yesss",
    "sí",
    "Si",
    "SÍ, gracias",
    "oui",
    "Oui merci",
    "ja",
]
NO = [
    "NO",
    "no",
    "No.",
    "no!!",
    "n",
    "N",
    "nope",
    "Nope.",
    "nah",
    "nein",
    "Non",
    "non merci",
    "No thanks",
    "noo",
    "no no",
]
NOT_UNDERSTOOD = [
    "",
    "   ",
    "?",
    "\N{THUMBS UP SIGN}",
    "yesterday",
    "yes-man",
    "not yet",
    "not now",
    "know",
    "now",
    "noon",
    "none",
    "no-one can",
    "no problem",
    "No worries, on it",
    "no idea",
    "no need",
    "no more texts",
    "n/a",
    "n.a.",
    "yes no",
    "yes/no",
    "yes or no",
    "no, yes",
    "y/n",
    "yes 123 no 124",
    "yes not me",
    "y not",
    "n e one there",
    "STOP",
    "HELP",
    "ok",
    "XYZ123",
    "123",
    "on my way",
    "what is this?",
    "Liked “Incident 123: Pump 4 has stopped”",
    "who said yes",
    "eyes",
    "all good",
]
WITH_MORE = [
    ("YES 123", Meaning(Said.YES, ("123",))),
    ("yes123", Meaning(Said.YES, ("123",))),
    ("y 123", Meaning(Said.YES, ("123",))),
    ("y123", Meaning(Said.YES, ("123",))),
    ("123 yes", Meaning(Said.YES, ("123",))),
    ("123: yes!", Meaning(Said.YES, ("123",))),
    ("#123 no", Meaning(Said.NO, ("123",))),
    ("incident 123 yes", Meaning(Said.YES, ("123",))),
    ("YES #123", Meaning(Said.YES, ("123",))),
    ("YES:123", Meaning(Said.YES, ("123",))),
    ("yes-123", Meaning(Said.YES, ("123",))),
    ("YES, 123.", Meaning(Said.YES, ("123",))),
    ("yes\n123", Meaning(Said.YES, ("123",))),
    ("yes\N{NO-BREAK SPACE}123", Meaning(Said.YES, ("123",))),
    ("yes \N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT THREE}", Meaning(Said.YES, ("123",))),
    ("yes to incident 123", Meaning(Said.YES, ("123",))),
    ("no. 123", Meaning(Said.NO, ("123",))),
    ("yes: 123 on my way", Meaning(Said.YES, ("123",), tail="on my way")),
    ("No 124 sorry, at the doctor", Meaning(Said.NO, ("124",), tail="sorry, at the doctor")),
    ("yes 123, 124", Meaning(Said.YES, ("123", "124"))),
    ("yes 123 and 124 please", Meaning(Said.YES, ("123", "124"))),
    ("123 124 yes", Meaning(Said.YES, ("123", "124"))),
    ("yes 123 and I need a key", Meaning(Said.YES, ("123",), tail="and I need a key")),
    ("YES DB-1/PROD now", Meaning(Said.YES, ("db-1/prod",), tail="now")),
    ("no inc.7", Meaning(Said.NO, ("INC.7",))),
    ("YES ALL", Meaning(Said.YES, everything=True)),
    ("yes, all.", Meaning(Said.YES, everything=True)),
    ("yes to all", Meaning(Said.YES, everything=True)),
    ("all yes", Meaning(Said.YES, everything=True)),
    ("No all please", Meaning(Said.NO, everything=True)),
    ("YES ALL of them", Meaning(Said.YES, everything=True)),
    ("yes all, on my way", Meaning(Said.YES, everything=True, tail="on my way")),
    ("yes all good", Meaning(Said.YES, tail="all good")),
    ("YES 999", Meaning(Said.YES, unknown_id="999")),
    ("no #999", Meaning(Said.NO, unknown_id="999")),
    ("yes 123-4", Meaning(Said.YES, unknown_id="123-4")),
    ("yes 5 minutes", Meaning(Said.YES, tail="5 minutes")),
    ("yes 20min", Meaning(Said.YES, tail="20min")),
    ("yes 17:30", Meaning(Said.YES, tail="17:30")),
    ("yes in 5", Meaning(Said.YES, tail="in 5")),
    ("no, I can in 2 hours", Meaning(Said.NO, tail="I can in 2 hours")),
    ("No\nI am on holiday", Meaning(Said.NO, tail="I am on holiday")),
    ("yes...coming", Meaning(Said.YES, tail="coming")),
    ("yes - on my way", Meaning(Said.YES, tail="on my way")),
    ("y, on my way", Meaning(Said.YES, tail="on my way")),
    ("yes no problem", Meaning(Said.YES, tail="no problem")),
    ("yes, I know", Meaning(Said.YES, tail="I know")),
    ("no one is free", Meaning(Said.NO, tail="one is free")),
    ("Yes, I'm on it\nSent from my Galaxy", Meaning(Said.YES, tail="I'm on it")),
]


@pytest.mark.parametrize("body", YES)
def test_these_are_a_yes(body: str) -> None:
    assert understand(body, IDS) == Meaning(Said.YES)


@pytest.mark.parametrize("body", NO)
def test_these_are_a_no(body: str) -> None:
    assert understand(body, IDS) == Meaning(Said.NO)


@pytest.mark.parametrize("body", NOT_UNDERSTOOD)
def test_these_are_not_understood(body: str) -> None:
    assert understand(body, IDS) == Meaning()


@pytest.mark.parametrize(("body", "meaning"), WITH_MORE)
def test_ids_all_and_what_else_was_said(body: str, meaning: Meaning) -> None:
    assert understand(body, IDS) == meaning


def test_an_id_that_another_begins_with_is_not_taken_for_it() -> None:
    assert understand("yes 12", ("1", "12", "123")).incident_ids == ("12",)


def test_ids_that_differ_only_in_case_must_be_typed_exactly() -> None:
    assert understand("yes Ab1", ("Ab1", "aB1")).incident_ids == ("Ab1",)
    assert understand("yes AB1", ("Ab1", "aB1")).unknown_id == "AB1"


@pytest.mark.parametrize("word", ["yes", "NO", "y", "all", "ALL", "please"])
def test_no_incident_may_be_named_like_an_answer(word: str) -> None:
    assert is_reserved(word)
    assert not is_reserved(f"{word}-1")


@given(st.text(), st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,9}", fullmatch=True), max_size=5))
@example("no.", ["."])
def test_no_text_breaks_it(body: str, ids: list[str]) -> None:
    meaning = understand(body, ids)
    assert set(meaning.incident_ids) <= set(ids)
    assert meaning.answer or meaning == Meaning()


AROUND = st.text(alphabet=" \t\n.,;:!?\"'()*~“”…\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{GRINNING FACE}", max_size=6)


@given(st.sampled_from(["yes", "no", "si", "nein", "oui", "nope"]), st.data(), AROUND, AROUND)
def test_case_spaces_and_punctuation_change_nothing(word: str, data: st.DataObject, before: str, after: str) -> None:
    plain = understand(word, IDS)
    typed = "".join(data.draw(st.sampled_from([letter, letter.upper()])) for letter in word)
    assert understand(f"{before}{typed}{after}", IDS) == plain
    assert plain.answer


@given(st.sampled_from(IDS), st.sampled_from(["yes", "no"]), st.sampled_from([" ", ", ", ": ", "\n", " #", " - "]))
def test_an_id_may_stand_before_or_after_the_word(incident_id: str, word: str, between: str) -> None:
    after = understand(f"{word}{between}{incident_id}", IDS)
    before = understand(f"{incident_id}{between}{word}", IDS)
    assert after == before == Meaning(Said(word), (incident_id,))
