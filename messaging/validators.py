"""What a phone number and an origination identity may look like. Pure."""

import re
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
# docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
QUEUE_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):sqs:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):(?P<name>[A-Za-z0-9_-]{1,80})"
)
# AWS: 1-11 characters, letters, digits and hyphens, at least one letter, no hyphen at either end.
# docs.aws.amazon.com/sms-voice/latest/userguide/sender-id-request.html
SENDER_ID = re.compile(r"(?=.{1,11}$)(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


def validate_phone_number(value: str) -> None:
    """Refuse what is not a possible phone number in E.164 (+ and digits, with the country code).

    Possible, not valid: new ranges come into use faster than any list of valid ones is updated.

    Raises:
        ValidationError: with what to do about it.
    """
    if not E164.fullmatch(value):
        raise ValidationError(
            "%(value)s is not a phone number in E.164. Write + and the country code, digits only: +14255550182.",
            code="invalid_phone_number",
            params={"value": value[:40]},
        )
    try:
        # "Possible" alone would let through what can be dialled only within one town.
        length = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(value))
    except phonenumbers.NumberParseException:
        length = phonenumbers.ValidationResult.INVALID_LENGTH
    if length != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValidationError(
            "%(value)s cannot be a phone number: no country has one of that length with that beginning.",
            code="invalid_phone_number",
            params={"value": value},
        )


def validate_identity(value: str) -> None:
    """Refuse what is neither a phone number in E.164, nor a short code, nor a sender ID.

    Raises:
        ValidationError: with what to do about it.
    """
    if value.startswith("+"):
        validate_phone_number(value)
    elif not (SHORT_CODE.fullmatch(value) or SENDER_ID.fullmatch(value)):
        raise ValidationError(
            "%(value)s is no origination identity. Give a phone number in E.164 (+14255550100), a short code "
            "(3 to 8 digits) or a sender ID (up to 11 letters, digits and hyphens).",
            code="invalid_identity",
            params={"value": value[:40]},
        )


def validate_time_zone(name: str) -> None:
    """The name of a time zone of IANA, or blank.

    Raises:
        ValidationError: there is none of this name.
    """
    if name and name not in available_timezones():
        raise ValidationError(f"There is no time zone {name[:50]}. Write one of IANA, such as America/Los_Angeles.")
