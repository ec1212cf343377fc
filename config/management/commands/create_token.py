"""`manage.py create_token USERNAME`: one API token for another system."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from knox.models import AuthToken

_HINT = (
    "Is Textback running on another? Set the same DATABASE_URL here (or put it into .env for both). "
    "If it never ran: `make serve`, or `manage.py migrate`, makes the tables."
)


class Command(BaseCommand):
    """Prints the token once; kept is only its hash."""

    # What it prints is read by scripts; what the project lacks otherwise is said elsewhere.
    requires_system_checks = ()
    help = (
        "Print one new API token on stdout. It does not expire; revoke it in the admin under AuthTokens. "
        "A user that does not exist yet is made: an active superuser without a usable password, who can use the API "
        "but cannot log in to the admin. For fewer rights make the user in the admin first, give it the permissions it "
        "needs, and call this with its name. Whoever can run this command has the database and needs no token to do "
        "harm, so it asks for no password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Only whose token it is."""
        parser.add_argument("username", help="Whose permissions the token has.")

    def handle(self, *arguments: Any, username: str, **options: Any) -> None:
        """Make the user when absent; make the token; print it alone, so that a script can take it."""
        model = get_user_model()
        name = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite" and not Path(str(name)).exists():
            # Looking would make an empty one.
            raise CommandError(f"There is no database {name}. {_HINT}")
        try:
            user = model.objects.filter(username=username).first()
        except DatabaseError as problem:
            raise CommandError(f"The database {name} has no tables yet ({problem}). {_HINT}") from problem
        if user is None:
            user = self._made(username)
        elif not user.is_active:
            raise CommandError(f"{username} is not active: a token would open nothing. Activate the user in the admin.")
        elif not (user.is_superuser or user.get_all_permissions()):
            self.stderr.write(f"{username} has no permissions yet: the API will answer 403 until it has some.")
        _, token = AuthToken.objects.create(user)
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
