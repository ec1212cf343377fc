"""What no log may hold, taken out of a line: phone numbers, and what opens something. Pure.

A number is known by its plus, as E.164 writes it, or by the plus of a readable number. Digits without one are left:
they are ids, times, ARNs and order numbers far more often, and a log without those helps nobody. Textback itself
writes every number in E.164.
"""

import re
from collections.abc import Container

# Escaped once or twice for an address, for a script, for Python, for a page.
_ESCAPED = r"%(?:25)*2B|\\u002B|\\x2B|&\#0*43;|&\#x0*2B;|&plus;"
# Between groups of digits; never the end of a line, nor a comma and a space, which end an item of a list.
_GAP = r"(?:,|(?:[ \t().\-\u00a0\u2011/]|\\t|\\xa0|%20){0,4})"
_COMPACT, _GROUPED = r"[1-9]\d{6,14}(?!\d)", rf"[1-9](?:{_GAP}\d){{7,14}}(?!\d)"
# With gaps, what stands before the plus tells it from a zone of time (UTC+5 2026-11-21).
_NUMBER = re.compile(
    rf"(?P<plus>\+(?={_COMPACT})|(?<![\w+])\+|{_ESCAPED})(?P<digits>{_COMPACT}|{_GROUPED})", re.IGNORECASE
)
# How a traceback goes on after an exception, word for word (Lib/traceback.py). PostgreSQL quotes 64 bytes of a column
# at most, fewer than either has, so nobody's text can pretend to be one.
_NEXT_TRACEBACK = (
    r"\n\n(?:The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred):\n\n"
)
_SECRETS = (
    # PostgreSQL quotes the whole row that it refuses, bodies of texts as well, which may have lines.
    (re.compile(rf"(Failing row contains )\(.*?(?={_NEXT_TRACEBACK}|\Z)", re.DOTALL), r"\1(***)"),
    (
        re.compile(
            r"(\bAuthorization[\\\"' ]{0,4}[:=][\\\"' ]{0,4}(?:Token|Bearer|Basic) )[^\s\"',\\]+", re.IGNORECASE
        ),
        r"\1***",
    ),
    # Elsewhere "token" is a word of sentences. A token is long and has a digit; SNS's stands in an address or in JSON.
    (
        re.compile(
            r"((?<![^\W\d_])(?:Token|Bearer|Basic)(?:[\\\"' :=]{1,8}|%(?:25)*3D))"
            r"(?=[\w+/=.~%-]{0,200}\d)\w[\w+/=.~%-]{15,}",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
    # What webhooks are signed with.
    (re.compile(r"(whsec_)[\w+/=-]+"), r"\1***"),
    # The link to somebody's preferences is the key to them.
    (re.compile(r"(/preferences/)[^/\s\"'?#]+"), r"\1***"),
    # Passwords in addresses of databases. A path may have an @ as well; neither part may reach beyond a slash, which
    # also keeps the time that this takes proportional to the length of the line.
    (re.compile(r"(://[^\s:/?#@\"']*:)(?:[^\s@/?#\"']+@)+"), r"\1***@"),
)
# Seven digits or more, with what people put between them; no day, and no part of a word or of what is masked.
_LOOSE = re.compile(r"(?<![\w*:/-])\+?(?!\d{4}[-/]\d\d[-/]\d\d|\d\d/\d\d/\d{4})\(?\d(?:[ ().\u00a0-]{0,3}\d){6,}(?!\w)")
# Enough to tell two numbers of a conversation apart, too little to call one.
_LAST = 2
_HIDDEN_AT_LEAST = 4
# Country codes of two digits; 1 and 7 have one, all others three. ITU-T E.164, list of assigned country codes.
_OF_TWO_DIGITS = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def masked(text: str) -> str:
    """A text without full phone numbers, links to preferences, tokens and passwords in addresses."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return numbers_masked(text)


def numbers_masked(text: str, keep: Container[str] = ()) -> str:
    """A text without full phone numbers, but for those to keep, in E.164."""
    return _NUMBER.sub(lambda found: _short(found, keep), text)


def loosely_masked(text: str) -> str:
    """A text without what may be a phone number in any way of writing it, of a table that people have filled.

    Rather too much: an id of seven digits goes as well. A day with a time of day stays.
    """
    return _LOOSE.sub(lambda found: f"***{re.sub('[^0-9]', '', found[0])[-_LAST:]}", numbers_masked(text))


def numbers_in(text: str) -> frozenset[str]:
    """The phone numbers of a text, in E.164: those that numbers_masked would mask."""
    return frozenset(f"+{_digits(found)}" for found in _NUMBER.finditer(text))


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"%20|\\xa0|\D", "", found["digits"])


def _short(found: re.Match[str], keep: Container[str]) -> str:
    digits = _digits(found)
    if f"+{digits}" in keep:
        return found[0]
    country = 1 if digits[0] in "17" else 2 if _OF_TWO_DIGITS.match(digits) else 3
    last = digits[-_LAST:] if len(digits) - country - _LAST >= _HIDDEN_AT_LEAST else ""
    return f"{found['plus']}{digits[:country]}***{last}"
