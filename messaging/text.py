"""The size of a text: encoding, parts, limits. Pure.

GSM 03.38 (GSM-7) packs 160 characters in a single part and 153 in each of several; the extension characters take two
places. Anything else is sent as UCS-2: 70 and 67 UTF-16 code units. AWS refuses texts beyond 1530 GSM or 630 other
characters (docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-character.html).
"""

import unicodedata
from dataclasses import dataclass

GSM = "GSM"
UCS2 = "UCS-2"

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")

_LIMITS = {GSM: 1530, UCS2: 630}
_ONE_PART = {GSM: 160, UCS2: 70}
_EACH_PART = {GSM: 153, UCS2: 67}


@dataclass(frozen=True, slots=True)
class Size:
    """How a body is sent: its encoding, its length in places (septets or UTF-16 units), parts, and AWS's limit."""

    encoding: str
    length: int
    parts: int
    limit: int

    @property
    def fits(self) -> bool:
        """Whether AWS takes a text of this length."""
        return self.length <= self.limit


class BodyTooLong(ValueError):
    """A text is longer than AWS takes; refused before it is queued."""

    def __init__(self, size: Size) -> None:
        self.size = size
        super().__init__(
            f"The text has {size.length} characters in {size.encoding}; at most {size.limit} can be sent. "
            f"Shorten it by {size.length - size.limit}."
        )


class BodyEmpty(ValueError):
    """A text of nothing but white space, which AWS refuses."""

    def __init__(self) -> None:
        super().__init__("The text is empty.")


def measure(body: str) -> Size:
    """The size of a body. Never raises; an empty body has one part."""
    if all(character in _BASIC or character in _EXTENSION for character in body):
        widths = [2 if character in _EXTENSION else 1 for character in body]
        return Size(GSM, sum(widths), _parts(widths, GSM), _LIMITS[GSM])
    widths = [2 if ord(character) > 0xFFFF else 1 for character in body]
    return Size(UCS2, sum(widths), _parts(widths, UCS2), _LIMITS[UCS2])


def without_rare_accents(body: str) -> str:
    """A text whose letters that GSM-7 lacks have lost their accents: "s\u00e1b" becomes "sab"."""
    return "".join(letter if measure(letter).encoding == GSM else _bare(letter) for letter in body)


def rare(body: str, most: int = 5) -> str:
    """The first characters for which a text is sent as UCS-2, with spaces between; at most so many."""
    found = dict.fromkeys(one for one in body if measure(one).encoding != GSM)
    return " ".join(list(found)[:most])


def check(body: str) -> Size:
    """The size of a body that can be sent.

    Raises:
        BodyEmpty: nothing but white space.
        BodyTooLong: more than AWS takes, with length and limit.
    """
    if not body.strip():
        raise BodyEmpty
    size = measure(body)
    if not size.fits:
        raise BodyTooLong(size)
    return size


def _bare(letter: str) -> str:
    bare = unicodedata.normalize("NFD", letter)[0]
    return bare if measure(bare).encoding == GSM else letter


def _parts(widths: list[int], encoding: str) -> int:
    """Parts needed, never splitting an escape sequence or a surrogate pair across two of them."""
    if sum(widths) <= _ONE_PART[encoding]:
        return 1
    room, parts = _EACH_PART[encoding], 1
    for width in widths:
        if width > room:
            parts, room = parts + 1, _EACH_PART[encoding]
        room -= width
    return parts
