"""Which of our numbers a text leaves from, and what kind of number one is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from math import log
from typing import Any

import phonenumbers
from django.conf import settings
from django.db import connection, transaction

from messaging import pools
from messaging.compiled import Compiled
from messaging.lookups import adapted_list, unpacked
from messaging.models import CountryRule, OriginationIdentity, OutboundMessage
from messaging.validators import E164, SHORT_CODE, validate_identity

_TOLL_FREE = {"800", "833", "844", "855", "866", "877", "888"}

# Message parts per second by kind of number, AWS's defaults:
# docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-mps.html
_DEFAULT_MPS = {"short_code": 100, "ten_dlc": 1, "toll_free": 3, "long_code": 10, "sender_id": 10, "simulator": 10}


# As many characters tell the country, also where several share a country code (+1 and three of the area code).
TELLING = 7


class NoOriginationIdentity(LookupError):
    """There is no number that this text could be sent from."""


def kind_of(identity: str) -> str:
    """The kind of a number by its form: +1 800… is toll-free, other +1 10DLC, other E.164 a long code."""
    if E164.fullmatch(identity):
        if identity.startswith("+1"):
            if identity[2:5] in _TOLL_FREE:
                return OriginationIdentity.Kind.TOLL_FREE
            return OriginationIdentity.Kind.TEN_DLC
        return OriginationIdentity.Kind.LONG_CODE
    if SHORT_CODE.fullmatch(identity):
        return OriginationIdentity.Kind.SHORT_CODE
    return OriginationIdentity.Kind.SENDER_ID


def default_mps(kind: str, country: str = "") -> int:
    """AWS's message parts per second for a kind of number; a Canadian long code has 1."""
    if kind == OriginationIdentity.Kind.LONG_CODE and country == "CA":
        return 1
    return _DEFAULT_MPS[kind]


def country_of(phone_number: str) -> str:
    """The ISO 3166 country of a phone number in E.164, or "" when it has none.

    Of a number that nobody has been given yet, the main country of its country code.
    """
    try:
        number = phonenumbers.parse(phone_number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    # "001" is libphonenumber's word for what belongs to no country, "ZZ" for what it does not know.
    return region if region and region.isalpha() and region != "ZZ" else ""


def is_country(code: str) -> bool:
    """Whether these are the two capital letters of ISO 3166 for a country that has phone numbers."""
    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=50_000)
def country_by_beginning(beginning: str, length: int) -> str:
    """As country_of, for any number that begins so and is so long: reading each of a hundred thousand takes seconds."""
    return country_of(beginning.ljust(length, "2"))


@dataclass(frozen=True, slots=True)
class _Number:
    country: str
    mps: int
    kind: str
    pool: str


def choose(destination: str, *, wanted: str | None = None, expects_reply: bool = False) -> str:
    """The origination identity for a text.

    The conversation's own choice, else the number this person was last written to from, else one that the rule for
    their country names, else the one of their country, else the default. A text that asks for a reply never leaves
    from a sender ID, which cannot be answered.

    Raises:
        NoOriginationIdentity: none is active, or none that can be answered.
    """
    usable = _usable(wanted, expects_reply=expects_reply)
    if len(usable) > 1:
        rows = _LAST_WRITTEN_FROM.rows(destination=destination)
        return _choose(usable, _by_rule(usable), destination, rows[0][0] if rows else None)
    return next(iter(usable))


def choose_for_all(
    destinations: Collection[str], *, wanted: str | None = None, expects_reply: bool = False
) -> dict[str, str]:
    """The origination identity for each of many texts; as choose, with a few queries for all of them.

    Raises:
        NoOriginationIdentity: none is active, or none that can be answered.
    """
    usable = _usable(wanted, expects_reply=expects_reply)
    if len(usable) == 1:
        return dict.fromkeys(destinations, next(iter(usable)))
    last, ruled = _last_written_from(destinations), _by_rule(usable)
    return {destination: _choose(usable, ruled, destination, last.get(destination)) for destination in destinations}


def _last_written_from(destinations: Collection[str]) -> dict[str, str | None]:
    """The number each was last written from; None for who never was.

    Asked person by person within the database, which reads the newest row of each by index. Asked for all rows that no
    later one stands beside, it would read every text that these people ever got.
    """
    table = connection.ops.quote_name(OutboundMessage._meta.db_table)
    newest = (
        f"SELECT origination_identity FROM {table} WHERE destination_phone_number = recipient"  # noqa: S608
        " ORDER BY queued_at DESC, id DESC LIMIT 1"
    )
    statement = f"SELECT recipient, ({newest}) FROM {unpacked('recipient')}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [adapted_list(destinations)])
        return dict(cursor.fetchall())


# Each text that is queued asks these.
_ACTIVE = Compiled(
    lambda: (
        OriginationIdentity.objects.filter(active=True)
        .order_by("-is_default", "id")
        .values_list("identity", "two_way", "iso_country_code", "mps", "kind", "pool")
    )
)
_NAMED = Compiled(lambda: CountryRule.objects.order_by().values_list("iso_country_code", "pool", "numbers__identity"))
_LAST_WRITTEN_FROM = Compiled(
    lambda destination: (
        OutboundMessage.objects.filter(destination_phone_number=destination)
        .order_by("-queued_at", "-id")
        .values_list("origination_identity")[:1]
    ),
    destination=str,
)


def _usable(wanted: str | None, *, expects_reply: bool) -> dict[str, _Number]:
    """The numbers a text may leave from, the default first; the wanted one alone, if one is."""
    usable = {
        identity: _Number(*fields) for identity, two_way, *fields in _ACTIVE.rows() if two_way or not expects_reply
    }
    if wanted and wanted not in usable:
        raise NoOriginationIdentity(
            f"{wanted} is not an active origination identity"
            + (" that can be answered" if expects_reply else "")
            + ". Choose another, or make it active in the admin."
        )
    if not usable:
        raise NoOriginationIdentity(
            "There is no origination identity to send from. Add one in the admin, or set ORIGINATION_IDENTITY."
        )
    return {wanted: usable[wanted]} if wanted else usable


def _by_rule(usable: Mapping[str, _Number]) -> dict[str, dict[str, int]]:
    """Country → the numbers that its rule means, each with its MPS: those it names, and those of the pool it names."""
    found: dict[str, dict[str, int]] = {}
    for country, pool, identity in _NAMED.rows():
        if country not in found:
            members = [
                pools.Member(name, one.kind, one.country, one.mps)
                for name, one in usable.items()
                if pool and one.pool == pool
            ]
            used = pools.judge(members, country)
            found[country] = {one.identity: one.mps for one in members if not used[one.identity]}
        if identity in usable:
            found[country][identity] = usable[identity].mps
    return found


def _choose(
    usable: Mapping[str, _Number], ruled: Mapping[str, Mapping[str, int]], destination: str, last: str | None
) -> str:
    if last in usable:
        return str(last)
    country = country_by_beginning(destination[:TELLING], len(destination))
    if ours := ruled.get(country):
        return shared_out(destination, ours)
    for identity, number in usable.items():
        if country and number.country == country:
            return identity
    # The default, where there is one, is the first.
    return next(iter(usable))


def shared_out(destination: str, rates: Mapping[str, int]) -> str:
    """One of several numbers for a person: always the same, and as often as its rate allows.

    Weighted rendezvous hashing: a number that is added or taken away moves only the people it gains or loses.

    Args:
        destination: the person's phone number.
        rates: our numbers, each with its MPS; at least one.
    """

    def draw(identity: str) -> float:
        digest = blake2b(f"{identity} {destination}".encode(), digest_size=8).digest()
        return -rates[identity] / log((int.from_bytes(digest, "big") + 1) / (2**64 + 1))

    return max(rates, key=draw) if len(rates) > 1 else next(iter(rates))


def create(identity: str, **fields: Any) -> OriginationIdentity:
    """Add an origination identity; what is not given is derived from its form.

    Raises:
        django.core.exceptions.ValidationError: the identity or a field is not valid.
    """
    validate_identity(identity)
    kind = fields.setdefault("kind", kind_of(identity))
    country = fields.setdefault("iso_country_code", country_of(identity) if identity.startswith("+") else "")
    fields.setdefault("mps", default_mps(kind, country))
    if kind == OriginationIdentity.Kind.SENDER_ID:
        fields.setdefault("two_way", False)
    number = OriginationIdentity(identity=identity, **fields)
    with transaction.atomic():
        if number.is_default:
            OriginationIdentity.objects.filter(is_default=True).update(is_default=False)
        number.full_clean()
        number.save()
    return number


def make_default(number: OriginationIdentity) -> None:
    """Make a number the default instead of the one that was."""
    with transaction.atomic():
        OriginationIdentity.objects.filter(is_default=True).exclude(pk=number.pk).update(is_default=False)
        OriginationIdentity.objects.filter(pk=number.pk).update(is_default=True)
    number.is_default = True


def ensure_default_identity(**_: Any) -> None:
    """After migrate: ORIGINATION_IDENTITY exists. It becomes the default when it is new or when there is none."""
    identity = settings.MESSAGING.get("ORIGINATION_IDENTITY")
    # post_migrate is sent after every migrate, also of another app or backwards: the table may not be there.
    if not identity or OriginationIdentity._meta.db_table not in connection.introspection.table_names():
        return
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None:
        create(identity, is_default=True)
    elif not OriginationIdentity.objects.filter(is_default=True).exists():
        make_default(number)
