"""Fetching a small file from AWS over verified TLS, within limits that the other side cannot stretch.

"Always use HTTPS when getting the certificate from Amazon SNS":
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html

SNS waits 15 seconds for the webhook, so everything here together has ``total_seconds``, however slowly the
bytes drip: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

import http.client
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol, cast

import botocore

from messaging.inbound.sns.address import CertificateAddress
from messaging.inbound.sns.errors import BadCertificate, TemporarilyUnverifiable
from messaging.timed import Deadline, Reader

# A 4xx that says "later" rather than "never".
_PASSING: Final = frozenset({408, 425, 429})


class Download(Protocol):
    """Anything that returns what lies at an address."""

    def __call__(self, address: CertificateAddress, /) -> bytes:
        """Raise TemporarilyUnverifiable for trouble on the way, BadCertificate for a useless answer."""
        ...


@dataclass(frozen=True)
class HttpsDownload:
    """One GET per call: no redirects, no cookies, no proxy, no retries, status 200 only.

    ``dial`` replaces the host and port that are connected to (an egress gateway, a local server), never the
    name that the TLS certificate of the other side must carry. ``context`` replaces the trusted
    authorities.
    """

    connect_seconds: float = 3.0
    read_seconds: float = 3.0
    total_seconds: float = 8.0
    max_bytes: int = 16_384
    dial: tuple[str, int] | None = None
    context: ssl.SSLContext | None = None

    def __call__(self, address: CertificateAddress) -> bytes:
        """Return the body, or raise as ``Download`` says."""
        try:
            return self._get(address, Deadline.after(self.total_seconds))
        except (OSError, http.client.HTTPException) as error:  # time-outs, DNS and TLS failures are OSErrors
            raise TemporarilyUnverifiable(
                f"https://{address.host}{address.path} could not be fetched: {type(error).__name__}: {error}"
            ) from error

    def _get(self, address: CertificateAddress, deadline: Deadline) -> bytes:
        with self._connect(address.host, deadline) as plain:
            plain.settimeout(deadline.seconds(self.connect_seconds))
            # A handshake is one operation to the ssl module: the time-out above bounds all of it.
            with self._tls.wrap_socket(plain, server_hostname=address.host) as tls:
                tls.settimeout(deadline.seconds(self.read_seconds))
                tls.sendall(
                    f"GET {address.path} HTTP/1.1\r\nHost: {address.host}\r\nConnection: close\r\n"
                    "Accept-Encoding: identity\r\nUser-Agent: textback\r\n\r\n".encode("ascii")
                )
                reader = Reader(tls, deadline, self.read_seconds)
                response = http.client.HTTPResponse(cast("socket.socket", reader), method="GET")
                with response:
                    response.begin()
                    return self._body(response, address)

    def _connect(self, host: str, deadline: Deadline) -> socket.socket:
        """Try each address of the host in turn, all of them within the deadline."""
        host, port = self.dial or (host, 443)
        failure: OSError = OSError(f"{host} has no address")
        for family, kind, protocol, _, target in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            candidate = socket.socket(family, kind, protocol)
            try:
                candidate.settimeout(deadline.seconds(self.connect_seconds))
                candidate.connect(target)
            except OSError as error:
                candidate.close()
                failure = error
            else:
                return candidate
        raise failure

    def _body(self, response: http.client.HTTPResponse, address: CertificateAddress) -> bytes:
        if response.status >= 500 or response.status in _PASSING:
            raise TemporarilyUnverifiable(f"{address.host} answered {response.status}")
        if response.status != 200:
            raise BadCertificate(f"{address.host} answered {response.status} for {address.path}")
        body = response.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise BadCertificate(f"{address.host} sent more than {self.max_bytes} bytes")
        if response.length or not body:  # http.client is silent about a short read and a head cut off
            raise http.client.IncompleteRead(body, response.length)
        return body

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        if self.context is not None:
            return self.context
        context = ssl.create_default_context()
        # The bundle that boto3 trusts, for machines without a system store.
        bundle = Path(botocore.__file__).with_name("cacert.pem")
        if bundle.exists():
            context.load_verify_locations(cafile=bundle)
        return context
