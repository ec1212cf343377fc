"""What people type, made plain enough to look for words in it, and the words that every conversation knows. Pure."""

import re
import unicodedata

# The answers to a question. They are shared so that no word of another conversation can be taken for one.
YES = re.compile(r"y|ye+s+|ye+a+h*|ye+p+|yu+p+|si+|oui+|ja+")
NO = re.compile(r"n|no+|nope+|nah+|non|nein")
COURTESY = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "you", "thx", "ty", "sir", "madam", "merci", "danke", "gracias"}
)
_WORD = re.compile(r"\w+")
# Lines that telephones and mail gateways put under a text.
_SIGNATURE = re.compile(
    r"^[ \t]*(?:--+[ \t]*$|sent (?:from|via|with) |get outlook |envoye de |von mein|gesendet |enviado des)",
    re.IGNORECASE | re.MULTILINE,
)
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


def is_courtesy(body: str) -> bool:
    """Whether a text says nothing but thanks and the like, which nobody needs to answer."""
    words = _WORD.findall(plain(body))
    return bool(words) and all(fold(word) in COURTESY for word in words)
