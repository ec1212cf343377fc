"""The certificate SNS messages are signed with: self-signed, and the name in it is the one SNS uses.

Kept in the state directory and reused, so that a web process told of the file once goes on trusting it.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

NAME = "sns.amazonaws.com"
FOLDER = "sns-signing"
CERTIFICATE_FILE = "certificate.pem"
KEY_FILE = "key.pem"
# Wide on purpose: tests move time by years, and a validity check must still be a real one.
VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
VALID_TO = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SigningIdentity:
    certificate_file: Path
    key: rsa.RSAPrivateKey
    fingerprint: str

    def sign(self, text: bytes, signature_version: str) -> bytes:
        algorithm = hashes.SHA1() if signature_version == "1" else hashes.SHA256()  # noqa: S303 (SNS v1 is SHA1)
        return self.key.sign(text, PKCS1v15(), algorithm)

    def url(self, region: str) -> str:
        """Another certificate has another address, so that nobody's cache serves the old one."""
        suffix = ".cn" if region.startswith("cn-") else ""
        return f"https://sns.{region}.amazonaws.com{suffix}/SimpleNotificationService-{self.fingerprint[:32]}.pem"


def ensure(state_dir: Path) -> SigningIdentity:
    """The identity kept in ``state_dir``, made on first use."""
    folder = state_dir / FOLDER
    if not folder.exists():
        _make(state_dir, folder)
    certificate_file = folder / CERTIFICATE_FILE
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    key = serialization.load_pem_private_key((folder / KEY_FILE).read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{folder / KEY_FILE} holds no RSA key; delete {folder} and start again")
    return SigningIdentity(certificate_file, key, certificate.fingerprint(hashes.SHA256()).hex())


@cache
def of_this_process() -> SigningIdentity:
    """One throw-away identity a process: making RSA keys is slow, and suites start many simulators."""
    directory = tempfile.mkdtemp(prefix="sms-simulator-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return ensure(Path(directory))


def _make(state_dir: Path, folder: Path) -> None:
    # Renaming a complete folder into place is atomic: two processes that start together end up with one pair.
    state_dir.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=FOLDER, dir=state_dir))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (draft / CERTIFICATE_FILE).write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    (draft / KEY_FILE).touch(mode=0o600)
    (draft / KEY_FILE).write_bytes(private)
    try:
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft)
        if not folder.exists():
            raise


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(VALID_TO)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
