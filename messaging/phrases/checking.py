"""Whether words can stand for a phrase. Pure."""

import re

from messaging.phrases.phrase import Phrase, places_of

_WITHOUT_PLACES = re.compile(r"\{\w+\}")


def problems(phrase: Phrase, text: str) -> list[str]:
    """What is wrong with words of staff's own for a phrase, and what to do; [] when they can be said."""
    if not text.strip():
        return ["Write what people shall read, or go back to the shipped words."]
    found = []
    if len(text) > phrase.longest:
        found.append(f"It has {len(text)} characters; at most {phrase.longest} are possible here.")
    used = places_of(text)
    found += [
        f"{_place(name)} is missing: it becomes what differs from one text to the next."
        for name in sorted(phrase.places - phrase.optional - used)
    ]
    allowed = ", ".join(map(_place, sorted(phrase.places))) or "none"
    found += [f"{_place(name)} means nothing here. Possible: {allowed}." for name in sorted(used - phrase.places)]
    if re.search(r"[{}]", _WITHOUT_PLACES.sub("", text)):
        found.append("A brace { or } stands by itself. They only enclose names such as {id}.")
    found += [
        f"The word {word} must stay, in capitals: it is what people answer with."
        for word in phrase.keeps
        if not keeps_word(text, word)
    ]
    return found


def keeps_word(text: str, word: str) -> bool:
    """Whether a word of a command stands in a text as it is typed."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _place(name: str) -> str:
    return f"{{{name}}}"
