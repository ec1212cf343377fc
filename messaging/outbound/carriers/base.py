"""What a carrier says when a text did not go out, and what is known of it. No provider's shapes go beyond carriers/."""

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What is known of a text whose call did not end with a message id."""

    REFUSED = "refused"  # the carrier answered, and the answer was no
    NEVER_LEFT = "never left"  # the call failed before the carrier could have read it
    IN_DOUBT = "in doubt"  # the carrier may or may not have accepted it


@dataclass
class CarrierError(Exception):
    """A text was not sent, or nobody knows.

    Attributes:
        fate: what is known of the text.
        code: the carrier's error code (AWS: "ConflictException"), or our own for what never got an answer.
        reason: the carrier's reason within the code (AWS: "DESTINATION_PHONE_NUMBER_OPTED_OUT"), or a sentence.
    """

    fate: Fate
    code: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.reason}".strip()
