"""What a text says of consent, with the words that staff have added."""

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.models import Keyword
from optout import words


@dataclass(frozen=True, slots=True)
class Heard:
    """A meaning, and the confirmation that staff have given its word; "" for the usual one."""

    meaning: words.Meaning
    answer: str = ""


def listen(body: str) -> Heard | None:
    """What a text says of consent; None when nothing."""
    own = _own_words(body)
    meaning = words.understand(body, {word: action for word, (action, _) in own.items()})
    if meaning is None:
        return None
    _, answer = own.get(meaning.word, ("", ""))
    return Heard(meaning, answer)


def _own_words(body: str) -> Mapping[str, tuple[words.Action, str]]:
    """The words that staff have added, with their answers. Not read for a text that can be none of them."""
    if not words.the_key(body) or words.understand(body):
        return {}
    added = Keyword.objects.exclude(action=Keyword.Action.REPLY).values_list("word", "action", "text")
    return {word: (words.Action(action), answer) for word, action, answer in added}
