"""An SNS of our own: signs what the real one would, from layouts written out by hand.

Nothing here imports the code under test, so that one misreading of the format cannot hide in both.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:two-way"
CERT_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
TOKEN = "2336412f37fb687f5d51e6e2425929f52e8e353134fe72d55ef8b330217d82da"
SUBSCRIBE_URL = f"https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC_ARN}&Token={TOKEN}"
INBOUND = (
    '{"originationNumber":"+14255550182","destinationNumber":"+12125550101","messageKeyword":"keyword_123",'
    '"messageBody":"Yes, “please” 👍","inboundMessageId":"cae173d2-66b9-564c-8309-21f858e9fb84",'
    '"previousPublishedMessageId":"wJalrXUtnFEMI/K7MDENG"}'
)

LAYOUTS = {
    "Notification": (
        "Message\n{Message}\nMessageId\n{MessageId}\nTimestamp\n{Timestamp}\nTopicArn\n{TopicArn}\nType\nNotification\n"
    ),
    "Notification with Subject": (
        "Message\n{Message}\nMessageId\n{MessageId}\nSubject\n{Subject}\nTimestamp\n{Timestamp}\n"
        "TopicArn\n{TopicArn}\nType\nNotification\n"
    ),
    "SubscriptionConfirmation": (
        "Message\n{Message}\nMessageId\n{MessageId}\nSubscribeURL\n{SubscribeURL}\nTimestamp\n{Timestamp}\n"
        "Token\n{Token}\nTopicArn\n{TopicArn}\nType\nSubscriptionConfirmation\n"
    ),
    "UnsubscribeConfirmation": (
        "Message\n{Message}\nMessageId\n{MessageId}\nSubscribeURL\n{SubscribeURL}\nTimestamp\n{Timestamp}\n"
        "Token\n{Token}\nTopicArn\n{TopicArn}\nType\nUnsubscribeConfirmation\n"
    ),
}


@cache
def rsa_key(name: str = "sns", bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name and size for the whole run: making them is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def layout_of(fields: dict[str, Any]) -> str:
    return "Notification with Subject" if "Subject" in fields else fields["Type"]


def sign(fields: dict[str, Any], version: str = "1", key: rsa.RSAPrivateKey | None = None) -> dict[str, Any]:
    """The fields with SignatureVersion and Signature as SNS would add them."""
    text = LAYOUTS[layout_of(fields)].format(**fields)
    algorithm: hashes.HashAlgorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = (key or rsa_key()).sign(text.encode("utf-8"), padding.PKCS1v15(), algorithm)
    return {**fields, "SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


def notification(**changes: Any) -> dict[str, Any]:
    """An unsigned notification; a change to None takes the field out."""
    return _with(
        {
            "Type": "Notification",
            "MessageId": "da41e39f-ea4d-435a-b922-c6aae3915ebe",
            "TopicArn": TOPIC_ARN,
            "Message": INBOUND,
            "Timestamp": "2026-11-20T12:45:07.000Z",
            "SigningCertURL": CERT_URL,
            "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
            "MessageAttributes": {"kind": {"Type": "String", "Value": "inbound"}},
        },
        changes,
    )


def confirmation(kind: str = "SubscriptionConfirmation", **changes: Any) -> dict[str, Any]:
    """An unsigned confirmation of either kind."""
    return _with(
        {
            "Type": kind,
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "Token": TOKEN,
            "TopicArn": TOPIC_ARN,
            "Message": f"You have chosen to subscribe to the topic {TOPIC_ARN}.\nTo confirm, visit the SubscribeURL.",
            "SubscribeURL": SUBSCRIBE_URL,
            "Timestamp": "2026-11-20T12:45:07.655Z",
            "SigningCertURL": CERT_URL,
        },
        changes,
    )


def body(fields: dict[str, Any]) -> bytes:
    """The JSON in SNS's own formatting, with its " : "."""
    return json.dumps(fields, indent=2, separators=(",", " : "), ensure_ascii=False).encode("utf-8")


def certificate(
    name: str = "sns.amazonaws.com",
    *,
    alternative: list[str] | None = None,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    days: tuple[float, float] = (-30, 300),
    now: datetime | None = None,
) -> bytes:
    """A self-signed PEM. ``alternative`` are its DNS names, by default just ``name``; [] leaves the extension out."""
    key = key or rsa_key()
    now = now or datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )
    names = [name] if alternative is None else alternative
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False
        )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _with(fields: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}
