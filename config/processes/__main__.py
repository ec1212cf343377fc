"""`python -m config.processes serve | prepare | clock`."""

import os
import signal
import sys

# Until somebody says otherwise Ctrl-C ends this process silently, not with a traceback out of an import.
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(arguments: list[str]) -> int:
    """Run one command, importing only what it needs: `serve` must not touch Django before the environment is set."""
    match arguments:
        case ["serve"]:
            from config.processes.supervise import serve

            return serve()
        case ["prepare"]:
            from config.processes.prepare import prepare

            return prepare()
        case ["clock"]:
            from config.processes.clock import run

            return run()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
