"""Types of arguments: what operators write, as the functions take it. What is wrong is refused by argparse."""

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from messaging.forms import read_phone_number


def phone_number(value: str) -> str:
    """A phone number as people write it, as E.164."""
    try:
        return read_phone_number(value)
    except ValidationError as problem:
        raise argparse.ArgumentTypeError(" ".join(problem.messages)) from problem


def moment(value: str) -> datetime:
    """A time in ISO 8601 with offset."""
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError(f"{value!r} is no time with offset: write 2026-07-01T09:00:00Z.")


def count(value: str) -> int:
    """A whole number from 1 on."""
    if value.isascii() and value.isdigit() and 0 < len(value) < 10 and int(value):
        return int(value)
    raise argparse.ArgumentTypeError(f"{value!r} is no whole number from 1 on.")


def content(name: str) -> bytes:
    """What is in a file; ``-`` is standard input."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {problem.strerror}.") from problem


def words(value: str) -> str:
    """A text; ``-`` reads it from standard input."""
    return sys.stdin.read().strip() if value == "-" else value


def given(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the options that were given."""
    return {name: options[name] for name in names if options[name] not in (None, "")}
