"""What a campaign says: the message, then how to book. Pure.

CTIA's messaging principles ask for opt-out instructions in what is sent to many; the usual footer has them.
"""

from collections.abc import Sequence

from shifts import phrases

CODES = "{codes}"
_MOST_CODES = 5


def footer(template: str, codes: Sequence[str]) -> str:
    """How to book. ``{codes}`` becomes the codes; an empty template means the usual words."""
    shown = ", ".join(codes[:_MOST_CODES])
    if template.strip():
        return template.strip().replace(CODES, shown)
    opening = phrases.FOOTER_CODES.say(codes=shown) if shown else phrases.FOOTER.say()
    return f"{opening} {phrases.FOOTER_END.say()}"


def text(message: str, template: str, codes: Sequence[str]) -> str:
    """The whole text."""
    return f"{message.strip()}\n{footer(template, codes)}"
