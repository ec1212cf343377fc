"""What is logged, and how: one line to the console, masked, for Django, gunicorn, the workers and the clock alike."""

import contextlib
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO

from config.masking import masked

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Masked(logging.Formatter):
    """Masks a whole record when it has become text: message, arguments, traceback and stack."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record."""
        return masked(super().format(record))


class Console(logging.StreamHandler[TextIO]):
    """Writes to stderr. What cannot be logged (arguments that do not fit the message) is told masked as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a record could not be written, and why, as logging itself would, but masked."""
        if logging.raiseExceptions:
            what = f"Message: {_shown(record.msg)}\nArguments: {_shown(record.args)}\n"
            _say(f"--- Logging error ---\n{traceback.format_exc()}{what}")


def logging_config(level: str) -> dict[str, Any]:
    """The value of LOGGING.

    Args:
        level: Of everything that has no level of its own here.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "config.logs.Masked", "format": LINE}},
        "handlers": {"console": {"class": "config.logs.Console", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own console handler would print a second line, unmasked, with DEBUG.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # Each query with its parameters: bodies of texts.
            "django.db.backends": {"level": "INFO"},
            # One line for each wake-up tells nothing; what goes wrong still shows.
            "rq": {"level": "WARNING"},
            "rq.worker": {"level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            # At DEBUG they print what is sent, and to whom.
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            # It tells of each of its own steps.
            "axes": {"level": "WARNING"},
            # Whoever scans the internet asks for the wrong host, with a traceback for each request.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


def mask_what_nobody_caught() -> None:
    """Print an exception that ends a process or a thread, or that nobody can be given, as Python would, but masked."""

    def of_process(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        _say("".join(traceback.format_exception(kind, problem, trace)))

    def of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not issubclass(arguments.exc_type, SystemExit):
            of_process(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def of_nobody(what: "sys.UnraisableHookArgs") -> None:
        lines = traceback.format_exception(what.exc_type, what.exc_value, what.exc_traceback)
        _say(f"{what.err_msg or 'Exception ignored in'}: {_shown(what.object)}\n{''.join(lines)}")

    sys.excepthook = of_process
    threading.excepthook = of_thread
    sys.unraisablehook = of_nobody


def _shown(what: object) -> str:
    try:
        return repr(what)
    except Exception:
        # It may be half gone, or what went wrong in the first place.
        return object.__repr__(what)


def _say(text: str) -> None:
    # Where nobody reads stderr there is nobody to tell.
    with contextlib.suppress(OSError, ValueError):
        print(masked(text), file=sys.stderr, end="")
