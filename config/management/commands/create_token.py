"""`manage.py create_token USERNAME`: one API token for another system."""

import argparse
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from config.security.making_tokens import make
from messaging import clock

_DAYS = re.compile(r"([0-9]{1,5})d?")
_HINT = (
    "Is Textback running on another? Set the same DATABASE_URL here (or put it into .env for both). "
    "If it never ran: `make serve`, or `manage.py migrate`, makes the tables."
)


def _moment(text: str) -> datetime:
    """When a token ends. A date is its first moment in TIME_ZONE; a time without offset is of TIME_ZONE too.

    Raises:
        argparse.ArgumentTypeError: it is neither days nor a date nor a time.
    """
    if days := _DAYS.fullmatch(text):
        return clock.now() + timedelta(days=int(days[1]))
    try:
        day, moment = parse_date(text), parse_datetime(text)
        moment = moment or (datetime(day.year, day.month, day.day) if day else None)  # noqa: DTZ001 - see below
        if moment is not None:
            return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    except (ValueError, OverflowError):
        pass
    raise argparse.ArgumentTypeError("write days, such as 90d, or a date or time in ISO 8601, such as 2027-01-01")


class Command(BaseCommand):
    """Prints the token once; kept is only its hash."""

    # What it prints is read by scripts; what the project lacks otherwise is said elsewhere.
    requires_system_checks = ()
    help = (
        "Print one new API token on stdout. It does not expire unless --expires says so; revoke it in the admin under "
        "API tokens. "
        "A user that does not exist yet is made: an active superuser without a usable password, who can use the API "
        "but cannot log in to the admin. For fewer rights make the user in the admin first, give it the permissions it "
        "needs, and call this with its name. Whoever can run this command has the database and needs no token to do "
        "harm, so it asks for no password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose token it is; what else is known of it."""
        parser.add_argument("username", help="Whose permissions the token has.")
        parser.add_argument("--name", default="", help="Which system has it; shown in the admin.")
        parser.add_argument(
            "--expires",
            type=_moment,
            metavar="WHEN",
            help="When it ends: days (90d), or a date or time in ISO 8601 (2027-01-01, 2027-01-01T09:00:00Z).",
        )

    def handle(
        self, *arguments: Any, username: str, name: str = "", expires: datetime | None = None, **options: Any
    ) -> None:
        """Make the user when absent; make the token; print it alone, so that a script can take it."""
        model = get_user_model()
        if expires is not None and expires <= clock.now():
            raise CommandError("--expires must be in the future.")
        database = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite" and not Path(str(database)).exists():
            # Looking would make an empty one.
            raise CommandError(f"There is no database {database}. {_HINT}")
        try:
            user = model.objects.filter(username=username).first()
        except DatabaseError as problem:
            raise CommandError(f"The database {database} has no tables yet ({problem}). {_HINT}") from problem
        if user is None:
            user = self._made(username)
        elif not user.is_active:
            raise CommandError(f"{username} is not active: a token would open nothing. Activate the user in the admin.")
        elif not (user.is_superuser or user.get_all_permissions()):
            self.stderr.write(f"{username} has no permissions yet: the API will answer 403 until it has some.")
        _, token = make(user, name=name[:100], expires_at=expires)
        self.stdout.write(token)

    def _made(self, username: str) -> Any:
        model = get_user_model()
        user = model(username=username, is_staff=True, is_superuser=True)
        user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as problem:
            raise CommandError(f"There is no user {username!r}, and none can be made: {problem}") from problem
        user.save()
        self.stderr.write(
            f"There was no user {username}: made as a superuser without a password. "
            f"`manage.py changepassword {username}` lets it log in to the admin."
        )
        return user
