"""Why a delivery was not believed, and what SNS shall do about it.

::

    SuspiciousOperation (Django)
    └── Refused                     4xx: can never become valid, SNS must not retry
        ├── Malformed               400  not a message in the format of SNS
        │   └── RawDelivery         400  bare body without a signature
        ├── UnknownTopic            403  a topic that is not ours
        ├── BadCertificateUrl       403  the certificate is not at SNS's address for that topic
        ├── BadCertificate          403  what lies there is not a valid certificate of SNS
        ├── BadSignature            403  the content is not what SNS signed
        └── ConfirmationRefused     400  SNS does not accept the token (any more)
    Exception
    └── TemporarilyUnverifiable     503  our own trouble, SNS shall retry

SNS takes every 4xx as final and retries 5xx and time-outs, so the choice between the two families decides
whether a message can be lost:
https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html

``Refused`` descends from ``SuspiciousOperation`` so that Django logs it as a security event and answers 400
even where no view catches it. ``TemporarilyUnverifiable`` deliberately does not: uncaught it is a 500, which
SNS retries too.
"""

from typing import ClassVar

from django.core.exceptions import SuspiciousOperation


class Refused(SuspiciousOperation):
    """The delivery can never become valid. Answer ``status``; ``hint`` tells an operator what to do."""

    status: ClassVar[int] = 400
    default_hint: ClassVar[str] = "Nothing to do, unless this was a delivery you expected."

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.default_hint


class Malformed(Refused):
    """The body is not a message in the format of SNS."""

    default_hint = "Only Amazon SNS should post to this address. See who does."


class RawDelivery(Malformed):
    """Raw message delivery is on; such bodies carry no signature and can be forged by anybody."""

    default_hint = "Turn raw message delivery off in the attributes of this subscription."


class UnknownTopic(Refused):
    """The message may be genuine, but its topic is not on the allow-list."""

    status = 403
    default_hint = "If the topic is yours, add its ARN to SNS_TOPIC_ARNS."


class BadCertificateUrl(Refused):
    """SigningCertURL is not the address where SNS keeps the certificates of that topic's region."""

    status = 403
    default_hint = "Nothing to do: SNS never writes such an address. Somebody tried to forge a message."


class BadCertificate(Refused):
    """What lies at the address is not one valid certificate of SNS."""

    status = 403
    default_hint = "Check the clock of this machine, and any proxy that intercepts TLS."


class BadSignature(Refused):
    """The signed fields are not what the owner of the certificate signed."""

    status = 403
    default_hint = "If messages of your own topic fail, look for a proxy that rewrites request bodies."


class ConfirmationRefused(Refused):
    """SNS does not accept the token (any more)."""

    default_hint = "Tokens live for two days. Request a new confirmation in the SNS console."


class TemporarilyUnverifiable(Exception):
    """We could not find out. Answer ``status`` (503) and SNS delivers the same message again."""

    status: ClassVar[int] = 503

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or "SNS retries by itself. If it goes on, check the way out to AWS over HTTPS."
