"""Everything Textback needs, compared with what is there, in the order in which it can be made."""

from collections.abc import Callable, Iterator

from messaging.aws import events, keys, numbers, queues, topics
from messaging.aws.changes import Change
from messaging.aws.session import Session
from messaging.aws.wanted import Wanted

# A key before what it encrypts, a queue before what points to it, a topic before its subscription and before numbers.
_STEPS: tuple[Callable[[Session, Wanted], Iterator[Change]], ...] = (
    keys.changes,
    queues.changes,
    topics.changes,
    events.changes,
    numbers.changes,
)


def plan(session: Session, wanted: Wanted) -> list[Change]:
    """What is missing or otherwise than wanted. Reads only.

    Raises:
        numbers.NoSuchNumber: a wanted number is not the account's.
        botocore.exceptions.BotoCoreError, ClientError: AWS cannot be asked, or refuses.
    """
    return [change for step in _STEPS for change in step(session, wanted)]


def apply(changes: list[Change], tell: Callable[[Change], None]) -> None:
    """Make the changes, in order; ``tell`` hears of each once it is made.

    Raises:
        botocore.exceptions.BotoCoreError, ClientError: AWS refused one. What was made before it stays; the next plan
            has the rest.
    """
    for change in changes:
        change.make()
        tell(change)
