"""The pulse of workers and clock, for whoever runs containers; and secrets in files."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.processes import pulse
from config.secrets import CannotReadSecretError, read_files
from tests.redis_server import RedisServer
from tests.security.test_deploy import BASE, KEY, _python
from tests.workers import until, worker_process


def _probe(path: Path, seconds: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "config.processes.pulse", seconds], cwd=BASE, env={"PULSE_FILE": str(path)}, check=False
    ).returncode


def test_a_probe_tells_young_from_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pulse"
    assert _probe(file, "30") == 1
    monkeypatch.setenv("PULSE_FILE", str(file))
    pulse.beat()
    assert _probe(file, "300") == 0
    os.utime(file, (time.time() - 400, time.time() - 400))
    assert _probe(file, "360") == 1
    pulse.beat()
    assert _probe(file, "360") == 0


def test_where_there_is_no_file_nothing_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_FILE", raising=False)
    pulse.beat()
    monkeypatch.setenv("PULSE_FILE", str(tmp_path / "no" / "such" / "place"))
    pulse.beat()
    assert pulse.main([]) == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_has_one_also_while_redis_is_away(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pulse"
    monkeypatch.setenv("PULSE_FILE", str(file))
    with worker_process(redis_server, "timers"):
        until(file.exists, 120)
        redis_server.kill()
        try:
            # What was touched before it was away does not count.
            file.unlink(missing_ok=True)
            until(file.exists, 120)
        finally:
            redis_server.start()


def test_secrets_lie_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("of the file\n")
    environment = {"SECRET_KEY_FILE": str(tmp_path / "key"), "METRICS_TOKEN_FILE": str(tmp_path / "key")}
    environment["METRICS_TOKEN"] = "given"
    read_files(environment)
    assert environment["SECRET_KEY"] == "of the file"
    assert environment["METRICS_TOKEN"] == "given"
    assert "DATABASE_URL" not in environment


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_secret_that_is_not_there_is_not_done_without(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
    with pytest.raises(CannotReadSecretError, match="SECRET_KEY_FILE"):
        read_files({"SECRET_KEY_FILE": str(file)})
    done = _python("manage.py", "check", SECRET_KEY_FILE=str(file), DATABASE_URL="sqlite:////nowhere/x.sqlite3")
    assert done.returncode == 1
    assert "SECRET_KEY_FILE" in done.stderr


def test_the_settings_read_them(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    done = _python("-c", code, SECRET_KEY_FILE=str(tmp_path / "key"), DATABASE_URL="sqlite:///:memory:")
    assert done.stdout.strip() == KEY
