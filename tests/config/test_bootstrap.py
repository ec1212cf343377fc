"""Setting up: done once, done again when something changed or was interrupted, by one at a time."""

import fcntl
import hashlib
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.processes import bootstrap
from config.processes.bootstrap import Environment, SetUpError
from tests.config.supervised import BASE, wait_for

SCRIPT = BASE / "config" / "processes" / "bootstrap.py"


class Recorded(Environment):
    """An environment that notes what it would do."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.done: list[str] = []
        self.fails = False

    def _works(self) -> bool:
        return self.python.exists()

    def _make(self) -> None:
        self.done.append("make")
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()

    def _pip_install(self, name: str) -> None:
        self.done.append(name)
        if self.fails:
            raise SetUpError("interrupted")


@pytest.fixture
def environment(tmp_path: Path) -> Recorded:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("django==5.2\n")
    return Recorded(tmp_path)


BOTH = ["requirements.txt", "requirements-dev.txt"]


def test_what_is_installed_is_not_installed_again(environment: Recorded) -> None:
    assert environment.lacking(BOTH) == BOTH
    environment.install(BOTH)
    assert environment.done == ["make", *BOTH]
    assert environment.lacking(BOTH) == []


def test_serving_needs_the_runtime_only(environment: Recorded) -> None:
    environment.install(["requirements.txt"])
    assert environment.lacking(["requirements.txt"]) == []
    assert environment.lacking(BOTH) == ["requirements-dev.txt"]


def test_a_changed_file_is_installed_again_into_the_same_environment(environment: Recorded) -> None:
    environment.install(BOTH)
    (environment.base / "requirements.txt").write_text("django==5.3\n")
    assert environment.lacking(BOTH) == ["requirements.txt"]
    environment.install(["requirements.txt"])
    assert environment.done == ["make", *BOTH, "requirements.txt"]


def test_an_interrupted_run_starts_from_scratch(environment: Recorded) -> None:
    environment.fails = True
    with pytest.raises(SetUpError):
        environment.install(BOTH)
    environment.fails = False
    assert environment.lacking(BOTH) == BOTH
    environment.install(BOTH)
    assert environment.done == ["make", "requirements.txt", "make", *BOTH]
    assert environment.lacking(BOTH) == []


def test_a_vanished_environment_is_made_again(environment: Recorded) -> None:
    environment.install(BOTH)
    environment.python.unlink()
    assert environment.lacking(BOTH) == BOTH


def test_a_second_run_waits_for_the_first(environment: Recorded) -> None:
    lock = os.open(environment.base, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    code = "import sys; from pathlib import Path; from config.processes import bootstrap\n"
    code += "with bootstrap.alone(Path(sys.argv[1])): print('mine', flush=True)"
    command = [sys.executable, "-c", code, str(environment.base)]
    with subprocess.Popen(command, cwd=BASE, stdout=subprocess.PIPE, text=True) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "Another make is setting things up; waiting for it\n"
        assert second.poll() is None
        os.close(lock)
        assert second.stdout.readline() == "mine\n"
        wait_for(lambda: second.poll() is not None, 5)


def test_up_to_date_it_says_nothing_and_needs_nothing_installed(environment: Recorded) -> None:
    environment.install(["requirements.txt"])
    target = environment.base / "config" / "processes"
    target.mkdir(parents=True)
    (target / "bootstrap.py").write_bytes(SCRIPT.read_bytes())
    command = [sys.executable, "-I", "-S", str(target / "bootstrap.py"), "requirements.txt"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class Index(http.server.BaseHTTPRequestHandler):
    """A package index with one wheel, behind a name and a password."""

    wheel = b"a wheel"

    name = bootstrap.PIP_WHEEL

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != "Basic bWU6cEBzcw==":
            self.send_response(401)
            self.end_headers()
            return
        page = f'<a href="pip-1.0.tar.gz">old</a> <a href="../../files/{self.name}#sha256=0">wheel</a>'
        body = {"/simple/pip/": page.encode(), f"/files/{self.name}": self.wheel}.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Index) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://me:p%40ss@127.0.0.1:{server.server_port}/simple")
        monkeypatch.setattr(bootstrap, "TRIES", 1)
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_pip_comes_from_the_index_that_is_set(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "PIP_SHA256", hashlib.sha256(Index.wheel).hexdigest())
    assert bootstrap.fetch_pip(tmp_path).read_bytes() == Index.wheel


def test_a_pip_that_is_not_the_known_one_is_refused(index: str, tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match="sha256 differs") as refusal:
        bootstrap.fetch_pip(tmp_path)
    assert "p%40ss" not in str(refusal.value)
    assert list(tmp_path.iterdir()) == []


def test_an_index_without_it_is_named(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "PIP_WHEEL", "pip-99-py3-none-any.whl")
    with pytest.raises(SetUpError, match="does not offer pip-99"):
        bootstrap.fetch_pip(tmp_path)


def test_an_index_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "TRIES", 1)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(SetUpError, match=r"Cannot fetch http://127\.0\.0\.1:1/simple/pip/"):
        bootstrap.fetch_pip(tmp_path)
