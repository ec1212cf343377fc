"""One signing certificate: is it in force, strong enough, and SNS's own?

The same checks as the validator in the AWS SDK for Java 2 (``sns-message-manager``): PEM format, validity
dates, name. The chain to an Amazon root is not built: the certificate came over verified TLS from the exact
host of SNS.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from messaging.inbound.sns.address import CertificateAddress
from messaging.inbound.sns.errors import BadCertificate

_KEY_BITS: Final = range(2048, 8193)
_UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
# One certificate and nothing around it, so that no two readers can pick different ones.
_ONE_PEM = re.compile(rb"\s*-----BEGIN CERTIFICATE-----\r?\n(?:[A-Za-z0-9+/]+={0,2}\r?\n)+-----END CERTIFICATE-----\s*")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate whose key is RSA and long enough. Dates and name have their own checks."""

    public_key: RSAPublicKey = field(repr=False)
    names: frozenset[str]
    not_before: datetime
    not_after: datetime

    def in_force(self, now: datetime) -> bool:
        """Whether ``now`` lies between the two dates, ends included."""
        return self.not_before <= now <= self.not_after

    def check_in_force(self, now: datetime | None = None) -> None:
        """Raise BadCertificate unless it is in force, now by default."""
        if not self.in_force(now or datetime.now(UTC)):
            raise BadCertificate(f"the certificate is valid from {self.not_before} to {self.not_after} only")

    def check_name(self, address: CertificateAddress) -> None:
        """Raise BadCertificate unless it was issued to SNS in the region where it lies."""
        if self.names.isdisjoint(accepted_names(address)):
            raise BadCertificate(f"the certificate belongs to {sorted(self.names)}, not to SNS in {address.region}")


def accepted_names(address: CertificateAddress) -> frozenset[str]:
    """What SNS calls itself in the signing certificates of a region.

    Most regions share ``sns.amazonaws.com``; opt-in regions have ``sns-signing.<region>``, often with the
    regional host beside it; China and GovCloud have names of their own (the list is that of
    ``SnsHostProvider`` in the AWS SDK for Java 2). A name with a region in it counts in that region only.
    """
    region, suffix = address.region, address.dns_suffix
    names = {f"sns.{suffix}", address.host, f"sns-signing.{region}.{suffix}"}
    if region.startswith("cn-"):
        names.add(f"sns-{region}.{suffix}")
    elif region.startswith("us-gov-"):  # both regions sign with the certificate of the western one
        names.add(f"sns-us-gov-west-1.{suffix}")
    return frozenset(names)


def load(pem: bytes) -> Certificate:
    """Read exactly one PEM certificate with an RSA key; raises BadCertificate. Judges no date, no name."""
    if _ONE_PEM.fullmatch(pem) is None:
        raise BadCertificate("not exactly one PEM certificate")
    try:
        parsed = x509.load_pem_x509_certificate(pem)
        key = parsed.public_key()
        names = _names(parsed)
    except _UNREADABLE as error:
        raise BadCertificate(f"the certificate cannot be read: {error}") from None
    if not isinstance(key, RSAPublicKey):
        raise BadCertificate(f"the key is a {type(key).__name__}; SNS signs with RSA only")
    if key.key_size not in _KEY_BITS:
        raise BadCertificate(f"the RSA key has {key.key_size} bits, not between {_KEY_BITS[0]} and {_KEY_BITS[-1]}")
    return Certificate(key, names, parsed.not_valid_before_utc, parsed.not_valid_after_utc)


def _names(parsed: x509.Certificate) -> frozenset[str]:
    """The DNS names; the common name counts only where there are none (RFC 9525 and RFC 6125, 6.4.4)."""
    try:
        alternative = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        pass
    else:
        if dns_names := alternative.get_values_for_type(x509.DNSName):
            return frozenset(dns_names)
    common = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return frozenset(str(attribute.value) for attribute in common) if len(common) == 1 else frozenset()
