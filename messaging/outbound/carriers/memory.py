"""A carrier that sends nothing and remembers everything: for trying a conversation without any network."""

import itertools

from messaging.contracts import Submission


class Memory:
    """Accepts every text, and keeps the submissions in ``sent``."""

    def __init__(self) -> None:
        self.sent: list[Submission] = []
        self._ids = itertools.count(1)

    def warm(self) -> None:
        """Nothing is expensive here."""

    def send(self, submission: Submission) -> str:
        """Accept the text."""
        self.sent.append(submission)
        return f"memory-{submission.message_id}-{next(self._ids)}"
