# ruff: noqa: E501 - a table is read across
"""Every attack on SNS webhooks that we know of, through our real one.

Each is refused for good (a 4xx: SNS sends what is genuine again after a 5xx only), and nothing comes of it: no row, no
connection to anywhere, no certificate asked for but from where SNS keeps them, no subscription confirmed.
"""

import base64
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from django.test import Client

from messaging.inbound import webhooks
from messaging.inbound.sns.address import CertificateAddress
from messaging.inbound.sns.certificates import CertificateStore
from messaging.inbound.sns.verify import Verifier
from messaging.models import DeliveryEvent, InboundMessage
from messaging.simulator import Simulator
from tests.messaging.inbound.sns.signing import (
    CERT_URL,
    LAYOUTS,
    SUBSCRIBE_URL,
    TOPIC_ARN,
    body,
    certificate,
    confirmation,
    notification,
    rsa_key,
    sign,
)
from tests.security.genuine import WEBHOOK, delivery, payload

pytestmark = pytest.mark.django_db

Fields = dict[str, Any]
THEIRS = "arn:aws:sns:us-east-1:999999999999:attackers-own"
MALLORY = certificate(key=rsa_key("mallory"))
PEM_NAME = "SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"


def text(**changes: Any) -> Fields:
    return notification(Message=json.dumps(payload()), **changes)


def forged(**changes: Any) -> Fields:
    """Signed by somebody who keeps a certificate of his own wherever SigningCertURL says."""
    return sign(text(**changes), "2", rsa_key("mallory"))


def after_signing(**changes: Any) -> Fields:
    """Genuine, then changed on its way; None takes a field out."""
    return {name: value for name, value in {**sign(text(), "2"), **changes}.items() if value is not None}


def at(url: str) -> Fields:
    return forged(SigningCertURL=url)


def respelt(find: bytes, replacement: bytes, fields: Fields | None = None) -> bytes:
    genuine = body(fields or sign(text(), "2"))
    assert find in genuine
    return genuine.replace(find, replacement, 1)


def signed_over(layout: str, fields: Fields, version: str) -> Fields:
    """Signed as if it were of another layout."""
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    content = LAYOUTS[layout].format(**fields).encode()
    signature = rsa_key().sign(content, padding.PKCS1v15(), algorithm)
    return fields | {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}


@dataclass(frozen=True)
class Attack:
    """``pem`` lies where SigningCertURL says; ``asked`` is whether that may be looked at."""

    name: str
    source: str
    posted: Fields | bytes | Callable[[], Fields | bytes]
    status: int = 403
    headers: dict[str, str] = field(default_factory=dict)
    pem: bytes = MALLORY
    asked: bool = False

    def content(self) -> bytes:
        made = self.posted() if callable(self.posted) else self.posted
        return made if isinstance(made, bytes) else body(made)


S3_ANY = f"https://attacker.s3.amazonaws.com/{PEM_NAME}"
URLS = [
    ("any S3 bucket", "suffix check: django-ses before 3.5.0, CVE-2023-33185; Novu PR 11056", S3_ANY),
    (
        "an S3 bucket named sns",
        "the pattern of the official JS and PHP validators, django-ses 4.4.0, validatesns 0.1.1; DEF CON 30",
        f"https://sns.s3-us-west-2.amazonaws.com/{PEM_NAME}",
    ),
    ("an S3 bucket named sns, newer", "likewise", f"https://sns.s3.us-east-1.amazonaws.com/{PEM_NAME}"),
    ("any host", "no check at all: ex_aws_sns, CVE-2026-47074", f"https://attacker.example/{PEM_NAME}"),
    ("a look-alike domain", "unanchored pattern", f"https://sns.us-east-1.amazonaws.com.attacker.example/{PEM_NAME}"),
    ("a subdomain in front", "unanchored pattern", f"https://attacker.example.sns.us-east-1.amazonaws.com/{PEM_NAME}"),
    ("HTTP", "anybody on the way answers", f"http://sns.us-east-1.amazonaws.com/{PEM_NAME}"),
    ("a file", "scheme not checked", f"file:///{PEM_NAME}"),
    ("userinfo", "URL parsers disagree", f"https://sns.us-east-1.amazonaws.com@attacker.example/{PEM_NAME}"),
    (
        "userinfo, backslash",
        "URL parsers disagree",
        f"https://attacker.example\\@sns.us-east-1.amazonaws.com/{PEM_NAME}",
    ),
    ("a port", "another service of the host", f"https://sns.us-east-1.amazonaws.com:8443/{PEM_NAME}"),
    ("a query", "reflected content", f"https://sns.us-east-1.amazonaws.com/{PEM_NAME}?x=.pem"),
    ("a fragment", "URL parsers disagree", f"https://attacker.example#sns.us-east-1.amazonaws.com/{PEM_NAME}"),
    ("another path", "what anybody may publish there", "https://sns.us-east-1.amazonaws.com/attacker.pem"),
    ("dot segments", "normalised later", f"https://sns.us-east-1.amazonaws.com/x/../{PEM_NAME}"),
    ("percent-encoding", "decoded later", f"https://sns.us-east-1.amazonaws.com/%2e/{PEM_NAME}"),
    ("another region", "region out of the message", f"https://sns.eu-west-1.amazonaws.com/{PEM_NAME}"),
    ("another partition", "region out of the message", f"https://sns.us-east-1.amazonaws.com.cn/{PEM_NAME}"),
    ("upper case", "compared without case, used with it", f"https://SNS.US-EAST-1.AMAZONAWS.COM/{PEM_NAME}"),
    (
        "a dot at the end",
        "the same host to DNS, another to a comparison",
        f"https://sns.us-east-1.amazonaws.com./{PEM_NAME}",
    ),
    ("the metadata service", "server-side request forgery", "https://169.254.169.254/latest/meta-data/x.pem"),
    ("our own network", "server-side request forgery", f"https://127.0.0.1/{PEM_NAME}"),
]
UNICODE_URLS = [
    ("a full-width letter", "normalised to a host of SNS", f"https://ｓns.us-east-1.amazonaws.com/{PEM_NAME}"),
    ("an ideographic full stop", "a dot to IDNA", f"https://sns.us-east-1。amazonaws.com/{PEM_NAME}"),
    ("a Cyrillic letter", "looks the same", f"https://sns.us-east-1.amаzonaws.com/{PEM_NAME}"),
    ("a dotless i in the path", "upper and lower case by locale", CERT_URL.replace("Simple", "Sımple")),
    ("a line break", "header injection into the download", f"https://sns.us-east-1.amazonaws.com/\r\nX: y/{PEM_NAME}"),
    ("a space", "trimmed later", f" {CERT_URL}"),
    ("a NUL", "ends the string elsewhere", f"{CERT_URL}\x00.attacker.example"),
]

ATTACKS = [
    *(Attack(f"certificate from {name}", source, at(url)) for name, source, url in URLS),
    *(Attack(f"certificate from {name}", source, at(url), 400) for name, source, url in UNICODE_URLS),
    # Signatures.
    Attack("no signature", "no verification at all: Plunk, CVE-2026-42193", text(), 400),
    Attack("an empty signature", "an empty string verified as nothing to verify", after_signing(Signature=""), 400),
    Attack("the signature is null", "likewise", after_signing(Signature=None) | {"Signature": None}, 400),
    Attack("the signature is no base64", "decoding errors taken for 5xx", after_signing(Signature="%%%")),
    Attack("another text under a genuine signature", "the message is not covered", after_signing(Message=json.dumps(payload(text="NO"))), pem=certificate(), asked=True),
    Attack("another time under a genuine signature", "late replies made timely", after_signing(Timestamp="2026-11-21T00:00:00.000Z"), pem=certificate(), asked=True),
    Attack("a key of one's own", "key substitution: signed by one key, claimed for another", forged(), pem=certificate(), asked=True),
    Attack("version 2 said to be version 1", "downgrade to SHA-1", after_signing(SignatureVersion="1"), pem=certificate(), asked=True),
    Attack("version 1 said to be version 2", "confusion of the two", {**sign(text(), "1"), "SignatureVersion": "2"}, pem=certificate(), asked=True),
    Attack("a version that there is not", "unknown means unchecked", after_signing(SignatureVersion="3"), pem=certificate(), asked=True),
    Attack("version none", "unknown means unchecked", after_signing(SignatureVersion="none"), pem=certificate(), asked=True),
    Attack("the version as a number", "1 == true, '1' != 1", after_signing() | {"SignatureVersion": 1}, 400),
    Attack("a Subject added", "signed only where it is", after_signing(Subject="hello"), pem=certificate(), asked=True),
    Attack("an empty Subject added", "falsy taken for absent", after_signing(Subject=""), pem=certificate(), asked=True),
    Attack("the Subject taken away", "signed only where it is", lambda: {name: value for name, value in sign(text(Subject="hello"), "2").items() if name != "Subject"}, pem=certificate(), asked=True),
    Attack("a Subject that holds other fields", "the string to sign has no escaping", lambda: sign(text(Subject="x\nTimestamp\n2020-01-01T00:00:00.000Z"), "2"), 400, pem=certificate()),
    Attack("a message id that holds other fields", "the string to sign has no escaping", lambda: sign(text(MessageId="x\nSubject\ny"), "2"), 400, pem=certificate()),
    Attack("a notification signed as a confirmation", "layouts of different types mixed", lambda: signed_over("SubscriptionConfirmation", text(SubscribeURL=SUBSCRIBE_URL, Token="t"), "2"), pem=certificate(), asked=True),
    # Certificates that lie at the right place, as if SNS itself were deceived or a proxy answered.
    Attack("an expired certificate", "dates not checked", sign(text(), "2"), pem=certificate(days=(-300, -1)), asked=True),
    Attack("a certificate of tomorrow", "dates not checked", sign(text(), "2"), pem=certificate(days=(1, 300)), asked=True),
    Attack("a certificate of somebody else", "name not checked", forged(), pem=certificate("attacker.example", key=rsa_key("mallory")), asked=True),
    Attack("a certificate of a bucket", "name checked by its end", forged(), pem=certificate("sns.s3.amazonaws.com", key=rsa_key("mallory")), asked=True),
    Attack("a certificate that names SNS beside its own name", "common name believed though there are others", forged(), pem=certificate("sns.amazonaws.com", alternative=["attacker.example"], key=rsa_key("mallory")), asked=True),
    Attack("a short key", "512 bits are factored in hours", lambda: sign(text(), "2", rsa_key("short", 1024)), pem=certificate(key=rsa_key("short", 1024)), asked=True),
    Attack("another kind of key", "what verifies RSA is given a curve", sign(text(), "2"), pem=certificate(key=ec.generate_private_key(ec.SECP256R1())), asked=True),
    Attack("two certificates", "one is checked, the other used", forged(), pem=certificate() + MALLORY, asked=True),
    Attack("no certificate", "an error page is taken for one", forged(), pem=b"<html>", asked=True),
    # Topics.
    Attack("their own topic, genuinely signed", "anybody may subscribe our address to a topic of theirs: django-anymail's notes", sign(text(TopicArn=THEIRS), "2"), pem=certificate()),
    Attack("a topic that begins like ours", "compared by prefix", sign(text(TopicArn=TOPIC_ARN + "-2"), "2"), pem=certificate()),
    Attack("our topic in other letters", "compared without case", sign(text(TopicArn=TOPIC_ARN.upper()), "2"), pem=certificate()),
    Attack("our topic in another partition", "compared by its end", sign(text(TopicArn=TOPIC_ARN.replace("arn:aws:", "arn:aws-cn:")), "2"), pem=certificate()),
    Attack("several topics", "one is checked, the other used", sign(text(), "2") | {"TopicArn": [TOPIC_ARN, THEIRS]}, 400, pem=certificate()),
    Attack("our topic in the header, theirs in the body", "header believed", sign(text(TopicArn=THEIRS), "2"), headers={"X-Amz-Sns-Topic-Arn": TOPIC_ARN}, pem=certificate()),
    # Confirmations.
    Attack("SubscribeURL into our network", "opened without a look: Plunk CVE-2026-32096, CVE-2019-6715", lambda: sign(confirmation(SubscribeURL="http://169.254.169.254/latest/meta-data/"), "2", rsa_key("mallory")), pem=certificate(), asked=True),
    Attack("a confirmation of their own topic, genuinely signed", "we would subscribe to it", sign(confirmation(TopicArn=THEIRS), "2"), pem=certificate()),
    Attack("another token under a genuine signature", "another subscription confirmed", lambda: sign(confirmation(), "2") | {"Token": "f" * 64}, pem=certificate(), asked=True),
    Attack("an unsubscription signed as a subscription", "its token would subscribe again", lambda: signed_over("UnsubscribeConfirmation", confirmation(), "2"), pem=certificate(), asked=True),
    Attack("a confirmation without a token", "None is sent on", lambda: sign(confirmation(Token=""), "2"), 400, pem=certificate()),
    # Headers and forms.
    Attack("raw delivery", "a bare body has no signature", json.dumps(payload()).encode(), 400, {"X-Amz-Sns-Rawdelivery": "true"}),
    Attack("raw delivery of a genuine envelope", "the header decides which code looks", delivery(), 400, {"X-Amz-Sns-Rawdelivery": "true"}, certificate()),
    Attack("the header says confirmation, the body notification", "one is checked, the other used", delivery(), 400, {"X-Amz-Sns-Message-Type": "SubscriptionConfirmation"}, certificate()),
    Attack("the header says notification, the body confirmation", "one is checked, the other used", lambda: sign(confirmation(), "2"), 400, {"X-Amz-Sns-Message-Type": "Notification"}, certificate()),
    Attack("a type that there is not", "else-branches", after_signing(Type="Other"), 400),
    Attack("the type in other letters", "compared without case", after_signing(Type="notification"), 400),
    Attack("a key twice", "parsers take the first or the last", respelt(b'"Message" :', b'"Message" : "{}", "Message" :'), 400),
    Attack("a key twice, deep inside", "parsers take the first or the last", respelt(b'"Type" : "String"', b'"Type" : "String", "Type" : "x"'), 400),
    Attack("a key in other letters", "keys folded", respelt(b'"Message" :', b'"message" :'), 400),
    Attack("a list of notifications", "items taken one by one", b"[" + delivery() + b"]", 400),
    Attack("UTF-16", "json.loads guesses encodings", delivery().decode().encode("utf-16"), 400),
    Attack("UTF-8 with a byte order mark", "skipped here, signed there", b"\xef\xbb\xbf" + delivery(), 400),
    Attack("UTF-7", "decoded elsewhere", delivery().decode().encode("utf-7").replace(b'"', b"+ACI-"), 400),
    Attack("half a surrogate pair", "no UTF-8 form: neither checked nor stored", respelt(b'"Message" : "', b'"Message" : "\\ud83d'), 400),
    Attack("not a number", "NaN equals nothing, not even itself", respelt(b'"MessageAttributes" : {', b'"MessageAttributes" : {"x" : NaN,'), 400),
    Attack("a huge number", "quadratic conversion", respelt(b'"MessageAttributes" : {', b'"MessageAttributes" : {"x" : ' + b"9" * 100_000 + b","), 400),
    Attack("something behind the end", "request smuggled behind it", delivery() + b"{}", 400),
    Attack("nested without end", "RecursionError", b'{"a":' * 40_000, 400),
    Attack("a form", "Django parses it before us", b"Type=Notification&Message=YES", 400),
    Attack("nothing", "empty means nothing to check", b"", 400),
    Attack("the bare text", "an SMS in the clear", json.dumps(payload()).encode(), 400),
    Attack("more than SNS sends", "memory", b" " * 262_145, 413),
]  # fmt: skip


class Recorder:
    """What left the machine, or would have."""

    def __init__(self) -> None:
        self.pem = certificate()
        self.asked: list[str] = []
        self.connections: list[object] = []

    def __call__(self, address: CertificateAddress) -> bytes:
        self.asked.append(f"https://{address.host}{address.path}")
        return self.pem


@pytest.fixture
def outside(settings: Any, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The webhook as in production, but for the wire: downloads are answered here, other connections are noted."""
    recorder = Recorder()
    made = Verifier([TOPIC_ARN], CertificateStore(recorder))
    monkeypatch.setattr(webhooks, "verifier", lambda: made)
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def noted_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        recorder.connections.append(host)
        return look_up("127.0.0.1", *rest, **options)

    def noted_connect(made: socket.socket, address: Any) -> None:
        if made.family != socket.AF_UNIX:
            recorder.connections.append(address)
        connect(made, address)

    monkeypatch.setattr(socket, "getaddrinfo", noted_look_up)
    monkeypatch.setattr(socket.socket, "connect", noted_connect)
    return recorder


def post(client: Client, content: bytes, headers: dict[str, str] | None = None) -> int:
    sent = client.generic("POST", WEBHOOK, content, content_type="text/plain; charset=UTF-8", headers=headers)
    return sent.status_code


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_is_refused_for_good_and_nothing_comes_of_it(client: Client, outside: Recorder, attack: Attack) -> None:
    outside.pem = attack.pem
    assert post(client, attack.content(), attack.headers) == attack.status
    assert outside.asked == ([CERT_URL] if attack.asked else [])
    assert outside.connections == []
    assert not InboundMessage.objects.exists()
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_the_attacks_are_made_of_is_taken_when_it_is_genuine(
    client: Client, outside: Recorder, version: str
) -> None:
    assert post(client, body(sign(text(Subject="hello"), version)), {"X-Amz-Sns-Message-Type": "Notification"}) == 200
    assert outside.asked == [CERT_URL]
    assert InboundMessage.objects.get().body == "YES"


def test_a_replay_is_stored_once_however_old(client: Client, outside: Recorder) -> None:
    old = delivery(Timestamp="2020-01-01T00:00:00.000Z")
    assert [post(client, old) for _ in range(3)] == [200] * 3
    assert post(client, delivery(MessageId="another", text="NO")) == 200
    assert InboundMessage.objects.get().body == "YES", "the first under an id stays"


def test_fields_that_are_not_signed_decide_nothing(client: Client, outside: Recorder) -> None:
    """MessageAttributes and UnsubscribeURL are outside the signature: anybody on the way may write them."""
    changed = sign(text(), "2") | {"MessageAttributes": {"x": "y"}, "UnsubscribeURL": "http://169.254.169.254/"}
    assert post(client, body(changed | {"Token": "t", "SubscribeURL": "http://169.254.169.254/"})) == 200
    assert outside.connections == []


def test_an_unsubscription_subscribes_nobody_again(client: Client, outside: Recorder) -> None:
    assert post(client, body(sign(confirmation("UnsubscribeConfirmation"), "2"))) == 200
    assert outside.connections == []


def test_a_genuine_confirmation_opens_no_address_but_that_of_aws(
    client: Client, outside: Recorder, simulator: Simulator
) -> None:
    """The address in it is not even looked at: the token goes to the API, which refuses one that it did not give."""
    content = body(sign(confirmation(SubscribeURL="http://169.254.169.254/latest/meta-data/"), "2"))
    assert post(client, content) == 400
    port = int(simulator.url.rsplit(":", 1)[1])
    assert {str(seen) for seen in outside.connections} == {"127.0.0.1", str(("127.0.0.1", port))}
