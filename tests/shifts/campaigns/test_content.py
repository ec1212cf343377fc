"""The words of a campaign."""

import pytest

from shifts.campaigns import content

USUAL = "REQUEST lists open shifts. STOP to opt out."


@pytest.mark.parametrize(
    ("message", "template", "codes", "text"),
    [
        ("Hello", "", ["A1"], f"Hello\nReply with the shift codes, e.g. A1. {USUAL}"),
        ("Hello", "", ["B2", "A1"], f"Hello\nReply with the shift codes, e.g. B2, A1. {USUAL}"),
        ("Hello", "", [], f"Hello\nReply with the codes of the shifts you want. {USUAL}"),
        ("  Hello \n", " \n", [], f"Hello\nReply with the codes of the shifts you want. {USUAL}"),
        ("Hello", "  Text {codes}, or call. ", ["A1", "B2"], "Hello\nText A1, B2, or call."),
        ("Hello", "{codes} or {codes}", ["A1"], "Hello\nA1 or A1"),
        ("Hello", "Call us.", ["A1"], "Hello\nCall us."),
        # Only the footer has a place for codes, and braces mean nothing else.
        ("We pay {codes} 100%", "{0} {code} %s {codes}", ["A1"], "We pay {codes} 100%\n{0} {code} %s A1"),
    ],
)
def test_the_message_then_how_to_book(message: str, template: str, codes: list[str], text: str) -> None:
    assert content.text(message, template, codes) == text


def test_no_more_than_five_codes_are_named_the_first_of_them() -> None:
    codes = [f"C{n}" for n in range(9)]
    for template in ("", "Text {codes}"):
        assert "C0, C1, C2, C3, C4" in content.footer(template, codes)
        assert "C5" not in content.footer(template, codes)
