"""The words of an answer, and a text made plain enough to look for them. Pure."""

import re
import unicodedata

YES = re.compile(r"y|ye+s+|ye+a+h*|ye+p+|yu+p+|si+|oui+|ja+")
NO = re.compile(r"n|no+|nope+|nah+|non|nein")
COURTESY = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "you", "thx", "ty", "sir", "madam", "merci", "danke", "gracias"}
)
FILLERS = frozenset({"to", "for", "on", "re", "incident", "incidents", "id", "number", "nr", "please", "pls", "and"})
# Said right after NO, these make it a yes to some readers and a no to others.
NOT_A_NO = frozenset(
    {
        "problem",
        "problems",
        "problemo",
        "prob",
        "probs",
        "pb",
        "worries",
        "worry",
        "issue",
        "issues",
        "sweat",
        "stress",
        "biggie",
        "doubt",
        "idea",
        "clue",
        "need",
        "matter",
        "more",
        "longer",
        "se",
    }
)
# What follows a number that is an amount, not an id: "yes 5 minutes".
UNITS = frozenset(
    {
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "m",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "week",
        "weeks",
        "am",
        "pm",
        "oclock",
        "percent",
        "km",
        "mile",
        "miles",
        "people",
        "times",
        "or",
        "to",
        "more",
    }
)
AMOUNT = re.compile(r"\d+(?:[.:h]\d+)?(?:[ap]\.?m?|s|secs?|m|mins?|hr?s?|d|th|st|nd|rd)|\d{1,2}[:h]\d{2}")
# Lines that telephones and mail gateways put under a text.
_SIGNATURE = re.compile(
    r"^[ \t]*(?:--+[ \t]*$|sent (?:from|via|with) |get outlook |envoye de |von mein|gesendet |enviado des)",
    re.IGNORECASE | re.MULTILINE,
)
TOKEN = re.compile(r"[^\W_](?:[\w.:/'-]*\w)?")
LETTERS = re.compile(r"[^\W\d_]+")
_VARIATION = re.compile("[\ufe00-\ufe0f\u20e3\U000e0100-\U000e01ef]")


def plain(body: str) -> str:
    """Compatibility forms, invisible characters, pictures and signatures taken away; words and punctuation are left."""
    text = _VARIATION.sub("", unicodedata.normalize("NFKC", body)).replace("\u2019", "'")
    text = "".join(
        " " if unicodedata.category(one) in ("So", "Sk", "Co", "Cn", "Cc") and one != "\n" else one
        for one in text.replace("\r", "\n")
        if unicodedata.category(one) != "Cf"
    )
    # Signatures are looked for without accents, which may change the length: cut by line, not by position.
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number and _SIGNATURE.match(_unaccented(line)):
            return "\n".join(lines[:number])
    return text


def _unaccented(word: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", word) if unicodedata.category(one) != "Mn")


def fold(word: str) -> str:
    return _unaccented(word).casefold()
