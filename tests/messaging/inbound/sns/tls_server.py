"""A server on this machine that claims to be SNS, says what it is told to, and counts who asks."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.messaging.inbound.sns.signing import certificate, rsa_key

Script = Callable[[ssl.SSLSocket], None]


@dataclass
class Server:
    """Where it listens, who trusts it, and what was asked of it."""

    port: int
    trust: ssl.SSLContext
    requests: list[bytes] = field(default_factory=list)

    @property
    def dial(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)


@contextlib.contextmanager
def serving(
    folder: Path, *scripts: Script, name: str = "sns.us-east-1.amazonaws.com", greet: bool = True
) -> Iterator[Server]:
    """Serve the scripts in turn, one per connection, the last for ever. ``greet`` False never shakes hands."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(certificate(name, key=rsa_key("tls")))
    key.write_bytes(rsa_key("tls").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1], ssl.create_default_context(cafile=str(chain)))
    remaining = list(scripts)
    over = threading.Event()

    def handle(plain: socket.socket) -> None:
        script = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        with contextlib.suppress(OSError), plain:
            if not greet:
                over.wait(10)
                return
            plain.settimeout(5)
            with context.wrap_socket(plain, server_side=True) as tls:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    received = tls.recv(4096)
                    if not received:
                        return
                    request += received
                server.requests.append(request)
                script(tls)

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(plain,), daemon=True).start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)


def answer(status: str, content: bytes = b"", *headers: str, length: int | None = None) -> Script:
    """A whole answer in one go; ``length`` lies about its size."""
    size = len(content) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "", ""])
    return lambda tls: tls.sendall(head.encode() + content)


def raw(content: bytes) -> Script:
    """Bytes as they are, then the end of the connection."""
    return lambda tls: tls.sendall(content)


def drip(content: bytes, seconds: float) -> Script:
    """One byte at a time."""

    def script(tls: ssl.SSLSocket) -> None:
        pause = threading.Event()
        for each in content:
            tls.sendall(bytes([each]))
            pause.wait(seconds)

    return script
