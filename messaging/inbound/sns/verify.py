"""The verdict on one delivery: parse, topic, address, certificate, signature, in this order.

Nothing is fetched for a topic that is not ours, and nothing but the address of SNS itself is ever fetched.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

There is no limit on the age of a message: SNS signs once and delivers the same bytes again for hours, and a
redrive from a dead-letter queue does so days later. Repeats are harmless because what they cause is stored
under a unique id, not because they are young.
"""

from collections.abc import Collection, Mapping

from messaging.inbound.sns import envelope as envelopes
from messaging.inbound.sns import signature
from messaging.inbound.sns.address import check_signing_cert_url
from messaging.inbound.sns.certificates import CertificateSource
from messaging.inbound.sns.envelope import Envelope
from messaging.inbound.sns.errors import UnknownTopic


class Verifier:
    """Says whether a request came from one of our topics. One per process, to share certificates."""

    def __init__(self, topic_arns: Collection[str], certificates: CertificateSource) -> None:
        if isinstance(topic_arns, str):
            raise TypeError("topic_arns is a collection of ARNs, not one string")
        # SNS_TOPIC_ARNS unset and split at commas is [""]: that is no topic, not the topic "".
        self._topic_arns = frozenset(arn for arn in topic_arns if arn)
        self._certificates = certificates

    def verify(self, body: bytes, headers: Mapping[str, str]) -> Envelope:
        """Return the envelope, now proven; raises Refused or TemporarilyUnverifiable."""
        envelope = envelopes.parse(body, headers)
        self._check_topic(envelope.topic_arn)
        check_signing_cert_url(envelope.signing_cert_url, envelope.topic_arn)
        certificate = self._certificates.get(envelope.signing_cert_url)
        signature.verify(envelope, certificate.public_key)
        return envelope

    def _check_topic(self, topic_arn: str) -> None:
        """A genuine signature proves SNS, not us: anybody may subscribe our address to a topic of their own.

        "Reject any message with an unexpected TopicArn":
        https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
        """
        if topic_arn in self._topic_arns:
            return
        if not self._topic_arns:
            raise UnknownTopic(
                "no topic is allowed",
                "Set SNS_TOPIC_ARNS to the ARNs of your topics, separated by commas, as in the SNS console.",
            )
        raise UnknownTopic(f"{topic_arn} is not one of the allowed topics")
