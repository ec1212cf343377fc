"""What a text says of consent, with the words that staff have added."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from messaging.compiled import Compiled
from messaging.models import Keyword
from optout import words

Added = Mapping[str, tuple[words.Action, str]]


@dataclass(frozen=True, slots=True)
class Heard:
    """A meaning, and the confirmation that staff have given its word; "" for the usual one."""

    meaning: words.Meaning
    answer: str = ""


def listen(body: str, added: Callable[[], Added] | None = None) -> Heard | None:
    """What a text says of consent; None when nothing. ``added`` gives the words of staff, if they are needed at all."""
    if meaning := words.understand(body):
        return Heard(meaning)
    if not words.the_key(body):
        return None
    own = (added or added_words)()
    meaning = words.understand(body, {word: action for word, (action, _) in own.items()}) if own else None
    return Heard(meaning, own[meaning.word][1]) if meaning else None


def added_words() -> Added:
    """The words that staff have added, each with what it means and its confirmation."""
    return {word: (words.Action(action), answer) for word, action, answer in _ADDED.rows()}


_ADDED = Compiled(lambda: Keyword.objects.exclude(action=Keyword.Action.REPLY).values_list("word", "action", "text"))
