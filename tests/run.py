"""`make check`, `make test`, `make crash`, in a clean environment: what the caller has set must not decide a test.

python -m tests.run check
python -m tests.run suite [arguments for pytest]
python -m tests.run crash [arguments for tests.crash]
python -m tests.run hosts [arguments for tests.hosts]
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.postgres import Postgres

BASE = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# What finds programs, writes to the terminal and reaches a package index; no settings of ours, of Django, of AWS.
_KEPT = {
    *("CI", "COLUMNS", "COLORTERM", "FORCE_COLOR", "HOME", "LANG", "LANGUAGE", "LOGNAME", "NO_COLOR", "SHELL", "TERM"),
    *("TMPDIR", "USER", "SHOTS", "CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"),
}

# For whatever was started to end what it has started itself.
_END_SECONDS = 60
# Its short rounds kill sender, simulator, webhooks and database under way, restart the database, and lose answers:
# tests/crash/test_schedule.py holds it to that.
CRASH_SEED = 215

CHECKS = (
    ("format", ("ruff", "format", "--check", "--quiet", ".")),
    ("lint", ("ruff", "check", "--quiet", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("direction of imports", ("lint-imports", "--no-logo")),
    ("migrations", ("python", "manage.py", "makemigrations", "--check", "--dry-run")),
    ("Django's own checks", ("python", "manage.py", "check")),
    ("the API's schema", ("python", "-m", "tests.schema", "--check")),
)


def clean_environment() -> dict[str, str]:
    """The environment for checks and tests."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    return {
        **kept,
        "PATH": os.pathsep.join((str(BIN), os.environ.get("PATH", os.defpath))),
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # A test that forgets its fake must not reach AWS.
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def check() -> int:
    """Run every check, also after one has failed; returns the exit status."""
    failed = []
    for name, (program, *arguments) in CHECKS:
        print(f"check: {name}", flush=True)
        command = [str(BIN / program), *arguments]
        done = subprocess.run(command, cwd=BASE, env=clean_environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            failed.append(name)
            print(f"{done.stdout}{done.stderr}", flush=True)
            if name == "format":
                print("Some files are not formatted; `make format` does it.", flush=True)
    if failed:
        print(f"check: failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def suite(arguments: list[str]) -> int:
    """Run the suite on SQLite, then what may differ on PostgreSQL, then a short crash round on each, then many hosts.

    The first failure ends it, so that its summary is the last line. With arguments, which choose tests, there are no
    crash rounds: they come alone and last, because real time passes in them and both cores are theirs.
    """
    env = clean_environment()
    print("tests: on SQLite", flush=True)
    if (returncode := _pytest(arguments, env)) != 0:
        return returncode
    with Postgres() as server:
        print("tests: on PostgreSQL, those that touch a database", flush=True)
        chosen = arguments or ["-m", "database and not browser"]
        returncode = _pytest(chosen, {**env, "DATABASE_URL": server.url})
    if returncode != 0 or arguments:
        return returncode
    print("tests: crash rounds, a minute or two each (`make crash` plays long ones)", flush=True)
    if (returncode := _run([sys.executable, "-m", "tests.crash", "--short", "--seed", str(CRASH_SEED)], env)) != 0:
        return returncode
    print("tests: many hosts, two of them cut off in mid-send, two to four minutes", flush=True)
    return _run([sys.executable, "-m", "tests.hosts"], env)


def _pytest(arguments: list[str], env: dict[str, str]) -> int:
    return _run([sys.executable, "-m", "pytest", "-n", os.environ.get("TEST_PROCESSES", "2"), *arguments], env)


def _run(command: list[str], env: dict[str, str]) -> int:
    with subprocess.Popen(command, cwd=BASE, env=env) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has told it too: it ends what it started, and removes its files.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_END_SECONDS)
            process.kill()
            return 130


def main(arguments: list[str]) -> int:
    """Do what the first argument says."""
    match arguments:
        case ["check"]:
            return check()
        case ["suite", *rest]:
            return suite(rest)
        case [("crash" | "hosts") as name, *rest]:
            return _run([sys.executable, "-m", f"tests.{name}", *rest], clean_environment())
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
