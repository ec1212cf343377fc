"""Pools of the AWS account, as sync_numbers mirrored them: which of a pool's numbers texts to a country leave from.

Texts are never sent from a pool itself (docs/decisions/0034-the-account.md). A rule for a country that names one means
its numbers, shared out as numbers that it names are.
"""

from collections import defaultdict
from collections.abc import Collection
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


def meant(named: Collection[Member], pooled: Collection[Member], country: str) -> list[tuple[str, str]]:
    """Each number that a rule names, by itself or by its pool, and what it does for the country, in words. Pure."""
    why = judge(pooled, country) | {one.identity: "" if one.active else "switched off" for one in named}
    members = {one.identity: one for one in (*named, *pooled)}
    rates = {identity: members[identity].mps for identity, reason in why.items() if not reason}
    found = []
    for identity in sorted(members):
        words = f"not used: {why[identity]}"
        if identity in rates:
            words = f"{100 * rates[identity] / sum(rates.values()):.0f} % of the people"
            if members[identity].kind == Kind.SENDER_ID:
                words += ", where no answer is asked for"
        found.append((identity, words))
    return found


def of_rule(rule: CountryRule) -> list[tuple[str, str]]:
    """As ``meant``, of a rule as it is saved. Two queries."""
    named = [Member(one.identity, one.kind, one.iso_country_code, one.mps, one.active) for one in rule.numbers.all()]
    return meant(named, known().get(rule.pool, []) if rule.pool else [], rule.iso_country_code)


def rules_without_numbers() -> list[str]:
    """What staff should know of rules whose pool has no number that can send there. Two queries."""
    rules = CountryRule.objects.filter(allowed=True).exclude(pool="").values_list("iso_country_code", "pool")
    by_pool = known() if rules else {}
    return [
        f"The rule for {country} means nothing: {why}"
        for country, pool in rules
        if (why := problem(pool, country, by_pool.get(pool, [])))
    ]
