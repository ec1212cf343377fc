"""Where the helpers of a database live."""

import os
import stat
from pathlib import Path

import pytest

from config.processes import embedded_redis
from config.processes.place import (
    CannotServeError,
    default_database_url,
    directory_for,
    lock,
    secret_key_in,
    socket_in,
)


def test_beside_the_database_when_it_is_a_file(tmp_path: Path) -> None:
    directory = directory_for(f"sqlite:///{tmp_path}/data/textback.sqlite3", tmp_path / "elsewhere")
    assert directory == tmp_path / "data" / "textback.sqlite3.run"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_relative_database_is_below_the_project(tmp_path: Path) -> None:
    assert directory_for("sqlite:///here.sqlite3", tmp_path) == tmp_path / "here.sqlite3.run"


def test_two_names_of_one_database_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "real.sqlite3").touch()
    (tmp_path / "link.sqlite3").symlink_to("real.sqlite3")
    assert directory_for(f"sqlite:///{tmp_path}/link.sqlite3", tmp_path) == tmp_path / "real.sqlite3.run"


def test_below_var_when_the_database_is_no_file(tmp_path: Path) -> None:
    one, two = (directory_for(f"postgresql://host/{name}", tmp_path) for name in ("one", "two"))
    assert one != two
    assert one.parent == two.parent == tmp_path / "var"


@pytest.mark.parametrize("url", ["sqlite://:memory:", "sqlite://"])
def test_a_database_in_memory_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(CannotServeError, match="several processes cannot share"):
        directory_for(url, tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "oracel://host/name"])
def test_a_database_url_that_is_not_understood_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(CannotServeError, match="DATABASE_URL"):
        directory_for(url, tmp_path)


def test_a_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotServeError, match="Cannot make"):
        directory_for(f"sqlite:///{tmp_path}/file/textback.sqlite3", tmp_path)


def test_the_default_database_is_the_one_of_the_settings(tmp_path: Path) -> None:
    assert default_database_url(tmp_path) == f"sqlite:///{tmp_path}/var/textback.sqlite3"


def test_the_socket_is_in_the_directory(tmp_path: Path) -> None:
    directory = Path("/" + "d" * 90)
    assert socket_in(directory) == directory / "redis.sock"


def test_a_path_too_long_for_a_socket_has_a_short_place_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one, two = (socket_in(Path("/" + name * 100)) for name in "ab")
    assert one.parent.parent == two.parent.parent == tmp_path
    assert one != two
    assert stat.S_IMODE(one.parent.stat().st_mode) == 0o700
    assert socket_in(Path("/" + "a" * 100)) == one


def test_a_short_place_open_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = socket_in(Path("/" + "a" * 100)).parent
    place.chmod(0o755)
    with pytest.raises(CannotServeError, match="open to others"):
        socket_in(Path("/" + "a" * 100))


def test_a_short_place_that_is_a_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = socket_in(Path("/" + "a" * 100)).parent
    place.rmdir()
    place.symlink_to(tmp_path)
    with pytest.raises(CannotServeError, match="belongs to somebody else"):
        socket_in(Path("/" + "a" * 100))


def test_odd_characters_in_the_path_survive_in_the_url() -> None:
    assert embedded_redis.url(Path("/a b/50%/redis.sock")) == "unix:///a%20b/50%25/redis.sock?db=0"


def test_an_empty_secret_key_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch(mode=0o600)
    key = secret_key_in(tmp_path)
    assert len(key) >= 50
    assert secret_key_in(tmp_path) == key


def test_a_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    holder = rf"process {os.getpid()}, http://localhost:1"
    with lock(tmp_path, "http://localhost:1"), pytest.raises(CannotServeError, match=holder), lock(tmp_path, "x"):
        pass
    with lock(tmp_path, "http://localhost:2"):
        pass
