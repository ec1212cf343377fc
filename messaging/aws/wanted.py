"""What Textback needs in an AWS account, by name. Pure: every ARN follows from account, region and prefix."""

from dataclasses import dataclass
from typing import Final, Literal

Way = Literal["https", "sqs"]
INBOUND, EVENTS, ALARMS = "inbound", "events", "alarms"

# SNS keeps a message for at most an hour of retries (100 at most), then it goes to the dead-letter queue:
# docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html . 10 tries 2 s apart, some that slow down, then 88
# tries 39 s apart: 3,530 s.
DELIVERY_POLICY: Final = {
    "healthyRetryPolicy": {
        "minDelayTarget": 2,
        "maxDelayTarget": 39,
        "numRetries": 100,
        "numNoDelayRetries": 0,
        "numMinDelayRetries": 10,
        "numMaxDelayRetries": 88,
        "backoffFunction": "exponential",
    }
}
# The longest that SQS keeps a message: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide
RETENTION_SECONDS: Final = 14 * 24 * 3600
# A worker that took a message has stored it long before.
VISIBILITY_SECONDS: Final = 60
# A message that was taken so often and never stored is for a person to look at.
MOST_RECEIVES: Final = 100


@dataclass(frozen=True)
class Wanted:
    """What to set up.

    Attributes:
        account: the twelve digits of the AWS account.
        region: where the numbers live; topics and queues are made there.
        partition: ``aws``, ``aws-cn`` or ``aws-us-gov``.
        prefix: what all names begin with.
        webhook: the address of ``/webhooks/sns/``; blank where texts come by SQS.
        numbers: the phone numbers to set up, in E.164 or short codes; empty: none.
        encrypted: whether topics and queues are encrypted with a key of ours (KMS), instead of one of AWS's.
        alarms: the ARNs of topics of CloudWatch alarms, as SNS_ALARM_TOPIC_ARNS takes them. The one that has our name
            is made; others are somebody's.
    """

    account: str
    region: str
    partition: str = "aws"
    prefix: str = "textback"
    webhook: str = ""
    numbers: tuple[str, ...] = ()
    encrypted: bool = False
    alarms: tuple[str, ...] = ()

    @property
    def way(self) -> Way:
        """How texts come from SNS to us."""
        return "https" if self.webhook else "sqs"

    def topic(self, name: str) -> str:
        """The ARN of a topic of ours: ``inbound``, ``events`` or ``alarms``."""
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:{self.prefix}-{name}"

    @property
    def topics(self) -> tuple[str, str]:
        """The ARNs of both topics, as SNS_TOPIC_ARNS takes them."""
        return self.topic(INBOUND), self.topic(EVENTS)

    @property
    def subscribed(self) -> tuple[str, ...]:
        """The topics that we subscribe to, those of texts first.

        A subscription and its queue of dead letters are of one account and region:
        docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
        """
        return (*self.topics, *(arn for arn in self.alarms if arn.startswith(self._here)))

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """Topics of alarms in another account or region: whoever has them subscribes us."""
        return tuple(arn for arn in self.alarms if not arn.startswith(self._here))

    @property
    def _here(self) -> str:
        return f"arn:{self.partition}:sns:{self.region}:{self.account}:"

    @property
    def all_alarms(self) -> str:
        """What every ARN of a CloudWatch alarm in this account and region matches."""
        return f"arn:{self.partition}:cloudwatch:{self.region}:{self.account}:alarm:*"

    def queue(self, name: str) -> str:
        """The ARN of a queue: ``inbound`` or ``dead-letters``."""
        return f"arn:{self.partition}:sqs:{self.region}:{self.account}:{self.prefix}-{name}"

    @property
    def key_alias(self) -> str:
        """The name of the key."""
        return f"alias/{self.prefix}"

    @property
    def configuration_set(self) -> str:
        """The name of the configuration set, as CONFIGURATION_SET takes it."""
        return self.prefix

    @property
    def configuration_set_arn(self) -> str:
        """The ARN of the configuration set."""
        return f"arn:{self.partition}:sms-voice:{self.region}:{self.account}:configuration-set/{self.configuration_set}"

    @property
    def all_of_sms(self) -> str:
        """What every ARN of End User Messaging SMS in this account and region matches."""
        return f"arn:{self.partition}:sms-voice:{self.region}:{self.account}:*"
