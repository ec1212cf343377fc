"""One request: over real sockets, plain and by TLS, to the address that was checked and to no other."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from messaging.events import signing
from messaging.events.addresses import Rules, networks
from messaging.events.posting import HttpPost, Letter
from messaging.events.verdicts import Answer
from tests.messaging.events.receiver import Receiver, Script, answer, drip, raw, receiving
from tests.messaging.inbound.sns.signing import certificate, rsa_key

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"incident.opened","data":{"name":"Zoë"}}'.encode()
HERE = networks(["127.0.0.0/8", "::1/128"])


def letter(url: str) -> Letter:
    return Letter(url, [SECRET], "evt_1", BODY)


def post(receiver: Receiver, *, http: bool = True, **options: Any) -> HttpPost:
    """A post that may call this receiver, and gives up soon."""
    rules = Rules(http=http, ports={receiver.port}, networks=options.pop("networks", HERE))
    values = {"connect_seconds": 3, "read_seconds": 3, "total_seconds": 8} | options
    return HttpPost(rules=lambda: rules, **values)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def test_what_is_sent(receiver: Receiver) -> None:
    found = post(receiver)(letter(f"http://127.0.0.1:{receiver.port}/hooks/x?a=1"))
    assert (found.status_code, found.problem) == (204, "")
    (got,) = receiver.got
    assert got.line == "POST /hooks/x?a=1 HTTP/1.1"
    assert got.body == BODY
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    assert got.event_id == "evt_1"
    at = int(got.headers["webhook-timestamp"])
    assert abs(time.time() - at) < 60
    assert got.headers["webhook-signature"] == signing.signature(SECRET, "evt_1", at, BODY)


@pytest.mark.parametrize(
    ("script", "code", "response"),
    [
        (answer("200 OK", b"thanks"), 200, "thanks"),
        (answer("500 Internal Server Error", b"oh\0 dear \xff"), 500, "oh� dear �"),
        (answer("200 OK", b"x" * 50_000), 200, "x" * 1000),
        (raw(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), 200, "until the end"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 200, "hello"),
        # Breaks off, but has said what it has to say.
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhal"), 200, "hal"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 200, ""),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"), 202, ""),
    ],
)
def test_answers(script: Script, code: int, response: str) -> None:
    with receiving(script) as receiver:
        found = post(receiver)(letter(receiver.url))
    assert (found.status_code, found.response) == (code, response)


@pytest.mark.parametrize("content", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x15\x03\x01"])
def test_what_is_no_answer_is_a_problem(content: bytes) -> None:
    with receiving(raw(content)) as receiver:
        found = post(receiver)(letter(receiver.url))
    assert found.status_code is None
    assert found.problem


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(code: int) -> None:
    with receiving() as other, receiving(answer(f"{code} Moved", b"", f"Location: {other.url}")) as receiver:
        found = post(receiver)(letter(receiver.url))
        assert found.status_code == code
        assert "redirects are not followed" in found.problem
        assert receiver.connections == 1
        assert other.connections == 0


def test_a_pause_that_is_asked_for() -> None:
    with receiving(answer("503 Busy", b"", "Retry-After: 120")) as receiver:
        found = post(receiver)(letter(receiver.url))
    assert found.retry_after is not None
    assert found.retry_after.total_seconds() == 120


def test_bytes_that_drip_are_waited_for_no_longer_than_all_of_it_may_take() -> None:
    with receiving(drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500, 0.05)) as receiver:
        began = time.monotonic()
        found = post(receiver, read_seconds=1, total_seconds=1)(letter(receiver.url))
        took = time.monotonic() - began
    assert found.problem == "It did not answer in time."
    # Each byte comes well within the time for a read, and all of them would take 25 seconds.
    assert took < 15


def test_of_an_answer_whose_body_drips_the_status_counts() -> None:
    script = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"y" * 900, 0.05)
    with receiving(script) as receiver:
        found = post(receiver, read_seconds=1, total_seconds=6)(letter(receiver.url))
    assert found.status_code == 200
    assert 0 < len(found.response) < 900


def test_who_says_nothing_is_not_waited_for() -> None:
    with receiving(lambda connection, got: time.sleep(5)) as receiver:
        found = post(receiver, read_seconds=0.3)(letter(receiver.url))
    assert found.problem == "It did not answer in time."
    assert found.milliseconds >= 250


def test_nobody_there(receiver: Receiver) -> None:
    with receiving() as gone:
        url = gone.url
    found = post(gone)(letter(url))
    assert found.status_code is None
    assert "ConnectionRefusedError" in found.problem


# --- which address ----------------------------------------------------------------------------------------------------


def refused(found: Answer, why: str) -> bool:
    return found.status_code is None and found.problem.startswith("Not called: ") and why in found.problem


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1"],
)
def test_a_name_that_leads_inside_is_not_called(receiver: Receiver, address: str) -> None:
    to_inside = post(receiver, networks=(), resolve=lambda host, port: [address])
    found = to_inside(letter(f"http://hooks.example.com:{receiver.port}/"))
    assert refused(found, "")
    assert receiver.connections == 0


def test_of_several_addresses_one_that_is_inside_is_one_too_many(receiver: Receiver) -> None:
    mixed = post(receiver, resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])
    assert refused(mixed(letter(f"http://hooks.example.com:{receiver.port}/")), "10.0.0.1")
    assert receiver.connections == 0


def test_a_name_is_resolved_once_and_what_it_says_later_does_not_count(receiver: Receiver) -> None:
    """DNS rebinding: a name that is public when it is checked and inside when it is called."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    rules = Rules(http=True, ports={receiver.port}, networks=networks(["127.0.0.2"]))
    found = HttpPost(resolve=rebinding, rules=lambda: rules)(letter(f"http://hooks.example.com:{receiver.port}/"))
    # Nobody listens at the address that was checked, and the other one, where somebody does, is not tried.
    assert found.problem.startswith("ConnectionRefusedError")
    assert asked == ["hooks.example.com"]
    assert receiver.connections == 0
    # The next delivery asks and checks anew.
    again = HttpPost(resolve=rebinding, rules=lambda: rules)(letter(f"http://hooks.example.com:{receiver.port}/"))
    assert refused(again, "127.0.0.1")
    assert receiver.connections == 0


def test_the_name_stays_in_the_header_host(receiver: Receiver) -> None:
    named = post(receiver, resolve=lambda host, port: ["127.0.0.1"])
    assert named(letter(f"http://hooks.example.com:{receiver.port}/")).status_code == 204
    assert receiver.got[0].headers["Host"] == f"hooks.example.com:{receiver.port}"


def test_an_address_that_does_not_answer_leaves_the_next_one(receiver: Receiver) -> None:
    two = post(receiver, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert two(letter(f"http://hooks.example.com:{receiver.port}/")).status_code == 204


def test_a_name_without_an_address(receiver: Receiver) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    url = f"http://hooks.example.com:{receiver.port}/"
    assert post(receiver, resolve=lambda host, port: [])(letter(url)).problem.endswith("has no address")
    assert "Name or service not known" in post(receiver, resolve=unknown)(letter(url)).problem


def test_proxies_of_the_environment_are_none_of_its_business(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(receiver)(letter(receiver.url)).status_code == 204
        assert proxy.connections == 0


def test_a_port_or_a_scheme_that_is_allowed_no_longer(receiver: Receiver) -> None:
    assert refused(post(receiver, http=False)(letter(receiver.url)), "https")
    assert refused(post(receiver)(letter("http://127.0.0.1:22/")), "Port 22")
    assert receiver.connections == 0


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[Receiver, ssl.SSLContext, list[str | None]]]:
    """A receiver with a certificate for hooks.example.com, who trusts it, and which names it was asked for."""
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(certificate("hooks.example.com", key=rsa_key("tls")))
    key.write_bytes(rsa_key("tls").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    names: list[str | None] = []
    context.sni_callback = lambda connection, name, of: names.append(name)
    with receiving(tls=context) as receiver:
        yield receiver, ssl.create_default_context(cafile=str(chain)), names


Secure = tuple[Receiver, ssl.SSLContext, list[str | None]]


def test_tls_names_the_host_of_the_url_and_not_the_address(secure: Secure) -> None:
    receiver, trust, names = secure
    sent = post(receiver, http=False, context=trust, resolve=lambda host, port: ["127.0.0.1"])
    assert sent(letter(f"https://hooks.example.com:{receiver.port}/")).status_code == 204
    assert names == ["hooks.example.com"]
    assert receiver.got[0].headers["Host"] == f"hooks.example.com:{receiver.port}"


def test_a_certificate_for_another_name_is_refused(secure: Secure) -> None:
    receiver, trust, _ = secure
    sent = post(receiver, http=False, context=trust, resolve=lambda host, port: ["127.0.0.1"])
    found = sent(letter(f"https://other.example.com:{receiver.port}/"))
    assert "TLS: Hostname mismatch" in found.problem
    assert receiver.got == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Secure) -> None:
    receiver, _, _ = secure
    sent = post(receiver, http=False, resolve=lambda host, port: ["127.0.0.1"])
    found = sent(letter(f"https://hooks.example.com:{receiver.port}/"))
    assert found.problem.startswith("TLS: self")
    assert receiver.got == []


def test_who_speaks_no_tls(receiver: Receiver) -> None:
    sent = post(receiver, http=False, resolve=lambda host, port: ["127.0.0.1"], total_seconds=4, connect_seconds=1)
    found = sent(letter(f"https://hooks.example.com:{receiver.port}/"))
    assert found.status_code is None
    assert receiver.got == []
