"""Where SNS keeps its signing certificates, and nowhere else.

"Verify the certificate was received from Amazon SNS":
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

Every validator that asked less than this has been fooled: a suffix check accepts any S3 bucket
(CVE-2023-33185), the official pattern accepts a bucket named ``sns`` (sns.s3-us-west-2.amazonaws.com), no
check at all accepts anything (CVE-2026-47074).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from messaging.inbound.sns.errors import BadCertificateUrl
from messaging.inbound.sns.topic import REGION, parse_topic_arn

# The address is compared as text, never taken apart by a URL parser: what a parser would have to interpret
# (port, user, percent-encoding, dot segments, upper case, look-alike letters) is simply not in the grammar.
_ADDRESS = re.compile(
    rf"https://(?P<host>sns\.(?P<region>{REGION})\.(?P<dns_suffix>amazonaws\.com(?:\.cn)?))"
    r"(?P<path>/SimpleNotificationService-[0-9a-f]{1,64}\.pem)"
)


@dataclass(frozen=True, slots=True)
class CertificateAddress:
    """A well-formed address of a signing certificate, in some region."""

    host: str
    region: str
    dns_suffix: str
    path: str


@lru_cache(maxsize=64)
def parse_address(url: str) -> CertificateAddress:
    """Take an address apart; raises BadCertificateUrl for anything that is not on a host of SNS."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        raise BadCertificateUrl(f"{url[:200]!r} is not where SNS keeps its certificates")
    return CertificateAddress(**match.groupdict())


def check_signing_cert_url(url: str, topic_arn: str) -> None:
    """Return if SNS would sign messages of this (already allow-listed) topic with that certificate.

    The host must be the one of the topic's own region and partition: the region comes from the ARN, never
    from the address. Raises BadCertificateUrl, or UnknownTopic if the ARN is none.
    """
    expected = parse_topic_arn(topic_arn).host
    if parse_address(url).host != expected:
        raise BadCertificateUrl(f"{url[:200]!r} is not on {expected}, where the topic's certificates are")
