"""What is logged, and how: one line to the console, masked, for Django, gunicorn, the workers and the clock alike.

A line has the id of what caused it (messaging.trace): of an inbound text, from the webhook to the reply's being sent.
With LOG_FORMAT=json each line is an object, for machines that collect them.
"""

import contextlib
import json
import logging
import os
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from config.masking import masked
from messaging import trace

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"


class Masked(logging.Formatter):
    """Masks a whole record when it has become text: message, arguments, traceback and stack."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record."""
        return masked(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line, with the ids of cause and request at its end."""
        ids = dict.fromkeys(known for known in _ids(record) if known)
        return " ".join((super().formatMessage(record), *(f"[{known}]" for known in ids)))


class Json(Masked):
    """A record as an object on one line: time, level, logger, message, pid; trace, request, exception where known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = record.getMessage()
        cause, request = _ids(record)
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": told,
            "trace": cause,
            "request": request,
            "exception": self.formatException(record.exc_info) if record.exc_info else record.exc_text or "",
            "stack": self.formatStack(record.stack_info) if record.stack_info else "",
        }
        return as_json(entry)


def _ids(record: logging.LogRecord) -> tuple[str, str]:
    """The ids of cause and request, each "" where there is none."""
    known = trace.cause().id, trace.request_id()
    if any(known):
        return known
    # Django speaks of an answer with 5xx when all middleware has ended; its line has the request with it.
    own = getattr(getattr(record, "request", None), "META", {}).get(trace.KEPT_AS, "")
    return own, own


def as_json(entry: dict[str, Any]) -> str:
    """An object on one line, each value masked, empty ones left out."""
    # Masked before it is JSON, so that no mask takes a quotation mark away.
    values = {name: masked(value) for name, value in entry.items() if value}
    return json.dumps({**values, "pid": os.getpid()}, ensure_ascii=False)


def formatter(form: str, line: str = LINE, dates: str | None = None) -> logging.Formatter:
    """The formatter for LOG_FORMAT, ``text`` or ``json``."""
    return Json() if form == "json" else Masked(line, dates)


class Console(logging.StreamHandler[TextIO]):
    """Writes to stderr. What cannot be logged (arguments that do not fit the message) is told masked as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say that a record could not be written, and why, as logging itself would, but masked."""
        if logging.raiseExceptions:
            what = f"Message: {_shown(record.msg)}\nArguments: {_shown(record.args)}\n"
            _say(f"--- Logging error ---\n{traceback.format_exc()}{what}")


def logging_config(level: str, form: str = "text") -> dict[str, Any]:
    """The value of LOGGING.

    Args:
        level: Of everything that has no level of its own here.
        form: ``text`` or ``json``.
    """
    line = {"()": "config.logs.Json"} if form == "json" else {"()": "config.logs.Masked", "format": LINE}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
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
        # Also before there are settings.
        if os.environ.get("LOG_FORMAT") == "json":
            now = datetime.now(UTC).isoformat()
            print(as_json({"time": now, "level": "CRITICAL", "logger": "python", "message": text}), file=sys.stderr)
        else:
            print(masked(text), file=sys.stderr, end="")
