"""Downloads from a server that does everything wrong it can. All over real TLS."""

import socket
import time
from pathlib import Path

import pytest

from messaging.inbound.sns.address import parse_address
from messaging.inbound.sns.certificates import CertificateStore
from messaging.inbound.sns.download import HttpsDownload
from messaging.inbound.sns.errors import BadCertificate, TemporarilyUnverifiable
from tests.messaging.inbound.sns.signing import CERT_URL, certificate
from tests.messaging.inbound.sns.tls_server import Script, Server, answer, drip, raw, serving

ADDRESS = parse_address(CERT_URL)
PEM = certificate()


def download(server: Server, *, total: float = 5.0, read: float = 5.0) -> HttpsDownload:
    return HttpsDownload(read_seconds=read, total_seconds=total, dial=server.dial, context=server.trust)


def chunked(content: bytes) -> Script:
    return raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))


@pytest.mark.parametrize(
    "script",
    [
        answer("200 OK", PEM, "Content-Type: binary/octet-stream"),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + PEM),
        chunked(PEM),
        answer("200 OK", PEM.ljust(16_384)),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", 0.001),
    ],
)
def test_a_good_answer(tmp_path: Path, script: Script) -> None:
    with serving(tmp_path, script) as server:
        content = download(server)(ADDRESS)
        assert content.rstrip() in {PEM.rstrip(), b"abcd"}
        (request,) = server.requests
    assert request.startswith(f"GET {ADDRESS.path} HTTP/1.1\r\nHost: {ADDRESS.host}\r\n".encode())


def test_the_whole_way_into_the_store(tmp_path: Path) -> None:
    with serving(tmp_path, answer("500 Internal Server Error"), answer("200 OK", PEM)) as server:
        store = CertificateStore(download(server))
        with pytest.raises(TemporarilyUnverifiable, match="500"):
            store.get(CERT_URL)
        assert store.get(CERT_URL) is store.get(CERT_URL)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "script",
    [
        answer("500 Internal Server Error", PEM),
        answer("503 Slow Down", PEM),
        answer("429 Too Many Requests", PEM),
        answer("408 Request Timeout", PEM),
        answer("200 OK", PEM, length=len(PEM) + 1),
        answer("200 OK", b"", length=100),
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\nContent-"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nshort"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"),
        raw(b"SSH-2.0-OpenSSH_9.9\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n" + PEM),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n" + PEM),
    ],
)
def test_trouble_that_may_pass(tmp_path: Path, script: Script) -> None:
    with serving(tmp_path, script) as server, pytest.raises(TemporarilyUnverifiable) as trouble:
        download(server)(ADDRESS)
    assert trouble.value.status == 503
    assert trouble.value.hint


@pytest.mark.parametrize(
    "script",
    [
        answer("301 Moved Permanently", PEM, "Location: https://evil.example/"),
        answer("302 Found", PEM, "Location: https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0b.pem"),
        answer("307 Temporary Redirect", b"", "Location: http://169.254.169.254/"),
        answer("304 Not Modified"),
        answer("403 Forbidden", b"<Error/>"),
        answer("404 Not Found", PEM),
        answer("201 Created", PEM),
        answer("206 Partial Content", PEM),
        answer("200 OK", b"x" * 16_385),
        answer("200 OK", b"x" * 16_385, length=1_000_000_000),
        raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000),
        chunked(b"x" * 200_000),
    ],
)
def test_answers_that_are_final(tmp_path: Path, script: Script) -> None:
    with serving(tmp_path, script) as server:
        with pytest.raises(BadCertificate) as refusal:
            download(server)(ADDRESS)
        assert len(server.requests) == 1  # no redirect was followed, nothing tried twice
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,
    ],
    ids=["head", "body"],
)
def test_a_slow_drip_ends_at_the_deadline(tmp_path: Path, content: bytes) -> None:
    # Each byte comes well within the time-out for reading; only the total can end this.
    with serving(tmp_path, drip(content, 0.02)) as server:
        began = time.monotonic()
        with pytest.raises(TemporarilyUnverifiable, match="TimeoutError"):
            download(server, total=0.4)(ADDRESS)
        assert 0.3 < time.monotonic() - began < 10  # at this pace the whole takes 20


def test_a_silent_server_ends_at_the_read_timeout(tmp_path: Path) -> None:
    with serving(tmp_path, drip(b"HH", 30)) as server:
        began = time.monotonic()
        with pytest.raises(TemporarilyUnverifiable):
            download(server, read=0.3, total=20)(ADDRESS)
        assert time.monotonic() - began < 10


def test_a_handshake_that_never_comes_ends(tmp_path: Path) -> None:
    with serving(tmp_path, answer("200 OK", PEM), greet=False) as server:
        began = time.monotonic()
        with pytest.raises(TemporarilyUnverifiable):
            download(server, total=0.3)(ADDRESS)
        assert time.monotonic() - began < 9


@pytest.mark.parametrize("name", ["evil.example", "sns.us-west-2.amazonaws.com", "127.0.0.1"])
def test_the_server_must_prove_to_be_the_host_of_the_address(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, answer("200 OK", PEM), name=name) as server:
        with pytest.raises(TemporarilyUnverifiable, match="CERTIFICATE_VERIFY_FAILED"):
            download(server)(ADDRESS)
        assert server.requests == []


def test_an_authority_that_nobody_trusts(tmp_path: Path) -> None:
    with serving(tmp_path, answer("200 OK", PEM)) as server:
        with pytest.raises(TemporarilyUnverifiable, match="CERTIFICATE_VERIFY_FAILED"):
            HttpsDownload(dial=server.dial)(ADDRESS)  # the authorities of this machine and of boto3
        assert server.requests == []


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_nobody_listens(closed_port: int) -> None:
    with pytest.raises(TemporarilyUnverifiable, match="ConnectionRefused"):
        HttpsDownload(dial=("127.0.0.1", closed_port))(ADDRESS)


def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with pytest.raises(TemporarilyUnverifiable, match="gaierror"):
        HttpsDownload()(ADDRESS)


def test_the_second_address_of_a_host_is_tried(
    tmp_path: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, answer("200 OK", PEM)) as server:
        dead, alive = (
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in (closed_port, server.port)
        )
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [dead, alive])
        assert HttpsDownload(context=server.trust)(ADDRESS) == PEM


def test_a_proxy_in_the_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with serving(tmp_path, answer("200 OK", PEM)) as server:
        assert download(server)(ADDRESS) == PEM
