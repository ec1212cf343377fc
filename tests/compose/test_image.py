"""The Dockerfile, walked by hand: its COPY and RUN steps in a directory, its commands as the image would start them.

No container is built here. Left out, because this machine has them done already or must not do them: making the
environment and installing requirements (as `make setup` does, from the same file), users, and removing pip.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compose.places import BASE
from tests.security.test_deploy import KEY, _production

LINES = re.sub(r"\\\n\s*", " ", (BASE / "Dockerfile").read_text()).splitlines()
STEPS = [line.split(" ", 1) for line in LINES if line and not line.startswith("#")]
BUILD = STEPS[: [n for n, step in enumerate(STEPS) if step[0] == "FROM"][1]]
FINAL = STEPS[len(BUILD) :]


def _ignored(path: str) -> bool:
    """As .dockerignore has it: everything but what is named, and never caches."""
    lines = (BASE / ".dockerignore").read_text().split()
    named = {line[1:] for line in lines if line.startswith("!")}
    return path.split("/", maxsplit=1)[0] not in named


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage makes of the checkout."""
    root = tmp_path_factory.mktemp("image")
    for word, rest in BUILD:
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                assert not _ignored(source), f"{source} does not reach the builder"
                there = root / target
                if (BASE / source).is_dir():
                    shutil.copytree(BASE / source, there, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".env"))
                else:
                    there.mkdir(parents=True, exist_ok=True)
                    shutil.copy(BASE / source, there)
        elif word == "RUN" and ("collectstatic" in rest or "compileall" in rest):
            command = rest.replace("/opt/venv/bin/python", sys.executable).replace("/opt/venv/lib ", "")
            done = _run(["/bin/sh", "-c", command], root)
            assert done.returncode == 0, done.stderr
    return root


def _run(command: list[str], where: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        command, cwd=where, env={"PATH": path, **environment}, capture_output=True, text=True, check=False, timeout=300
    )


def _environment(image: Path) -> dict[str, str]:
    given = dict(pair.split("=", 1) for word, rest in FINAL if word == "ENV" for pair in shlex.split(rest))
    given.pop("PATH")
    database = f"sqlite:///{image.parent / 'database.sqlite3'}"
    return (
        given | _production() | {"DATABASE_URL": database, "SECRET_KEY": KEY, "PULSE_FILE": str(image.parent / "pulse")}
    )


def test_the_static_files_are_in_the_image(image: Path) -> None:
    there = image / "var" / "static"
    assert (there / "messaging" / "pages.css").is_file()
    assert (there / "messaging" / "pages.css.gz").is_file()
    assert (there / "admin").is_dir()
    assert (there / "unfold").is_dir()


def test_only_what_runs_is_in_the_image(image: Path) -> None:
    top = {path.name for path in image.iterdir()}
    apps = {"config", "incidents", "messaging", "optout", "shifts"}
    assert top == {*apps, "manage.py", "Procfile", "requirements.txt", "var"}
    assert not list(image.rglob("*.sqlite3"))
    assert not list(image.rglob(".env"))
    # Tests, their simulator's certificate and the like stay out; so does whatever is written down of this checkout.
    assert not list(image.rglob("tests"))
    packages = {path.parent.name for path in BASE.glob("*/apps.py")}
    assert packages <= apps


# As `rqworker` and the clock load them: after Django is set up.
_MODULES = "config.processes.clock, config.processes.worker, config.processes.cron"


def test_each_command_starts_where_nothing_can_be_written(image: Path) -> None:
    """The directory is as read-only as it can be made here: whoever is root writes all the same, so it is compared."""
    environment = _environment(image)
    before = _everything(image)
    for command in (
        ["python", "manage.py", "migrate", "--no-input"],
        ["python", "manage.py", "migrate", "--check"],
        ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        ["python", "manage.py", "rqworker", "--help"],
        ["gunicorn", "--config", "python:config.processes.web", "--check-config", "config.wsgi"],
        ["python", "-c", f"import django; django.setup(); import {_MODULES}"],
    ):
        done = _run(command, image, **environment)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert _everything(image) == before


def _everything(image: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in image.rglob("*") if path.is_file()}


def test_migrations_that_are_missing_keep_new_processes_waiting(image: Path) -> None:
    environment = _environment(image) | {"DATABASE_URL": f"sqlite:///{image.parent / 'empty.sqlite3'}"}
    assert _run(["python", "manage.py", "migrate", "--check"], image, **environment).returncode == 1


def test_the_image_is_nobody_s_root_and_has_no_tools() -> None:
    words = dict(FINAL)
    assert words["USER"] == "10001:10001"
    runs = " ".join(rest for word, rest in FINAL if word == "RUN")
    assert "pip uninstall" in runs
    assert not re.search(r"\b(apt|apt-get|gcc|make|install)\b", runs)
    assert FINAL.index(["USER", words["USER"]]) > max(n for n, step in enumerate(FINAL) if step[0] == "COPY")
    assert shlex.split(words["CMD"].strip("[]").replace(",", " ")) == [
        "gunicorn", "--config", "python:config.processes.web", "config.wsgi",
    ]  # fmt: skip
    assert words["HEALTHCHECK"].count("/healthz") == 1


def test_what_is_built_from_is_pinned() -> None:
    (base,) = [rest for word, rest in STEPS if word == "ARG"]
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-[a-z]+", base)
    froms = [rest for word, rest in STEPS if word == "FROM"]
    assert froms == ["${PYTHON} AS build", "${PYTHON}"]
    install = next(rest for word, rest in BUILD if word == "RUN" and "install" in rest)
    assert "--no-deps" in install
    assert "--only-binary=:all:" in install
    for line in (BASE / "requirements.txt").read_text().splitlines():
        assert not line or line.startswith((" ", "#")) or "==" in line
