"""Which certificates may speak for SNS."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.inbound.sns.address import parse_address
from messaging.inbound.sns.certificate import load
from messaging.inbound.sns.errors import BadCertificate
from tests.messaging.inbound.sns.signing import certificate, rsa_key

GOOD = certificate()


def address(host: str) -> str:
    return f"https://{host}/SimpleNotificationService-0a.pem"


def test_a_good_one() -> None:
    loaded = load(GOOD)
    assert loaded.public_key.public_numbers() == rsa_key().public_key().public_numbers()
    assert loaded.names == {"sns.amazonaws.com"}
    loaded.check_in_force()


@pytest.mark.parametrize("pem", [b"\n" + GOOD + b"\n \n", GOOD.replace(b"\n", b"\r\n"), GOOD.rstrip()])
def test_space_around_it_does_no_harm(pem: bytes) -> None:
    assert load(pem).names == {"sns.amazonaws.com"}


UNREADABLE = {
    "empty": b"",
    "html": b"<html><body>Sign in to the network</body></html>",
    "two certificates": GOOD + GOOD,
    "a chain": GOOD + certificate("Amazon RSA 2048 M01", key=rsa_key("mallory")),
    "text before": b"subject=CN = sns.amazonaws.com\n" + GOOD,
    "text after": GOOD + b"x",
    "public key": GOOD.replace(b"CERTIFICATE", b"PUBLIC KEY"),
    "trusted certificate": GOOD.replace(b"BEGIN CERT", b"BEGIN TRUSTED CERT").replace(b"END CERT", b"END TRUSTED CERT"),
    "headers": GOOD.replace(b"-----\n", b"-----\nProc-Type: 4\n\n", 1),
    "cut short": GOOD[: len(GOOD) // 2],
    "lines missing": b"".join(GOOD.splitlines(keepends=True)[:5] + GOOD.splitlines(keepends=True)[-1:]),
    "not der": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "not base64": GOOD.replace(b"\nMII", b"\n*II", 1),
    "der": b"\x30\x82\x05\x00",
}


@pytest.mark.parametrize("pem", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_not_exactly_one_certificate(pem: bytes) -> None:
    with pytest.raises(BadCertificate):
        load(pem)


def test_an_elliptic_key_is_refused() -> None:
    with pytest.raises(BadCertificate, match="RSA only"):
        load(certificate(key=ec.generate_private_key(ec.SECP256R1())))


def test_a_small_key_is_refused() -> None:
    with pytest.raises(BadCertificate, match="1024 bits"):
        load(certificate(key=rsa_key("small", 1024)))


@pytest.mark.parametrize("days", [(-30, -0.001), (0.001, 30), (-60, -30), (30, 60)])
def test_expired_and_not_yet_valid(days: tuple[float, float]) -> None:
    with pytest.raises(BadCertificate, match="valid from"):
        load(certificate(days=days)).check_in_force()


def test_the_dates_are_inclusive() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    loaded = load(certificate(days=(-1, 1), now=now))
    for seconds, in_force in [(-86401, False), (-86400, True), (0, True), (86400, True), (86401, False)]:
        assert loaded.in_force(now + timedelta(seconds=seconds)) is in_force


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("sns.us-east-1.amazonaws.com", "sns.amazonaws.com"),
        ("sns.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com"),
        ("sns.af-south-1.amazonaws.com", "sns-signing.af-south-1.amazonaws.com"),
        ("sns.mx-central-1.amazonaws.com", "sns-signing.mx-central-1.amazonaws.com"),
        ("sns.cn-north-1.amazonaws.com.cn", "sns-cn-north-1.amazonaws.com.cn"),
        ("sns.cn-northwest-1.amazonaws.com.cn", "sns-cn-northwest-1.amazonaws.com.cn"),
        ("sns.us-gov-west-1.amazonaws.com", "sns-us-gov-west-1.amazonaws.com"),
        ("sns.us-gov-east-1.amazonaws.com", "sns-us-gov-west-1.amazonaws.com"),
    ],
)
def test_names_of_sns(host: str, name: str) -> None:
    load(certificate(name)).check_name(parse_address(address(host)))
    load(certificate(name, alternative=[])).check_name(parse_address(address(host)))
    load(certificate("whatever", alternative=["other.example", name])).check_name(parse_address(address(host)))


@pytest.mark.parametrize(
    ("name", "alternative"),
    [
        ("sns.us-west-2.amazonaws.com", None),
        ("sns-signing.us-west-2.amazonaws.com", None),
        ("sns.amazonaws.com.cn", None),
        ("sns-us-gov-west-1.amazonaws.com", None),
        ("sns-cn-north-1.amazonaws.com.cn", None),
        ("*.amazonaws.com", None),
        ("sns.s3.amazonaws.com", None),
        ("sns.amazonaws.com.evil.com", None),
        ("evil.sns.amazonaws.com", None),
        ("sns.amazonaws.com\0.evil.com", []),
        (" sns.amazonaws.com", []),
        ("evil.com", None),
        ("x", []),
        # a common name does not count beside DNS names
        ("sns.amazonaws.com", ["evil.com"]),
    ],
)
def test_names_of_others(name: str, alternative: list[str] | None) -> None:
    with pytest.raises(BadCertificate, match="not to SNS"):
        load(certificate(name, alternative=alternative)).check_name(
            parse_address(address("sns.us-east-1.amazonaws.com"))
        )
