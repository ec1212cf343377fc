"""Which columns a list may have, and what stands in their cells: django-import-export's resources, fields and widgets.

Two formats: the plain one, and that of Amazon Pinpoint's segments. Nothing here touches the database.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from messaging.forms import read_phone_number
from messaging.validators import E164
from shifts.people import read_language, read_name
from shifts.roster.report import Unreadable

_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
# What a spreadsheet makes of a number whose + it has taken away.
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
# The ' that keeps spreadsheets from running =… as a formula: what messaging.tables has put before a name.
_KEPT_HARMLESS = re.compile(r"\A'(?=[=+@＝＋－＠-])(?![+-][0-9]+\Z)")
# There was no Pinpoint then, and years near the first are no times in every time zone.
_FIRST_YEAR = 1970
_FIRST, _LAST, _WHOLE = {"firstname", "first_name"}, {"lastname", "last_name"}, {"name", "fullname", "full_name"}
_OF_PEOPLE = ("user.userattributes.", "attributes.")
_MATTER = {
    *("address", "channeltype", "endpointstatus", "optout", "effectivedate"),
    *("location.country", "demographic.locale", "demographic.timezone"),
}


@dataclass(slots=True)
class Line:
    """What one line says. "" and None: it says nothing of that."""

    phone_number: str = ""
    name: str = ""
    approved: bool | None = None
    language: str = ""
    opted_out: bool = False
    effective_at: datetime | None = None


def _refused(problem: ValidationError) -> ValueError:
    return ValueError(" ".join(problem.messages))


class _PhoneNumber(Widget):  # type: ignore[misc]
    """A number as people write it, with country code."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> str:
        if not value:
            raise ValueError("There is no phone number on this line.")
        if _ROUNDED.fullmatch(value):
            raise ValueError(
                f"{value[:40]}: a spreadsheet has rounded this number. Format the column as text, and enter it anew."
            )
        # The common case, without the rest of what people may write.
        try:
            return read_phone_number(value)
        except ValidationError as problem:
            message = _refused(problem)
            raise ValueError(f"{message}" if value in str(message) else f"{value[:40]}: {message}") from problem


class _Address(_PhoneNumber):
    """A number as Pinpoint keeps it, perhaps without its +."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> str:
        digits = re.sub(r"[\s().-]", "", value or "")
        if not digits.isascii() or not digits.isdigit() or digits.startswith("00"):
            return super().clean(value, row)
        country = (row or {}).get("location.country", "").upper()
        with_plus = f"+{digits}"
        country_code = _country_code(with_plus)
        if country_code and country_code == phonenumbers.country_code_for_region(country):
            return with_plus
        national = _national(digits, country)
        if country_code and national not in ("", with_plus):
            raise ValueError(f"{value[:40]} may be {with_plus} or {national}. Write it with + and country code.")
        return with_plus if country_code else super().clean(national or with_plus, row)


class _Name(Widget):  # type: ignore[misc]
    """A name; without what our own files have put before it."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> str:
        try:
            return read_name(_KEPT_HARMLESS.sub("", value or ""))
        except ValidationError as problem:
            raise _refused(problem) from problem


class _Language(Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **_: Any) -> str:
        try:
            return read_language(value or "")
        except ValidationError as problem:
            raise _refused(problem) from problem


class _Locale(Widget):  # type: ignore[misc]
    """en_US is en. What is no locale says nothing: apps have written there what they liked."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> str:
        found = re.match(r"([A-Za-z]{2,3})(?:[-_.@]|\Z)", value or "")
        return found[1].lower() if found else ""


class _Approved(Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **_: Any) -> bool | None:
        word = (value or "").casefold()
        if word and word not in _YES | _NO:
            raise ValueError(f"{value[:40]} is neither yes nor no.")
        return word in _YES if word else None


class _OptOut(Widget):  # type: ignore[misc]
    """ALL, or NONE."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> bool:
        return (value or "").upper() == "ALL"


class _Moment(Widget):  # type: ignore[misc]
    """ISO 8601, UTC unless it says otherwise. What is no time says nothing."""

    def clean(self, value: Any, row: Any = None, **_: Any) -> datetime | None:
        try:
            at = datetime.fromisoformat(value or "")
            at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None
        return at if at.year >= _FIRST_YEAR else None


class Plain(Resource):  # type: ignore[misc]
    """name, phone_number, approved, language. Only phone_number must be there; there are no others."""

    phone_number = Field("phone_number", "phone_number", _PhoneNumber())
    name = Field("name", "name", _Name())
    approved = Field("approved", "approved", _Approved())
    language = Field("language", "language", _Language())

    def check_header(self, header: Sequence[str]) -> None:
        """Refuse what is no column of ours: a misspelt header must not pass in silence."""
        known = {field.column_name for field in self.fields.values()}
        for name in header:
            if name and _plain(name) not in known:
                raise Unreadable(f"There is no column {name[:60]}. There are: {', '.join(sorted(known))}.", column=name)

    def before_import_row(self, row: dict[str, str], **_: Any) -> None:
        """Nothing to do before."""


class Pinpoint(Resource):  # type: ignore[misc]
    """What Pinpoint imported and exported: Address, ChannelType, User.UserAttributes.FirstName and many more."""

    phone_number = Field("phone_number", "address", _Address())
    name = Field("name", "name", _Name())
    language = Field("language", "demographic.locale", _Locale())
    opted_out = Field("opted_out", "optout", _OptOut())
    effective_at = Field("effective_at", "effectivedate", _Moment())

    def check_header(self, header: Sequence[str]) -> None:
        """Note where names are. Of other columns there may be any."""
        known = [name.casefold() for name in header]
        find = partial(_attribute, known)
        self._names = [column for column in (find(_FIRST), find(_LAST)) if column] or [
            column for column in [find(_WHOLE)] if column
        ]
        self._whole = find(_WHOLE)
        if self._names:
            self.fields["name"].column_name = self._names[-1]

    def before_import_row(self, row: dict[str, str], **_: Any) -> None:
        """One name of several columns."""
        if self._names:
            name = " ".join(filter(None, (_single(row[column]) for column in self._names)))
            row[self._names[-1]] = name or (_single(row[self._whole]) if self._whole else "")


def resource_for(header: Sequence[str]) -> Plain | Pinpoint:
    """The format of a file, by its header.

    Raises:
        Unreadable: it has no column for phone numbers, a column twice, or one that is unknown.
    """
    plain = [_plain(name) for name in header]
    resource: Plain | Pinpoint
    if "phone_number" in plain:
        resource, columns = Plain(), plain
    elif "address" in plain:
        resource, columns = Pinpoint(), [name.casefold() for name in header]
    else:
        raise Unreadable(
            "The header has no column phone_number (or Address, in a file of Amazon Pinpoint). The first line must "
            "name the columns: name,phone_number,approved,language.",
            column="phone_number",
        )
    resource.check_header(header)
    for index, name in enumerate(columns):
        if name and name in columns[:index]:
            raise Unreadable(f"The column {header[index][:60]} is there twice.", column=header[index])
    return resource


def columns_of(resource: Plain | Pinpoint, header: Sequence[str]) -> list[str]:
    """The names by which the resource's fields know the columns."""
    return [_plain(name) if isinstance(resource, Plain) else name.casefold() for name in header]


def line_of(resource: Plain | Pinpoint, row: dict[str, str]) -> Line:
    """What a row says: Resource.import_instance, without what that does for models besides.

    Raises:
        ValidationError: by attribute.
    """
    resource.before_import_row(row)
    line, problems = Line(), {}
    for attribute, field in resource.fields.items():
        if field.column_name not in row:
            continue
        try:
            setattr(line, attribute, field.widget.clean(row[field.column_name], row=row))
        except ValueError as problem:
            problems[attribute] = ValidationError(str(problem), code="invalid")
    if problems:
        raise ValidationError(problems)
    return line


def is_not_for_sms(row: dict[str, str]) -> bool:
    """Whether a line of Pinpoint's is for e-mail, push messages or the like, or of an endpoint that it does not use."""
    return row.get("channeltype", "").upper() not in ("", "SMS") or row.get("endpointstatus", "").upper() == "INACTIVE"


def matters(column: str) -> bool:
    """Whether a column of Pinpoint's, in lower case, becomes something; of other columns there may be hundreds."""
    return column in _MATTER or any(
        column.startswith(prefix) and column.removeprefix(prefix) in _FIRST | _LAST | _WHOLE for prefix in _OF_PEOPLE
    )


def _plain(name: str) -> str:
    """Phone Number is phone_number."""
    return re.sub(r"[\s_-]+", "_", name.casefold())


def _attribute(columns: Sequence[str], names: set[str]) -> str | None:
    for prefix in _OF_PEOPLE:
        for column in columns:
            if column.startswith(prefix) and column.removeprefix(prefix) in names:
                return column
    return None


def _single(cell: str) -> str:
    """The first of a list: an attribute of Pinpoint's may have several values."""
    if cell.startswith("["):
        try:
            values = json.loads(cell)
        except (ValueError, RecursionError):
            return cell
        return str(values[0] or "").strip() if isinstance(values, list) and values else ""
    return cell


def _national(digits: str, country: str) -> str:
    """The number in E.164 if the digits are one as they are dialled within the country; "" if not."""
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return ""
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return ""
    # Of a region that shares the country code it is as good (Guernsey's +44), and with the 0 that is dialled within
    # the country it can be nothing else.
    dialled = digits.startswith("0") and phonenumbers.is_possible_number(number)
    if not (dialled or phonenumbers.is_valid_number(number)):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _country_code(text: str) -> int | None:
    """The country code of a number, if somebody can have that number."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    return number.country_code if E164.fullmatch(text) and phonenumbers.is_valid_number(number) else None
