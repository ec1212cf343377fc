"""Whether words can stand for a phrase."""

import pytest

from messaging.phrases import Phrase
from messaging.phrases.checking import problems
from messaging.phrases.phrase import fill

ALERT = Phrase("a.alert", "Incident {id}: {what}. Reply YES or NO.", when="x", keeps=("YES", "NO"), longest=60)
HELP = Phrase(
    "a.help", "{organisation}: STOP ends it.", when="x", keeps=("STOP",), optional=frozenset({"organisation"})
)


@pytest.mark.parametrize(
    ("phrase", "text", "fragments"),
    [
        (ALERT, "{what} ({id})? YES/NO", []),
        (ALERT, "{id} {id} {what} YES, NO", []),
        (HELP, "STOP ends it.", []),
        (HELP, '"STOP"', []),
        (HELP, "{organisation}: STOP", []),
        (ALERT, " ", ["Write what people shall read"]),
        (ALERT, "{id}: YES or NO", ["{what} is missing"]),
        (ALERT, "YES or NO", ["{id} is missing", "{what} is missing"]),
        (ALERT, "{id} {what} {who} YES NO", ["{who} means nothing here. Possible: {id}, {what}."]),
        (ALERT, "{id} {what} {ID} YES NO", ["{ID} means nothing here"]),
        (ALERT, "{id} {what} } YES NO", ["A brace"]),
        (ALERT, "{id} {what} {} YES NO", ["A brace"]),
        (ALERT, "{id} {what.secret} YES NO", ["{what} is missing", "A brace"]),
        (ALERT, "{id} {what} Yes or no", ["The word YES must stay", "The word NO must stay"]),
        (ALERT, "{id} {what} YESTERDAY NO", ["The word YES must stay"]),
        (HELP, "UNSTOPPABLE", ["The word STOP must stay"]),
        (ALERT, "{id} {what} YES NO" + " more" * 20, ["It has 118 characters; at most 60"]),
    ],
)
def test_problems(phrase: Phrase, text: str, fragments: list[str]) -> None:
    found = problems(phrase, text)
    assert len(found) == len(fragments), found
    for problem, fragment in zip(found, fragments, strict=True):
        assert fragment in problem


@pytest.mark.parametrize(
    ("words", "values", "text"),
    [
        ("{id}: {what}", {"id": 7, "what": "x"}, "7: x"),
        ("{id}{id}", {"id": "a"}, "aa"),
        # What a value contains is no place, and nothing of Python's formats is obeyed.
        ("{what}", {"what": "{id} %(id)s {0.__class__}", "id": "no"}, "{id} %(id)s {0.__class__}"),
        ("100 % {id!r} {id:>9}", {"id": "a"}, "100 % {id!r} {id:>9}"),
        ("{unknown}", {}, "{unknown}"),
    ],
)
def test_fill(words: str, values: dict[str, object], text: str) -> None:
    assert fill(words, values) == text
