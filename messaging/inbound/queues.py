"""What SNS put into an SQS queue: dead letters, or all there is where no webhook is exposed. One door to the same room.

The body of a message is the envelope that SNS would have posted, with its signature, and goes the same verified way.
A message is deleted once what it carries is committed; what cannot be stored stays, and comes again by itself.

docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config
from django.db import DatabaseError, InterfaceError

from messaging import clock
from messaging.inbound import webhooks
from messaging.inbound.sns.errors import Refused, TemporarilyUnverifiable
from messaging.outbound.delivery import Unreadable
from messaging.validators import QUEUE_ARN

logger = logging.getLogger(__name__)

# The most that SQS hands out at once.
_BATCH: Final = 10
# Seconds one question waits at AWS for a message (20 at most). A process that is asked to end does so after it.
POLL_SECONDS: Final = 5
# The longest that SQS hides a message, in seconds: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
# sqs-visibility-timeout.html
_LONGEST_HIDDEN: Final = 12 * 3600
# A dead letter that could not be stored comes again so many seconds after the drain is over.
_HIDDEN_AFTER: Final = 60
# What a look at the dead letters lasts at most, as a job beside others.
DRAIN_LASTS: Final = timedelta(seconds=60)
_CONFIG: Final = Config(
    retries={"total_max_attempts": 3, "mode": "standard"}, connect_timeout=3, read_timeout=POLL_SECONDS + 10
)


class NoQueue(ValueError):
    """What was given names no queue."""


@dataclass
class Taken:
    """What became of the messages of one look.

    Attributes:
        stored: how many were committed, those that had come before included, and deleted.
        left: how many stay in the queue.
        reasons: why, each with how many.
    """

    stored: int = 0
    left: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> int:
        """How many there were."""
        return self.stored + self.left


class Queue:
    """One queue, by its ARN.

    Raises:
        NoQueue: it is no ARN of an SQS queue.
    """

    def __init__(self, arn: str) -> None:
        match = QUEUE_ARN.fullmatch(arn)
        if match is None:
            raise NoQueue(f"{arn!r} is no ARN of an SQS queue; it looks like arn:aws:sqs:us-east-1:111122223333:name.")
        self.arn = arn
        self._name, self._account = match["name"], match["account"]
        self._client: Any = boto3.session.Session(region_name=match["region"]).client("sqs", config=_CONFIG)
        self._address = ""

    def take(self, wait_seconds: int = POLL_SECONDS, hide_seconds: int | None = None) -> Taken:
        """Take at most ten messages, store them, delete those that are stored.

        Args:
            wait_seconds: how long to wait for the first, 0 to 20.
            hide_seconds: how long what is left stays hidden; None: as the queue says.

        Raises:
            botocore.exceptions.BotoCoreError, ClientError: SQS cannot be asked, or refuses.
        """
        hidden = {} if hide_seconds is None else {"VisibilityTimeout": hide_seconds}
        answer = self._client.receive_message(
            QueueUrl=self._url(), MaxNumberOfMessages=_BATCH, WaitTimeSeconds=wait_seconds, **hidden
        )
        taken = Taken()
        done: list[dict[str, str]] = []
        for message in answer.get("Messages", []):
            if reason := _store(message["Body"]):
                taken.left += 1
                taken.reasons[reason] += 1
            else:
                taken.stored += 1
                done.append({"Id": str(len(done)), "ReceiptHandle": message["ReceiptHandle"]})
        if done:
            # What fails to be deleted comes again, and changes nothing: it is stored under a unique id.
            self._client.delete_message_batch(QueueUrl=self._url(), Entries=done)
        return taken

    def drain(self, lasts: timedelta = DRAIN_LASTS) -> Taken:
        """Take until the queue is empty, each message once, or the time is over."""
        ends_at, whole = clock.now() + lasts, Taken()
        hidden = min(int(lasts.total_seconds()) + _HIDDEN_AFTER, _LONGEST_HIDDEN)
        while clock.now() < ends_at and not clock.stop_requested():
            # Asking for no time looks at some of SQS's servers only, and may find nothing where there is something.
            taken = self.take(wait_seconds=1, hide_seconds=hidden)
            whole.stored += taken.stored
            whole.left += taken.left
            whole.reasons.update(taken.reasons)
            if not taken.all:
                break
        return whole

    def waiting(self) -> int:
        """About how many messages are in the queue, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        read = self._client.get_queue_attributes(QueueUrl=self._url(), AttributeNames=names)["Attributes"]
        return sum(int(read[name]) for name in names)

    def _url(self) -> str:
        if not self._address:
            found = self._client.get_queue_url(QueueName=self._name, QueueOwnerAWSAccountId=self._account)
            self._address = found["QueueUrl"]
        return self._address


@cache
def queue(arn: str) -> Queue:
    """The queue of this process. Raises NoQueue."""
    return Queue(arn)


def _store(body: str) -> str:
    """Why the message must stay; blank: it is stored."""
    try:
        webhooks.take(body.encode("utf-8", "surrogatepass"), {})
    except Refused as refusal:
        logger.warning("Left a message in the queue: %s %s", refusal, refusal.hint)
        return str(refusal)
    except Unreadable as problem:
        logger.warning("Left a verified message in the queue: %s", problem)
        return str(problem)
    except TemporarilyUnverifiable as problem:
        logger.warning("Left a message in the queue until it can be verified: %s", problem)
        return str(problem)
    except (DatabaseError, InterfaceError) as problem:
        logger.warning("Left a message in the queue, the database does not take it: %s", problem)
        return "The database does not take it."
    except Exception as problem:
        # It must neither end whoever reads the queue nor keep the others waiting, whose deletion comes after it.
        logger.exception("Left a message in the queue")
        return f"It could not be stored: {type(problem).__name__}. The log has more."
    return ""
