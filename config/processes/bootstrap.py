"""Makes .venv/ hold what the given requirements files say, starting from Debian's bare python3.

    python3 -I config/processes/bootstrap.py requirements.txt [requirements-dev.txt]

Needs the standard library only; `venv` may lack ensurepip (Debian ships it apart), then pip's own wheel is fetched.
A stamp for each requirements file makes later runs quick, a mark makes an interrupted run start from scratch, and a
lock lets two runs wait for each other.
"""

import sys

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    # Said before anything that an older Python could not run.
    sys.exit(
        "Textback needs Python 3.11 or newer, and %s is %d.%d. Name a newer one: make PYTHON3=python3.12 ..."  # noqa: UP031
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )

import base64  # noqa: E402
import contextlib  # noqa: E402
import fcntl  # noqa: E402
import hashlib  # noqa: E402
import html.parser  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import ssl  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import urllib.error  # noqa: E402
import urllib.parse  # noqa: E402
import urllib.request  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from pathlib import Path  # noqa: E402

PIP_VERSION = "26.3"
PIP_WHEEL = f"pip-{PIP_VERSION}-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
DEFAULT_INDEX = "https://pypi.org/simple"
TRIES = 3

_PROGRESS = re.compile(
    r"(?:(?:Collecting|Requirement already satisfied:) |Processing \S*/)([A-Za-z0-9._-]+?)(?=[=\s]|-\d)"
)

BASE = Path(__file__).resolve().parent.parent.parent


class SetUpError(Exception):
    """What went wrong, in words for whoever ran make."""


class Environment:
    """The virtual environment of a checkout."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.path = base / ".venv"
        self.python = self.path / "bin" / "python"
        self.unfinished = self.path / ".unfinished"

    def lacking(self, requirements: list[str]) -> list[str]:
        """Those of the requirements files that are not installed as they stand now."""
        if self.unfinished.exists() or not self.python.exists():
            return requirements
        return [name for name in requirements if self._stamp(name) != self._wanted(name)]

    def install(self, requirements: list[str]) -> None:
        """Install requirements files, making the environment first where it is missing or half made."""
        if self.unfinished.exists() or not self._works():
            self._make()
        self.unfinished.touch()
        for name in requirements:
            self._pip_install(name)
            (self.path / f".stamp-{name}").write_text(self._wanted(name) + "\n")
        self.unfinished.unlink()

    def _wanted(self, name: str) -> str:
        return hashlib.sha256((self.base / name).read_bytes()).hexdigest()

    def _stamp(self, name: str) -> str:
        try:
            return (self.path / f".stamp-{name}").read_text().strip()
        except OSError:
            return ""

    def _works(self) -> bool:
        if not self.python.exists():
            return False
        code = f"import sys, pip; sys.exit(sys.version_info < {OLDEST!r})"
        return subprocess.run([str(self.python), "-c", code], capture_output=True, check=False).returncode == 0

    def _make(self) -> None:
        if self.path.exists():
            say("Removing the unfinished or broken .venv/")
            shutil.rmtree(self.path)
        say(f"Making .venv/ with Python {sys.version.split()[0]}")
        # Without ensurepip (python3-venv on Debian) the environment starts without pip.
        if importlib.util.find_spec("ensurepip") is not None and self._venv():
            return
        if not self._venv("--without-pip"):
            raise SetUpError(f"`{sys.executable} -m venv` does not work here. On Debian: apt-get install python3-venv")
        self.unfinished.touch()
        with tempfile.TemporaryDirectory() as place:
            wheel = fetch_pip(Path(place))
            run([str(self.python), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])

    def _venv(self, *options: str) -> bool:
        command = [sys.executable, "-m", "venv", "--clear", *options, str(self.path)]
        return subprocess.run(command, capture_output=True, check=False, env=clean()).returncode == 0

    def _pip_install(self, name: str) -> None:
        text = (self.base / name).read_text()
        total = len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
        say(f"Installing the {total} packages of {name} (some minutes the first time)")
        command = [str(self.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        # All pins are there, with what each needs in turn: pip has nothing to work out.
        command += ["--no-deps", "--prefer-binary", "--progress-bar", "off", "-r", str(self.base / name)]
        for attempt in range(1, TRIES + 1):
            try:
                run(command, total)
                return
            except SetUpError as problem:
                if attempt == TRIES:
                    raise
                say(f"{problem}\nTrying again in {5 * attempt} s")
                time.sleep(5 * attempt)


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def clean() -> dict[str, str]:
    """Our environment without what would make Python or pip work elsewhere than in .venv/."""
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_HASHES")
    return {name: value for name, value in os.environ.items() if name not in elsewhere}


def run(command: list[str], total: int = 0) -> None:
    """Run a command, showing pip's progress as one line for each package.

    Raises:
        SetUpError: It failed; with the last lines it printed.
    """
    lines: list[str] = []
    seen: set[str] = set()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean()
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if (found := _PROGRESS.match(line)) and found[1] not in seen:
                seen.add(found[1])
                say(f"  {len(seen)}/{total} {found[1]}")
            elif line.startswith("Installing collected packages"):
                say("  unpacking them into .venv/")
    if process.returncode != 0:
        raise SetUpError("\n".join([*lines[-15:], f"`{' '.join(command[:5])} ...` failed, see above."]))


def fetch_pip(place: Path) -> Path:
    """Fetch pip's own wheel from the package index, and check that it is the one we know.

    Raises:
        SetUpError: The index has no such wheel, or another one.
    """
    index = (os.environ.get("PIP_INDEX_URL") or DEFAULT_INDEX).rstrip("/") + "/"
    say(f"Fetching pip {PIP_VERSION} from {urllib.parse.urlsplit(index).hostname or index}")
    page = urllib.parse.urljoin(index, "pip/")
    parser = _Links()
    parser.feed(_get(page).decode("utf-8", "replace"))
    for link in parser.links:
        address = urllib.parse.urljoin(page, link)
        if urllib.parse.unquote(urllib.parse.urlsplit(address).path).endswith("/" + PIP_WHEEL):
            break
    else:
        raise SetUpError(f"{_shown(page)} does not offer {PIP_WHEEL}. PIP_INDEX_URL names another index.")
    data = _get(_with_credentials(address, index))
    if hashlib.sha256(data).hexdigest() != PIP_SHA256:
        raise SetUpError(f"{_shown(address)} is not the pip {PIP_VERSION} it should be (sha256 differs).")
    wheel = place / PIP_WHEEL
    wheel.write_bytes(data)
    return wheel


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _with_credentials(address: str, index: str) -> str:
    credentials, at, _ = urllib.parse.urlsplit(index).netloc.rpartition("@")
    target = urllib.parse.urlsplit(address)
    same_host = target.hostname == urllib.parse.urlsplit(index).hostname
    if not at or not same_host or "@" in target.netloc:
        return address
    return target._replace(netloc=f"{credentials}@{target.netloc}").geturl()


def _shown(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def _get(address: str) -> bytes:
    credentials, at, _ = urllib.parse.urlsplit(address).netloc.rpartition("@")
    request = urllib.request.Request(_shown(address), headers={"Accept": "text/html"})  # noqa: S310
    if at:
        plain = urllib.parse.unquote(credentials).encode()
        request.add_header("Authorization", "Basic " + base64.b64encode(plain).decode())
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    for attempt in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as response:  # noqa: S310
                data: bytes = response.read()
                return data
        except (urllib.error.URLError, OSError) as problem:
            if attempt == TRIES:
                raise SetUpError(f"Cannot fetch {request.full_url}: {problem}") from None
            time.sleep(2 * attempt)
    raise AssertionError


@contextlib.contextmanager
def alone(base: Path) -> Iterator[None]:
    """Let one set-up at a time work on a checkout; the lock is on its directory, so that it leaves no file behind."""
    descriptor = os.open(base, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is setting things up; waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main(requirements: list[str], base: Path = BASE) -> int:
    """Bring .venv/ up to date; returns the exit status."""
    environment = Environment(base)
    if not environment.lacking(requirements):
        return 0
    try:
        with alone(base):
            # Looked at again: whoever held the lock may have done it.
            if lacking := environment.lacking(requirements):
                environment.install(lacking)
                say("Set up.")
    except SetUpError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next make goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
