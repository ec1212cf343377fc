"""Where the demo lives, and the environment that makes a demo of the house: nothing else does."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.processes.supervise import BASE_DIR

OUR_NUMBER = "+14255550100"
REGION, ACCOUNT = "us-east-1", "123456789012"
TOPICS = tuple(f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}" for name in ("textback-inbound", "textback-events"))

# Numbers that no carrier gives to anybody: 555-01xx is kept for fiction (nationalnanpa.com).
ANN, BOB, CARLA = ("Ann", "+14255550101"), ("Bob", "+14255550102"), ("Carla", "+14255550103")
DAN, EVE = ("Dan", "+14255550104"), ("Eve", "+14255550105")
HANDSETS = (ANN, BOB, CARLA, DAN, EVE)
NAMES = {number: name for name, number in HANDSETS}
SEGMENT = "Night nurses"
# Who logs in beside the admin, and their group: config.roles.
STAFF = {"oncall": "Incident staff", "hr": "HR", "compliance": "Compliance", "reader": "Read only"}

_NOT_THE_CALLERS = {"DATABASE_URL", "REDIS_URL", "DEBUG", "SECRET_KEY", "BEHIND_PROXY"}


@dataclass(frozen=True)
class Place:
    """The demo's directory and ports."""

    directory: Path
    port: int

    @property
    def simulator_port(self) -> int:
        """Beside the web's."""
        return self.port + 1 if self.port < 65535 else self.port - 1

    @property
    def simulator_url(self) -> str:
        """Where the handsets are, and where boto3 finds its AWS."""
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def state(self) -> Path:
        """What the simulator keeps."""
        return self.directory / "simulator"

    @property
    def password_file(self) -> Path:
        """The password of the demo's admin: made once, so that a demo left open is not open to anybody."""
        return self.directory / "password"

    @property
    def token_file(self) -> Path:
        """The API token with which the demo opens its incident."""
        return self.directory / "token"


def the_place(env: Mapping[str, str] = os.environ) -> Place:
    """The demo's place; the directory is made."""
    directory = BASE_DIR / "var" / "demo"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Place(directory, int(env.get("PORT") or 8000))


def password(place: Place) -> str:
    """The password of the demo's admin."""
    if not place.password_file.exists():
        write_secret(place.password_file, "-".join(secrets.token_hex(2) for _ in range(3)))
    return place.password_file.read_text().strip()


def write_secret(path: Path, secret: str) -> None:
    """Write a file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")


def database_url(place: Place) -> str:
    """The demo's database, as DATABASE_URL names it."""
    return f"sqlite:///{place.directory / 'textback.sqlite3'}"


def environment(place: Place, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's processes. What the caller has set of AWS and the database stays out of it."""
    kept = {name: value for name, value in env.items() if not name.startswith("AWS_") and name not in _NOT_THE_CALLERS}
    endpoints = {
        f"AWS_ENDPOINT_URL_{service}": place.simulator_url for service in ("PINPOINT_SMS_VOICE_V2", "SNS", "CONNECT")
    }
    return {
        **kept,
        **endpoints,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PORT": str(place.port),
        "DATABASE_URL": database_url(place),
        "ORIGINATION_IDENTITY": OUR_NUMBER,
        "SNS_TOPIC_ARNS": ",".join(TOPICS),
        "SNS_SIGNING_CERT_FILE": str(place.state / "certificate.pem"),
        "ALLOW_LOCAL_SNS_CERT": "1",
        "SIMULATOR_URL": f"{place.simulator_url}/simulator/",
        # The simulator answers for Amazon Connect as well: AGENT is called.
        "CONNECT_INSTANCE_ID": "00000000-0000-4000-8000-000000000001",
        "CONNECT_CONTACT_FLOW_ID": "00000000-0000-4000-8000-000000000002",
        "CONNECT_QUEUE_ID": "00000000-0000-4000-8000-000000000003",
    }
