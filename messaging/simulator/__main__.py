"""The command line: run the simulator until told to end, or only make its certificate.

python -m messaging.simulator --webhook http://127.0.0.1:8000/webhooks/sns/ --handset "Ann=+14255550101"
python -m messaging.simulator certificate --state var/simulator
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from messaging.simulator import Simulator, certificate
from messaging.simulator.control_api import NUMBER


def handset(text: str) -> tuple[str, str]:
    name, equals, number = text.partition("=")
    if not equals or not name.strip() or not NUMBER.fullmatch(number.strip()):
        raise argparse.ArgumentTypeError(f'{text!r}: write it as "Ann=+14255550101"')
    return name.strip(), number.strip()


def ours(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: write it as +14255550100")
    return text


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m messaging.simulator", description=(__doc__ or "").partition("\n")[0])
    made.add_argument("command", nargs="?", choices=["serve", "certificate"], default="serve")
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=8001)
    made.add_argument("--webhook", metavar="URL", help="where SNS messages are posted")
    made.add_argument("--state", type=Path, metavar="DIR", help="keep texts, handsets and the certificate here")
    made.add_argument("--handset", type=handset, action="append", default=[], metavar="NAME=NUMBER")
    made.add_argument("--number", type=ours, action="append", default=[], help="a number that the account has")
    made.add_argument("--region", default="us-east-1")
    made.add_argument("--retries", type=int, default=3, help="of a notification (default: 3)")
    made.add_argument("--retry-seconds", type=float, default=20.0, help="between retries (default: 20)")
    made.add_argument("--no-auto-delivery", action="store_true", help="send no delivery events unasked")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.command == "certificate":
        if options.state is None:
            parser().error("certificate needs --state DIR, the directory to keep it in")
        print(certificate.ensure(options.state).certificate_file.resolve())
        return 0
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    simulator = Simulator(
        webhook_url=options.webhook,
        host=options.host,
        port=options.port,
        state_dir=options.state,
        region=options.region,
        handsets=options.handset,
        auto_delivery=not options.no_auto_delivery,
        retries=options.retries,
        retry_seconds=options.retry_seconds,
    )
    for number in options.number:
        simulator.account.add_number(number)
    try:
        simulator.start()
    except OSError as trouble:
        print(f"cannot listen on {options.host}:{options.port}: {trouble.strerror}", file=sys.stderr)
        return 1
    print(f"SMS simulator with handsets: {simulator.url}/simulator/", flush=True)
    told_to_end.wait()
    simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
