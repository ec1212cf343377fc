"""compose.yaml: the processes of the Procfile, each closed in, and none before the database is ready."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.processes.supervise import processes
from messaging.outbound import retry
from tests.compose.places import BASE, COMPOSE, document

SERVICES: dict[str, Any] = document(BASE / "compose.yaml")["services"]
OURS = [*processes(), "migrate", "receiver"]


def test_each_process_runs_what_the_procfile_says() -> None:
    assert {name: SERVICES[name]["command"] for name in processes()} == processes()


@pytest.mark.parametrize("name", OURS)
def test_ours_are_closed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"]
    assert "privileged" not in service
    assert "volumes" not in service
    # Only web is reached from outside, and only from this machine.
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert ("ports" in service) is (name == "web")


def test_whoever_works_is_asked_for_a_sign_of_life() -> None:
    for name in (*processes(), "receiver"):
        if name != "web":
            assert SERVICES[name]["healthcheck"]["test"][3] == "config.processes.pulse", name


def test_nobody_starts_before_the_migrations_are_through() -> None:
    for name in (*processes(), "receiver"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_who_ends_has_the_time_that_it_needs() -> None:
    for name in ("sender", "worker", "timer"):
        assert (
            float(SERVICES[name]["stop_grace_period"].removesuffix("s"))
            >= retry.CLAIM_IS_DEAD_AFTER.total_seconds() + 15
        )


def test_valkey_keeps_nothing_and_throws_nothing_away() -> None:
    command = " ".join(str(word) for word in SERVICES["valkey"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly no" in command


def test_every_image_is_pinned() -> None:
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    assert all(re.search(r":v?\d+\.\d+", image) for image in images), images


def test_what_is_mounted_is_there() -> None:
    told = document(BASE / "compose.yaml")
    for config in told["configs"].values():
        assert (BASE / config["file"]).is_file()
    for service in told["services"].values():
        assert {one["source"] for one in service.get("configs", [])} <= told["configs"].keys()
        assert set(service.get("secrets", [])) <= told["secrets"].keys()
        assert set(service.get("networks", [])) <= told["networks"].keys()


def test_the_script_makes_the_secrets_once(tmp_path: Path) -> None:
    (tmp_path / "compose").mkdir()
    script = tmp_path / "compose" / "secrets.sh"
    script.write_bytes((COMPOSE / "secrets.sh").read_bytes())

    def made() -> dict[str, str]:
        subprocess.run(["sh", script], check=True, capture_output=True)
        return {path.name: path.read_text() for path in (tmp_path / "compose" / "secrets").iterdir()}

    first = made()
    files = {Path(one["file"]).name for one in document(BASE / "compose.yaml")["secrets"].values()}
    assert first.keys() == files
    assert made() == first
    assert len(first["secret_key"]) >= 50
    assert first["database_url"] == f"postgres://textback:{first['database_password']}@db:5432/textback"
    # Others on the host do not get in; in the container another user reads the files.
    assert (tmp_path / "compose" / "secrets").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in (tmp_path / "compose" / "secrets").iterdir())
    assert os.linesep not in first["secret_key"]


def test_the_example_names_settings_that_there_are() -> None:
    names = re.findall(r"^([A-Z_]+)=", (COMPOSE / "env.example").read_text(), re.MULTILINE)
    settings = (BASE / "docs" / "settings.md").read_text()
    assert names
    assert [name for name in names if f"`{name}`" not in settings and name != "AWS_REGION"] == []


@pytest.mark.parametrize("name", ["valkey", "prometheus", "grafana"])
def test_what_others_made_has_no_more_power_than_it_needs(name: str) -> None:
    """PostgreSQL's image begins as root, to give its directory to its user."""
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
