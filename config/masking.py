"""What no log may hold, taken out of a line: phone numbers, and what opens something. Pure.

A number is known by its plus, as E.164 writes it, or by the plus of a readable number. Digits without one are left:
they are ids, times, ARNs and order numbers far more often, and a log without those helps nobody. Textback itself
writes every number in E.164.
"""

import re

# Escaped once or twice for an address, for a script, for a page.
_ESCAPED = r"%(?:25)*2B|\\u002B|&\#43;|&plus;"
# Between groups of digits; never the end of a line, nor a comma, which ends an item of a list.
_GAP = r"[ ().\-\u00a0\u2011/]{0,2}"
_COMPACT, _GROUPED = r"[1-9]\d{6,14}(?!\d)", rf"[1-9](?:{_GAP}\d){{7,14}}(?!\d)"
# With gaps, what stands before the plus tells it from a zone of time (UTC+5 2026-11-21).
_NUMBER = re.compile(
    rf"(?P<plus>\+(?={_COMPACT})|(?<![\w+])\+|{_ESCAPED})(?P<digits>{_COMPACT}|{_GROUPED})", re.IGNORECASE
)
_SECRETS = (
    # PostgreSQL quotes the whole row that it refuses, bodies of texts as well.
    (re.compile(r"(Failing row contains )\(.*", re.DOTALL), r"\1(***)"),
    (re.compile(r"\b(Token|Bearer|Basic) [\w+/=.~-]{8,}", re.IGNORECASE), r"\1 ***"),
    # The link to somebody's preferences is the key to them.
    (re.compile(r"(/preferences/)[^/\s\"'?#]+"), r"\1***"),
    # Passwords in addresses of databases.
    (re.compile(r"(://[^\s:/@\"']*:)[^\s@\"']+@"), r"\1***@"),
)
# Enough to tell two numbers of a conversation apart, too little to call one.
_LAST = 2
_HIDDEN_AT_LEAST = 4
# Country codes of two digits; 1 and 7 have one, all others three. ITU-T E.164, list of assigned country codes.
_OF_TWO_DIGITS = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def masked(text: str) -> str:
    """A text without full phone numbers, links to preferences, tokens and passwords in addresses."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _NUMBER.sub(_short, text)


def _short(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found["digits"])
    country = 1 if digits[0] in "17" else 2 if _OF_TWO_DIGITS.match(digits) else 3
    last = digits[-_LAST:] if len(digits) - country - _LAST >= _HIDDEN_AT_LEAST else ""
    return f"{found['plus']}{digits[:country]}***{last}"
