"""Signatures, checked with cryptography alone and from AWS's description, not with the simulator's own code."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from messaging.simulator import Simulator, certificate
from tests.messaging.simulator.conftest import ANN, OURS, Webhook, eventually


def verify(envelope: dict[str, Any], certificate_file: Path) -> None:
    if envelope["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{envelope[name]}\n" for name in names if name in envelope)
    algorithm = hashes.SHA1() if envelope["SignatureVersion"] == "1" else hashes.SHA256()
    key = x509.load_pem_x509_certificate(certificate_file.read_bytes()).public_key()
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(envelope["Signature"]), text.encode(), PKCS1v15(), algorithm)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "A subject"])
def test_a_notification_is_signed_as_its_version_says(
    sim: Simulator, webhook: Webhook, version: str, subject: str | None
) -> None:
    more = {"SignatureVersion": version, "Subject": subject}
    assert sim.post_notification(sim.inbound_topic_arn, "Zażółć 👍\nline", **more) == [200]
    [envelope] = webhook.envelopes()
    assert envelope.get("Subject") == subject
    verify(envelope, sim.certificate_file)


def test_a_subscription_confirmation_is_signed(webhook: Webhook) -> None:
    with Simulator(webhook_url=webhook.url) as simulator:
        for envelope in eventually(lambda: webhook.envelopes("SubscriptionConfirmation")):
            verify(envelope, simulator.certificate_file)


def test_the_version_can_be_chosen_for_all(webhook: Webhook) -> None:
    simulator = Simulator(webhook_url=webhook.url, signature_version="1")
    simulator.confirm_directly()
    with simulator:
        simulator.text(ANN, OURS, "YES")
    [envelope] = webhook.envelopes()
    assert envelope["SignatureVersion"] == "1"
    verify(envelope, simulator.certificate_file)


def test_a_forged_signature_does_not_verify(sim: Simulator, webhook: Webhook) -> None:
    sim.post_notification(sim.inbound_topic_arn, "x", Signature=base64.b64encode(b"x" * 256).decode())
    with pytest.raises(InvalidSignature):
        verify(webhook.envelopes()[0], sim.certificate_file)


def test_the_certificate_bears_the_name_of_sns_and_is_long_valid(bare: Simulator) -> None:
    loaded = x509.load_pem_x509_certificate(bare.certificate_file.read_bytes())
    [name] = loaded.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    alternatives = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name.value == "sns.amazonaws.com"
    assert alternatives.get_values_for_type(x509.DNSName) == ["sns.amazonaws.com"]
    assert loaded.not_valid_before_utc <= datetime(2020, 1, 1, tzinfo=UTC)
    assert loaded.not_valid_after_utc >= datetime(2090, 1, 1, tzinfo=UTC)


def test_the_certificate_is_reused_from_the_state_directory(tmp_path: Path) -> None:
    first = Simulator(state_dir=tmp_path)
    before = first.certificate_file.read_bytes()
    assert certificate.ensure(tmp_path).certificate_file.read_bytes() == before
    assert first.certificate_file.is_relative_to(tmp_path)


def test_the_certificates_address_is_that_of_the_region(sim: Simulator, webhook: Webhook) -> None:
    sim.text(ANN, OURS, "YES")
    pattern = r"https://sns\.us-east-1\.amazonaws\.com/SimpleNotificationService-[0-9a-f]{32}\.pem"
    assert re.fullmatch(pattern, webhook.envelopes()[0]["SigningCertURL"])
