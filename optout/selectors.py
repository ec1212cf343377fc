"""Reads: how somebody stands with a number of ours, and who of many has opted out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import InboundMessage
from messaging.privacy.names import KEPT, kept_as, kept_as_of_all
from optout import standing
from optout.ledger import standing_of
from optout.listening import added_words, listen
from optout.models import EVERY_NUMBER, Action, Consent, ConsentEvent, Plea, Source, State
from optout.standing import Said, Standing

Pair = tuple[str, str]
_FIELDS = ("state", "since", "source", "latest_at")


def standing_with(phone_number: str, origination_identity: str) -> Standing | None:
    """How somebody stands with one number; None when nothing was ever said that concerns it."""
    rows = Consent.objects.filter(
        phone_number__in=[phone_number, kept_as(phone_number)],
        origination_identity__in=[origination_identity, EVERY_NUMBER],
    )
    return _counts(_by_person(rows, {kept_as(phone_number): phone_number}).get(phone_number, {}), origination_identity)


def opted_out(pairs: Sequence[Pair]) -> dict[Pair, Standing]:
    """Those (phone number, origination identity) whose person has opted out of that number.

    One query for some people of whom none has opted out or waits to be heard, two for any number of them, three where
    somebody was erased who had opted out; two more for those who have.

    What somebody has texted counts as soon as it is stored, though it is not recorded yet: routing may be behind. If
    such a text may be a word that staff have added, these are one more query.

    Raises:
        django.db.DatabaseError: nobody can tell.
    """
    who = _who_spoke({number for number, _ in pairs})
    return _of_those(pairs, _scopes(who)) if who else {}


def _who_spoke(numbers: Collection[str]) -> set[str]:
    """Those of these people of whom something has to be read. What is kept of somebody erased goes by another name."""
    if len(numbers) <= _FEW:
        kept = kept_as_of_all(numbers)
        return {kept.get(found, found) for (found,) in _SPOKE.rows(phone_numbers=[*kept, *kept.values()])}
    spoke = {found for (found,) in _SPOKE.rows(phone_numbers=numbers)}
    # In this order: who is erased between the two is found by the second.
    if _SOMEBODY_IS_KEPT.any():
        kept = kept_as_of_all(numbers)
        spoke |= {kept[found] for (found,) in _OPTED_OUT.rows(phone_numbers=list(kept))}
    return spoke


def _spoke(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
    """Those of these people who have opted out of anything, or whose texts nobody has routed."""
    unrouted = InboundMessage.objects.filter(
        OneOf("origination_phone_number", phone_numbers), routed_at__isnull=True
    ).order_by()
    return _opted_out(phone_numbers).union(unrouted.values_list("origination_phone_number"), all=True)


def _opted_out(phone_numbers: Collection[str]) -> QuerySet[Any, Any]:
    rows = Consent.objects.filter(OneOf("phone_number", phone_numbers), state=State.OPTED_OUT)
    return rows.order_by().values_list("phone_number")


_SPOKE = Compiled(_spoke, phone_numbers=list)
# A hash texts nobody.
_OPTED_OUT = Compiled(_opted_out, phone_numbers=list)
# Of few people their hashes cost less than the question whether anybody's is there.
_FEW = 100
# What begins so is not before it in any order of letters that contracts no hyphen: so the index finds it.
_SOMEBODY_IS_KEPT = Compiled(
    lambda: (
        Consent.objects.filter(phone_number__gte=KEPT, phone_number__startswith=KEPT, state=State.OPTED_OUT)
        .order_by()
        .values_list("id")[:1]
    )
)


def _scopes(phone_numbers: Collection[str]) -> dict[str, dict[str, Standing]]:
    """How these people stand with each number, by what is recorded and what is only stored."""
    # Texts first: one that is routed between the two queries is in the second at the latest.
    unrouted = InboundMessage.objects.filter(
        OneOf("origination_phone_number", phone_numbers), routed_at__isnull=True
    ).order_by()
    texts = list(unrouted.values_list("origination_phone_number", "destination_phone_number", "received_at", "body"))
    kept = kept_as_of_all(phone_numbers)
    rows = Consent.objects.filter(OneOf("phone_number", [*kept, *kept.values()])).order_by()
    found = _by_person(rows, kept)
    added = cache(added_words)
    for phone_number, identity, at, body in texts:
        if heard := listen(body, added):
            scopes = found.setdefault(phone_number, {})
            said = Said(heard.meaning.action, at, Source.SMS)
            for scope in {EVERY_NUMBER, *scopes} if heard.meaning.every_number else {identity}:
                scopes[scope] = _told(_counts(scopes, scope), said)
    return found


def _by_person(rows: Iterable[Consent], kept: Mapping[str, str]) -> dict[str, dict[str, Standing]]:
    """Scope → standing of each person; ``kept`` says whose number each hash is."""
    own: dict[str, dict[str, Standing]] = {}
    before: dict[str, dict[str, Standing]] = {}
    for row in rows:
        number = kept.get(row.phone_number)
        of = own if number is None else before
        of.setdefault(number or row.phone_number, {})[row.origination_identity] = standing_of(row)
    return {number: standing.merged(own.get(number, {}), before.get(number, {})) for number in {*own, *before}}


def _told(stands: Standing | None, said: Said) -> Standing:
    if stands is None or not standing.is_late(stands, said):
        return standing.after(stands, said)
    in_the_same_instant = said.at == stands.latest_at and said.action == Action.OPT_OUT
    return standing.after(stands, said) if in_the_same_instant else stands


def _counts(scopes: Mapping[str, Standing], identity: str) -> Standing | None:
    return scopes.get(identity) or scopes.get(EVERY_NUMBER)


def _of_those(pairs: Sequence[Pair], found: Mapping[str, Mapping[str, Standing]]) -> dict[Pair, Standing]:
    refused: dict[Pair, Standing] = {}
    for pair in pairs:
        if scopes := found.get(pair[0]):
            stands = _counts(scopes, pair[1])
            if stands and stands.opted_out:
                refused[pair] = stands
    return refused


def waiting_pleas() -> QuerySet[Plea]:
    """The review list: what nobody has decided yet."""
    return Plea.objects.filter(decision="").select_related("text")


def history_of(row: Consent) -> QuerySet[ConsentEvent]:
    """What was said that concerns the number of a state: of it and of every number, the newest first."""
    concerns = Q(every_number=True)
    if row.origination_identity != EVERY_NUMBER:
        concerns |= Q(origination_identity=row.origination_identity)
    return ConsentEvent.objects.filter(concerns, phone_number=row.phone_number).order_by("-occurred_at", "-id")
