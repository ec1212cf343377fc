"""Where the key for a signature comes from: SNS over HTTPS, remembered, or a local file in development.

A failure is never remembered: one failed download must not deafen the process.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from messaging.inbound.sns.address import CertificateAddress, check_signing_cert_url, parse_address
from messaging.inbound.sns.certificate import Certificate, accepted_names, load
from messaging.inbound.sns.download import Download, HttpsDownload
from messaging.inbound.sns.errors import BadCertificate, Refused, TemporarilyUnverifiable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Certificate",
    "CertificateSource",
    "CertificateStore",
    "LocalCertificateStore",
    "accepted_names",
    "check_signing_cert_url",
]

# Longer than any download may take (HttpsDownload.total_seconds), shorter than SNS waits (15 s).
_PATIENCE_SECONDS: Final = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


class CertificateSource(Protocol):
    """Anything that returns the certificate behind an address that check_signing_cert_url has passed."""

    def get(self, url: str) -> Certificate:
        """Raise Refused if there is no valid certificate, TemporarilyUnverifiable if nobody can tell now."""
        ...


class CertificateStore:
    """Downloads certificates and remembers those that passed every check. Safe to share between threads.

    The body of a request is unproven when its certificate is fetched, so strangers can make us download.
    They are held to SNS's own hosts (``parse_address``, even if the caller forgot to check), to
    ``downloads_at_once``, and to one download for all who wait for the same address.
    """

    def __init__(
        self,
        download: Download | None = None,
        *,
        remember: int = 16,
        downloads_at_once: int = 4,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._download: Download = download or HttpsDownload()
        self._remember = remember
        self._now = now
        self._slots = threading.BoundedSemaphore(downloads_at_once)
        self._lock = threading.Lock()  # guards the two below, never held during a download
        self._known: OrderedDict[str, Certificate] = OrderedDict()
        self._under_way: dict[str, Future[Certificate]] = {}

    def get(self, url: str) -> Certificate:
        """Return a certificate that is in force now and belongs to SNS in the region of the address."""
        with self._lock:
            certificate = self._known.get(url)
            if certificate is not None:
                if certificate.in_force(self._now()):
                    self._known.move_to_end(url)
                    return certificate
                del self._known[url]  # it may have been renewed under the same address
            address = parse_address(url)
            future = self._under_way.get(url)
            if mine := future is None:
                future = self._under_way[url] = Future()
        return self._settle(url, address, future) if mine else self._await(url, future)

    def _settle(self, url: str, address: CertificateAddress, future: "Future[Certificate]") -> Certificate:
        try:
            certificate = self._fetch(address)
        except BaseException as error:
            with self._lock:
                del self._under_way[url]
            # What ends this thread (SystemExit, KeyboardInterrupt) shall not end those that wait for it.
            known = isinstance(error, Refused | TemporarilyUnverifiable)
            future.set_exception(error if known else TemporarilyUnverifiable(f"{url} was not fetched"))
            raise
        with self._lock:
            del self._under_way[url]
            self._known[url] = certificate
            while len(self._known) > self._remember:
                self._known.popitem(last=False)
        future.set_result(certificate)
        return certificate

    def _await(self, url: str, future: "Future[Certificate]") -> Certificate:
        try:
            return future.result(timeout=_PATIENCE_SECONDS)
        except TimeoutError:
            raise TemporarilyUnverifiable(f"another thread takes too long to download {url}") from None

    def _fetch(self, address: CertificateAddress) -> Certificate:
        with self._slot():
            pem = self._download(address)
        certificate = load(pem)
        certificate.check_in_force(self._now())
        certificate.check_name(address)
        return certificate

    @contextmanager
    def _slot(self) -> "Iterator[None]":
        # Not waited for: a queue of strangers' requests would hold a web thread each.
        if not self._slots.acquire(blocking=False):
            raise TemporarilyUnverifiable(
                "too many certificates are being downloaded at once",
                "SNS uses very few, so somebody is posting forgeries; SNS retries what is genuine.",
            )
        try:
            yield
        finally:
            self._slots.release()


class LocalCertificateStore:
    """A PEM file in place of the download, for development. Everything else is checked all the same.

    The file is read again when it changes. A file that is missing or half written is our own trouble, so SNS
    (or the simulator) shall retry. ``any_name`` accepts a certificate issued to somebody other than SNS.
    """

    def __init__(self, path: str | Path, *, any_name: bool = False, now: Callable[[], datetime] = _now) -> None:
        self._path = Path(path)
        self._any_name = any_name
        self._now = now
        self._loaded: tuple[tuple[int, int, int], Certificate] | None = None

    def get(self, url: str) -> Certificate:
        """Return the certificate in the file, if SNS could have published it at this address."""
        address = parse_address(url)
        certificate = self._read()
        certificate.check_in_force(self._now())
        if not self._any_name:
            certificate.check_name(address)
        return certificate

    def _read(self) -> Certificate:
        try:
            status = self._path.stat()
            version = (status.st_mtime_ns, status.st_size, status.st_ino)
            loaded = self._loaded  # one read of the attribute: another thread may replace it
            if loaded is None or loaded[0] != version:
                loaded = self._loaded = (version, load(self._path.read_bytes()))
        except (OSError, BadCertificate) as error:
            raise TemporarilyUnverifiable(
                f"the local certificate {self._path} cannot be used: {error}",
                "Point SNS_SIGNING_CERT_FILE at one PEM certificate with an RSA key, or unset it.",
            ) from error
        return loaded[1]
