"""The table of sizes: encoding, places, parts, and what AWS would not take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.text import GSM, UCS2, BodyEmpty, BodyTooLong, check, measure, rare, without_rare_accents

SIZES = [
    # body, encoding, places, parts
    ("", GSM, 0, 1),
    ("a", GSM, 1, 1),
    ("a" * 160, GSM, 160, 1),
    ("a" * 161, GSM, 161, 2),
    ("a" * 306, GSM, 306, 2),
    ("a" * 307, GSM, 307, 3),
    ("a" * 1530, GSM, 1530, 10),
    ("€", GSM, 2, 1),
    ("€" * 80, GSM, 160, 1),
    ("€" * 81, GSM, 162, 2),
    ("[~]{|}^\\", GSM, 16, 1),
    # An escape sequence is never split: 152 + a two-place character does not fit into 153.
    ("a" * 152 + "€" + "a" * 10, GSM, 164, 2),
    ("a" * 152 + "€" + "a" * 151, GSM, 305, 2),
    ("a" * 152 + "€" + "a" * 152, GSM, 306, 3),
    ("Zürich, Ørsted, ñandú"[:-1], GSM, 20, 1),
    ("à è é ì ò ù Ç Ø Å Ä Ö Ñ Ü ß Æ", GSM, 29, 1),
    ("Δ Φ Γ Λ Ω Π Ψ Σ Θ Ξ", GSM, 19, 1),
    ("line\nbreak\r\n", GSM, 12, 1),
    ("@£$¥_¤§¿¡!\"#%&'()*+,-./:;<=>?", GSM, 29, 1),
    # What word processors put in the place of GSM characters costs more than half of the room.
    ("don’t", UCS2, 5, 1),
    ("a – b", UCS2, 5, 1),
    ("a\u00a0b", UCS2, 3, 1),
    ("ç", UCS2, 1, 1),
    ("ñandú", UCS2, 5, 1),
    ("`", UCS2, 1, 1),
    ("a\tb", UCS2, 3, 1),
    ("я" * 70, UCS2, 70, 1),
    ("я" * 71, UCS2, 71, 2),
    ("я" * 134, UCS2, 134, 2),
    ("я" * 135, UCS2, 135, 3),
    ("中" * 630, UCS2, 630, 10),
    # An emoji is two UTF-16 units, and is never split: 66 + 2 does not fit into 67.
    ("😀", UCS2, 2, 1),
    ("😀" * 35, UCS2, 70, 1),
    ("😀" * 36, UCS2, 72, 2),
    ("я" * 66 + "😀" + "я" * 5, UCS2, 73, 2),
    ("я" * 66 + "😀" + "я" * 66, UCS2, 134, 3),
    ("👍🏽", UCS2, 4, 1),
]


@pytest.mark.parametrize(("body", "encoding", "places", "parts"), SIZES)
def test_sizes(body: str, encoding: str, places: int, parts: int) -> None:
    size = measure(body)
    assert (size.encoding, size.length, size.parts) == (encoding, places, parts)


@pytest.mark.parametrize("body", ["a" * 1530, "€" * 765, "中" * 630, "😀" * 315])
def test_the_longest_that_aws_takes(body: str) -> None:
    assert check(body).parts >= 10


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a" * 1531, "1531 characters in GSM; at most 1530 can be sent. Shorten it by 1."),
        ("€" * 766, "1532 characters in GSM; at most 1530"),
        ("中" * 631, "631 characters in UCS-2; at most 630"),
        ("😀" * 316, "632 characters in UCS-2; at most 630"),
    ],
)
def test_longer_is_refused_with_its_length_and_the_limit(body: str, words: str) -> None:
    with pytest.raises(BodyTooLong) as refusal:
        check(body)
    assert words in str(refusal.value)


@pytest.mark.parametrize("body", ["", " ", "\n\t ", "\u00a0"])
def test_nothing_but_white_space_is_refused(body: str) -> None:
    with pytest.raises(BodyEmpty):
        check(body)


@given(st.text(max_size=2000))
def test_parts_hold_the_text_and_not_one_part_is_wasted(body: str) -> None:
    size = measure(body)
    one, each, widest = (160, 153, 2) if size.encoding == GSM else (70, 67, 2)
    assert (size.parts == 1) == (size.length <= one)
    if size.parts > 1:
        assert size.length <= size.parts * each
        # Each part but the last lacks at most what a wide character could not fill.
        assert size.length > (size.parts - 1) * (each - widest + 1)


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_text_never_takes_fewer_parts(body: str, more: str) -> None:
    assert measure(body + more).parts >= measure(body).parts


@pytest.mark.parametrize(
    ("body", "without"),
    [
        ("s\u00e1b", "sab"),
        ("f\u00e9vr", "f\u00e9vr"),
        ("ao\u00fb", "aou"),
        ("\u00fc\u00df", "\u00fc\u00df"),
        ("\u0416 ok", "\u0416 ok"),
        ("", ""),
    ],
)
def test_accents_that_gsm_lacks_are_left_out(body: str, without: str) -> None:
    assert without_rare_accents(body) == without


def test_the_characters_that_cost_are_named_once_each() -> None:
    assert rare("\u00e1\u00e9\u00ed\u00e1 ok", 5) == "\u00e1 \u00ed"
    assert rare("\u00e1\u00ed\u00f3", 2) == "\u00e1 \u00ed"
    assert rare("ok", 5) == ""
