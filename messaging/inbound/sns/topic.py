"""What the ARN of a topic says: where the topic lives, hence where its certificates are kept.

The ARN is the only source of the region: it is on the operator's allow-list, while everything else in a
delivery was written by whoever sent it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from messaging.inbound.sns.errors import UnknownTopic

# Isolated (aws-iso*) and European sovereign (aws-eusc) partitions are left out: their hosts lie under other
# domains (c2s.ic.gov, amazonaws.eu, ...), End User Messaging SMS is not offered there, and a domain that
# nobody has tried is a hole, not a feature.
_SUFFIXES: Final = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
REGION: Final = r"[a-z]{2}(?:-[a-z]{2,20}){1,2}-[0-9]{1,2}"
"""A region's name as a pattern. Stricter than a DNS label on purpose: ``s3-us-west-2`` is none."""

# FIFO topics (name.fifo) do not deliver to HTTP endpoints and cannot receive SMS, so no dot in a name.
_ARN = re.compile(
    rf"arn:(?P<partition>aws|aws-us-gov|aws-cn):sns:(?P<region>{REGION})"
    r":(?P<account>[0-9]{12}):(?P<name>[A-Za-z0-9_-]{1,256})"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A standard SNS topic, taken from its ARN."""

    partition: str
    region: str
    account: str
    name: str

    @property
    def dns_suffix(self) -> str:
        """The domain of AWS in the topic's partition."""
        return _SUFFIXES[self.partition]

    @property
    def host(self) -> str:
        """The only host that serves signing certificates for this topic.

        https://docs.aws.amazon.com/general/latest/gr/sns.html
        """
        return f"sns.{self.region}.{self.dns_suffix}"


@lru_cache(maxsize=64)
def parse_topic_arn(arn: str) -> Topic:
    """Take an ARN apart; raises UnknownTopic for anything but a standard topic in a supported partition."""
    match = _ARN.fullmatch(arn)
    if match is None or _partition_of(match["region"]) != match["partition"]:
        raise UnknownTopic(
            f"{arn[:300]!r} is not the ARN of a standard SNS topic",
            "Write it as arn:aws:sns:REGION:ACCOUNT:NAME, exactly as the SNS console shows it.",
        )
    return Topic(**match.groupdict())


def _partition_of(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
