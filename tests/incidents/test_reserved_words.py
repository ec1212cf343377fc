"""Words that answer incidents are given no other meaning by staff."""

import pytest

from incidents.replies import IncidentReplies


@pytest.mark.parametrize(
    "word", ["YES", "Y", "YEAH", "SÍ", "NO", "N", "NOPE", "ALL", "YES:123", "N95", "NO-DB", "DB,YES", "YES/1", "Y2"]
)
def test_answers_are_reserved(word: str) -> None:
    assert IncidentReplies().reserves(word) == f"{word} answers incidents. Choose another word."


@pytest.mark.parametrize(
    "word", ["WIFI", "WI-FI", "HELP", "STOP", "THANKS", "YESTERDAY", "NEWS", "24/7", "DB-YES", "ID", "A"]
)
def test_other_words_are_free(word: str) -> None:
    assert IncidentReplies().reserves(word) == ""
