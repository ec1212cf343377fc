"""What somebody who wants to be called is told. Pure."""

from shifts import phrases


def will_call() -> str:
    """A person will call."""
    return phrases.WILL_CALL.say()


def calling() -> str:
    """Amazon Connect has the call."""
    return phrases.CALLING.say()
