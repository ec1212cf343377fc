"""What SNS signed, and whether it did.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from messaging.inbound.sns.envelope import NOTIFICATION, Envelope
from messaging.inbound.sns.errors import BadSignature

# SHA-1 is what topics use until told otherwise. It is sound here because forging needs a second preimage, not
# a collision; version 2 is a topic attribute away and recommended:
# https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-configure-message-signature.html
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "1": hashes.SHA1(),  # noqa: S303 - dictated by SignatureVersion 1
    "2": hashes.SHA256(),
}
_PADDING: Final = PKCS1v15()


def string_to_sign(envelope: Envelope) -> bytes:
    r"""The signed fields as ``Key\nValue\n``, keys in byte order.

    A notification signs Message, MessageId, Subject (only if present), Timestamp, TopicArn, Type; a
    confirmation Message, MessageId, SubscribeURL, Timestamp, Token, TopicArn, Type.

    The format has no escaping, so a value with line breaks could pass for several fields. ``envelope.parse``
    allows line breaks in Message only; read from its end, every string then has exactly one meaning.
    """
    if envelope.type == NOTIFICATION:
        subject = "" if envelope.subject is None else f"Subject\n{envelope.subject}\n"
        text = (
            f"Message\n{envelope.message}\nMessageId\n{envelope.message_id}\n{subject}"
            f"Timestamp\n{envelope.raw_timestamp}\nTopicArn\n{envelope.topic_arn}\nType\n{envelope.type}\n"
        )
    else:
        text = (
            f"Message\n{envelope.message}\nMessageId\n{envelope.message_id}\n"
            f"SubscribeURL\n{envelope.subscribe_url}\nTimestamp\n{envelope.raw_timestamp}\n"
            f"Token\n{envelope.token}\nTopicArn\n{envelope.topic_arn}\nType\n{envelope.type}\n"
        )
    return text.encode("utf-8")


def verify(envelope: Envelope, public_key: RSAPublicKey) -> None:
    """Return if the owner of the key signed this envelope; raises BadSignature otherwise."""
    algorithm = _HASHES.get(envelope.signature_version)
    if algorithm is None:
        raise BadSignature(
            f"SignatureVersion {envelope.signature_version!r} is neither '1' nor '2'",
            "If SNS has introduced a new version, update Textback; until then set the topic's to 2.",
        )
    try:
        public_key.verify(envelope.signature, string_to_sign(envelope), _PADDING, algorithm)
    except InvalidSignature:
        raise BadSignature(f"the signature of message {envelope.message_id} does not match its content") from None
