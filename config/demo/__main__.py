"""`python -m config.demo`: set the environment, add the simulator to the Procfile's processes, play an incident."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from config.demo.place import HANDSETS, STAFF, Place, database_url, environment, password, the_place
from config.demo.play import play
from config.processes.supervise import BASE_DIR, processes, supervise


def main() -> int:
    """Run the demo until Ctrl-C; returns the exit status."""
    place = the_place()
    env = environment(place, os.environ)
    print("Making the simulator's certificate", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "messaging.simulator", "certificate", "--state", str(place.state)],
        capture_output=True,
        text=True,
        check=True,
    )
    env["SNS_SIGNING_CERT_FILE"] = made.stdout.strip()
    return supervise(
        processes() | {"simulator": _simulator(place)},
        env,
        partial(_ready, place),
        prepare=("python -m config.processes prepare", "python -m config.demo.data"),
    )


def _simulator(place: Place) -> str:
    handsets = [argument for name, number in HANDSETS for argument in ("--handset", f"{name}={number}")]
    return shlex.join(
        [
            *("python", "-m", "messaging.simulator", "--port", str(place.simulator_port)),
            *("--webhook", f"http://127.0.0.1:{place.port}/webhooks/sns/", "--state", str(place.state)),
            # SNS would wait 20 s between its retries; nobody watches a demo that long.
            *("--retries", "30", "--retry-seconds", "2", *handsets),
        ]
    )


def _ready(place: Place, say: Callable[[str], None]) -> None:
    web = f"http://localhost:{place.port}"
    for line in (
        "",
        f"  Handsets   {place.simulator_url}/simulator/   text and be texted; switch faults on",
        f"  Admin      {web}/admin/   login: admin   password: {password(place)}",
        f"             also {', '.join(STAFF)}: same password, each with what its group may do",
        f"  API        {web}/api/docs/   token: cat {place.token_file.relative_to(BASE_DIR)}",
        f"  manage.py  DATABASE_URL={database_url(place)} .venv/bin/python manage.py ...",
        "",
    ):
        say(line)
    play(place, say)


if __name__ == "__main__":
    sys.exit(main())
