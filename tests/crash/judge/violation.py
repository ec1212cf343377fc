"""What a rule finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept.

    Attributes:
        rule: its name.
        what: what happened, in a sentence.
        texts: outbound rows concerned.
        inbound: inboundMessageIds concerned.
    """

    rule: str
    what: str
    texts: tuple[int, ...] = ()
    inbound: tuple[str, ...] = ()
