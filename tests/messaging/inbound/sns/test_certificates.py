"""What is remembered, what is not, and who may make us download."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from messaging.inbound.sns.address import CertificateAddress
from messaging.inbound.sns.certificates import CertificateStore, LocalCertificateStore
from messaging.inbound.sns.errors import BadCertificate, BadCertificateUrl, TemporarilyUnverifiable
from tests.messaging.inbound.sns.signing import CERT_URL, certificate, rsa_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def url(number: int, region: str = "us-east-1") -> str:
    return f"https://sns.{region}.amazonaws.com/SimpleNotificationService-{number:032x}.pem"


class Shelf:
    """A download that hands out what it was given, in turn, the last one for ever."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[CertificateAddress] = []

    def __call__(self, address: CertificateAddress) -> bytes:
        self.asked.append(address)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time


def test_a_certificate_is_downloaded_once_and_parsed_once() -> None:
    shelf = Shelf(certificate())
    store = CertificateStore(shelf)
    first = store.get(CERT_URL)
    assert store.get(CERT_URL) is first
    assert [asked.host for asked in shelf.asked] == ["sns.us-east-1.amazonaws.com"]


@pytest.mark.parametrize(
    ("trouble", "family"),
    [
        (TemporarilyUnverifiable("503"), TemporarilyUnverifiable),
        (BadCertificate("404"), BadCertificate),
        (b"<html>", BadCertificate),
        (certificate("evil.com"), BadCertificate),
        (certificate(days=(-30, -1)), BadCertificate),
        (certificate(days=(1, 30)), BadCertificate),
        (certificate(key=rsa_key("small", 1024)), BadCertificate),
        (RuntimeError("a bug"), RuntimeError),
    ],
)
def test_failures_are_not_remembered(trouble: bytes | Exception, family: type[Exception]) -> None:
    shelf = Shelf(trouble, trouble, certificate())
    store = CertificateStore(shelf)
    for _ in range(2):
        with pytest.raises(family):
            store.get(CERT_URL)
    assert store.get(CERT_URL).names == {"sns.amazonaws.com"}
    assert len(shelf.asked) == 3


def test_a_remembered_certificate_that_expires_is_downloaded_again() -> None:
    clock = Clock()
    shelf = Shelf(certificate(days=(-1, 1), now=NOW), certificate(days=(0, 9), now=NOW))
    store = CertificateStore(shelf, now=clock)
    old = store.get(CERT_URL)
    clock.time = NOW + timedelta(days=2)
    new = store.get(CERT_URL)
    assert new is not old
    assert new.in_force(clock.time)


def test_a_remembered_certificate_that_expired_for_good_is_refused() -> None:
    clock = Clock()
    store = CertificateStore(Shelf(certificate(days=(-1, 1), now=NOW)), now=clock)
    store.get(CERT_URL)
    clock.time = NOW + timedelta(days=2)
    with pytest.raises(BadCertificate):
        store.get(CERT_URL)


def test_a_clock_that_was_set_back_is_noticed_too() -> None:
    clock = Clock()
    store = CertificateStore(Shelf(certificate(days=(-1, 1), now=NOW)), now=clock)
    store.get(CERT_URL)
    clock.time = NOW - timedelta(days=2)
    with pytest.raises(BadCertificate):
        store.get(CERT_URL)


def test_the_least_recently_used_is_forgotten() -> None:
    shelf = Shelf(certificate())
    store = CertificateStore(shelf, remember=2)
    for number in (1, 2, 1, 3):
        store.get(url(number))
    assert len(shelf.asked) == 3
    store.get(url(1))
    assert len(shelf.asked) == 3
    store.get(url(2))
    assert len(shelf.asked) == 4


def test_a_regional_certificate_does_not_serve_another_region() -> None:
    store = CertificateStore(Shelf(certificate("sns-signing.af-south-1.amazonaws.com")))
    store.get(url(1, "af-south-1"))
    with pytest.raises(BadCertificate):
        store.get(url(1, "eu-south-1"))


@pytest.mark.parametrize("make", [CertificateStore, lambda _: LocalCertificateStore("absent.pem")])
def test_nothing_but_sns_is_ever_contacted(make: Callable[[Shelf], CertificateStore]) -> None:
    shelf = Shelf(certificate())
    for address in (
        "https://evil.com/SimpleNotificationService-0a.pem",
        CERT_URL + "?",
        "http://169.254.169.254/",
        "",
    ):
        with pytest.raises(BadCertificateUrl):
            make(shelf).get(address)
    assert shelf.asked == []


class Gate:
    """A download that waits until it is let through."""

    def __init__(self, answer: bytes | BaseException) -> None:
        self.answer = answer
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)
        self.calls = 0

    def __call__(self, _: CertificateAddress) -> bytes:
        self.calls += 1
        self.entered.release()
        assert self.open.wait(10)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_simultaneous_requests_download_once() -> None:
    gate = Gate(certificate())
    store = CertificateStore(gate, downloads_at_once=1)
    started = threading.Barrier(16)

    def get() -> object:
        started.wait()
        return store.get(CERT_URL)

    with ThreadPoolExecutor(16) as threads:
        results = [threads.submit(get) for _ in range(16)]
        assert gate.entered.acquire(timeout=10)
        time.sleep(0.05)  # let the others arrive
        gate.open.set()
        assert len({id(result.result(10)) for result in results}) == 1
    assert gate.calls == 1


@pytest.mark.parametrize(
    ("trouble", "seen_by_others"),
    [
        (TemporarilyUnverifiable("down"), TemporarilyUnverifiable),
        (BadCertificate("404"), BadCertificate),
        (SystemExit(1), TemporarilyUnverifiable),  # the downloading worker is told to stop
    ],
)
def test_a_failure_is_shared_by_those_who_waited_for_it(
    trouble: BaseException, seen_by_others: type[Exception]
) -> None:
    gate = Gate(trouble)
    store = CertificateStore(gate)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(store.get, CERT_URL)
        assert gate.entered.acquire(timeout=10)
        others = [threads.submit(store.get, CERT_URL) for _ in range(7)]
        wait_for(lambda: all(other.running() for other in others))
        time.sleep(0.05)
        gate.open.set()
        assert isinstance(first.exception(10), type(trouble))
        assert {type(other.exception(10)) for other in others} == {seen_by_others}
    assert gate.calls == 1


def test_waiting_for_another_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.inbound.sns.certificates._PATIENCE_SECONDS", 0.05)
    gate = Gate(certificate())
    store = CertificateStore(gate)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(store.get, CERT_URL)
        assert gate.entered.acquire(timeout=10)
        with pytest.raises(TemporarilyUnverifiable, match="too long"):
            store.get(CERT_URL)
        gate.open.set()
        assert first.result(10).names


def test_strangers_cannot_hold_more_than_a_few_threads() -> None:
    gate = Gate(BadCertificate("403"))
    store = CertificateStore(gate, downloads_at_once=2)
    with ThreadPoolExecutor(2) as threads:
        held = [threads.submit(store.get, url(number)) for number in range(2)]
        assert all(gate.entered.acquire(timeout=10) for _ in held)
        with pytest.raises(TemporarilyUnverifiable, match="too many"):
            store.get(url(3))
        gate.open.set()
        assert all(isinstance(each.exception(10), BadCertificate) for each in held)
    with pytest.raises(BadCertificate):  # the places are free again
        store.get(url(4))


def test_what_is_remembered_needs_no_place() -> None:
    gate = Gate(certificate())
    gate.open.set()
    store = CertificateStore(gate, downloads_at_once=1)
    known = store.get(url(1))
    gate.open.clear()
    with ThreadPoolExecutor(1) as threads:
        held = threads.submit(store.get, url(2))
        wait_for(lambda: gate.calls == 2)
        assert store.get(url(1)) is known
        gate.open.set()
        held.result(10)


def test_a_local_file(tmp_path: Path) -> None:
    path = tmp_path / "sns.pem"
    path.write_bytes(certificate())
    store = LocalCertificateStore(path)
    first = store.get(CERT_URL)
    assert store.get(url(7)) is first

    path.write_bytes(certificate(key=rsa_key("mallory")))
    os.utime(path, ns=(1, 1))
    second = store.get(CERT_URL)
    assert second.public_key.public_numbers() == rsa_key("mallory").public_key().public_numbers()


@pytest.mark.parametrize(
    ("pem", "family"),
    [
        (None, TemporarilyUnverifiable),
        (b"", TemporarilyUnverifiable),
        (certificate()[:300], TemporarilyUnverifiable),
        (certificate() * 2, TemporarilyUnverifiable),
        (certificate(days=(-30, -1)), BadCertificate),
        (certificate(days=(1, 30)), BadCertificate),
        (certificate("evil.com"), BadCertificate),
    ],
)
def test_a_local_file_of_no_use(tmp_path: Path, pem: bytes | None, family: type[Exception]) -> None:
    path = tmp_path / "sns.pem"
    if pem is not None:
        path.write_bytes(pem)
    store = LocalCertificateStore(path)
    with pytest.raises(family):
        store.get(CERT_URL)
    path.write_bytes(certificate())
    os.utime(path, ns=(1, 1))
    assert store.get(CERT_URL).names


def test_any_name_waives_the_name_only(tmp_path: Path) -> None:
    path = tmp_path / "sns.pem"
    path.write_bytes(certificate("simulator"))
    assert LocalCertificateStore(path, any_name=True).get(CERT_URL).names == {"simulator"}
    path.write_bytes(certificate("simulator", days=(-2, -1)))
    os.utime(path, ns=(1, 1))
    with pytest.raises(BadCertificate):
        LocalCertificateStore(path, any_name=True).get(CERT_URL)
