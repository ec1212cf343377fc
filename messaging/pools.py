"""Pools of the AWS account, as sync_numbers mirrored them: which of a pool's numbers texts to a country leave from.

Texts are never sent from a pool itself (docs/decisions/0034-the-account.md). A rule for a country that names one means
its numbers, shared out as numbers that it names are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from messaging.models import CountryRule, OriginationIdentity

Kind = OriginationIdentity.Kind

# Dedicated to their country. Other phone numbers may send abroad, where AWS and carriers let them:
# docs.aws.amazon.com/sms-voice/latest/userguide/phone-numbers.html
_AT_HOME_ONLY = {Kind.SHORT_CODE: "short code", Kind.SIMULATOR: "simulator's number", Kind.SENDER_ID: "sender ID"}


@dataclass(frozen=True, slots=True)
class Member:
    """What counts of a number of ours.

    Attributes:
        country: ISO 3166; blank: of several countries, or not known.
        mps: message parts per second.
    """

    identity: str
    kind: str
    country: str
    mps: int
    active: bool = True

    def reaches(self, country: str) -> bool:
        """Whether it could send to a country at all."""
        return self.country in (country, "") or self.kind not in _AT_HOME_ONLY


def judge(members: Collection[Member], country: str) -> dict[str, str]:
    """Which numbers of a pool texts to a country leave from: identity → why not; blank: they do. Pure.

    As AWS's own pools: numbers of the very country, where there are any; else those that can send there.
    """
    found = {one.identity: _cannot(one, country) for one in members}
    able = [one for one in members if not found[one.identity]]
    if any(one.country == country for one in able):
        found |= {one.identity: f"the pool has numbers of {country}" for one in able if one.country != country}
    return found


def _cannot(member: Member, country: str) -> str:
    if not member.active:
        return "switched off"
    if not member.reaches(country):
        return f"a {_AT_HOME_ONLY[Kind(member.kind)]} of {member.country} sends to {member.country} only"
    return ""


def problem(pool: str, country: str, members: Collection[Member]) -> str:
    """Why a rule for a country cannot name a pool, and what to do; blank: it can. Pure."""
    if not members:
        return (
            f"No number is in {pool}, as far as Textback knows. Run manage.py sync_numbers if that has changed; else "
            "choose another pool, or numbers."
        )
    why = judge(members, country)
    if "" in why.values():
        return ""
    told = "; ".join(f"{identity}: {reason}" for identity, reason in why.items())
    return f"No number of {pool} can send to {country} ({told}). Choose another pool, or numbers."


def known() -> dict[str, list[Member]]:
    """Every pool that a number of ours is in, with its numbers, those switched off included. One query."""
    found: dict[str, list[Member]] = defaultdict(list)
    fields = ("pool", "identity", "kind", "iso_country_code", "mps", "active")
    for pool, *values in OriginationIdentity.objects.exclude(pool="").order_by("pool", "identity").values_list(*fields):
        found[pool].append(Member(*values))
    return dict(found)


def told(pool: str, country: str, by_pool: Mapping[str, list[Member]]) -> Iterator[tuple[str, str]]:
    """Each number of a pool, and what it does for a country, in words."""
    members = by_pool.get(pool, [])
    why = judge(members, country)
    rates = {one.identity: one.mps for one in members if not why[one.identity]}
    for one in members:
        share = f"{100 * one.mps / sum(rates.values()):.0f} % of the people" if one.identity in rates else ""
        yield one.identity, share or f"not used: {why[one.identity]}"


def rules_without_numbers() -> list[str]:
    """What staff should know of rules whose pool has no number that can send there. Two queries."""
    rules = CountryRule.objects.filter(allowed=True).exclude(pool="").values_list("iso_country_code", "pool")
    by_pool = known() if rules else {}
    return [
        f"The rule for {country} means nothing: {why}"
        for country, pool in rules
        if (why := problem(pool, country, by_pool.get(pool, [])))
    ]
