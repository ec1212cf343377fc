"""What people may type: phone numbers as they write them, and numbers of ours that make sense."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from messaging import numbers, pools
from messaging.inbound.keywords import HELP, reserved, the_word
from messaging.models import CountryRule, Keyword, OriginationIdentity
from messaging.text import BodyEmpty, BodyTooLong, check
from messaging.validators import validate_phone_number

# What people put between digits: spaces of all kinds, brackets, dashes, dots, slashes; and marks that come with a copy.
_BETWEEN = re.compile(r"[\s()\[\]./\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069-]+")

# Numbers of a pool that are named where it is chosen.
_SHOWN = 3


def read_phone_number(text: str) -> str:
    """The phone number in E.164 that a person wrote with spaces, brackets, dashes, or 00 for +.

    Raises:
        ValidationError: it has no country code, or can be no phone number.
    """
    # "+44 (0)20 …" writes two forms at once; the 0 belongs to the one without country code.
    value = _BETWEEN.sub("", text.replace("(0)", ""))
    if value.startswith("00"):
        value = f"+{value[2:]}"
    if not value.startswith("+"):
        raise ValidationError(
            "Begin with + and the country code: +1 425 555 0182. Without it nobody knows which country is meant.",
            code="no_country_code",
        )
    validate_phone_number(value)
    return value


class PhoneNumberField(forms.CharField):
    """A phone number as people write it; its value is E.164."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError when it is no phone number with a country code."""
        value = super().clean(value)
        return read_phone_number(value) if value else value


def read_keyword(text: str) -> str:
    """The word of a keyword as an inbound text is compared with it: upper case, without what people put around it.

    Raises:
        ValidationError: it is not one word, or too long.
    """
    word = the_word(text)
    longest = Keyword._meta.get_field("word").max_length or 0
    if not word:
        raise ValidationError("Give one word: the whole text must be this word.", code="not_one_word")
    if "/" in word or len(word) > longest:
        raise ValidationError(f"Give one word of at most {longest} characters, without /.", code="invalid_word")
    return word


def check_word_is_free(word: str, own: int | None) -> None:
    """Refuse a word that another keyword than ``own`` has, or that a conversation or interceptor needs for itself.

    A reserved word that ``own`` has already may stay: it was given before the word was reserved.

    Raises:
        ValidationError: it has a meaning already; the message says what to do.
    """
    holder = Keyword.objects.filter(word__iexact=word).values_list("pk", flat=True).first()
    if holder not in (None, own):
        raise ValidationError(f"{word} has a meaning already. Change that one.", code="unique")
    if holder is None and (reason := reserved(word)):
        raise ValidationError(reason, code="reserved")


def check_action(word: str, action: str) -> None:
    """Refuse to make HELP a consent word: whoever sends it asks for an answer.

    Raises:
        ValidationError: on ``action``.
    """
    if word.upper() == HELP and action != Keyword.Action.REPLY:
        raise ValidationError({"action": "HELP must be answered. Choose “Reply with the text”, or another word."})


def check_answer(action: str, text: str) -> None:
    """Refuse a keyword whose answer cannot be sent.

    Raises:
        ValidationError: on ``text``.
    """
    if not text and action != Keyword.Action.REPLY:
        return
    try:
        check(text)
    except BodyEmpty as problem:
        raise ValidationError({"text": "A reply needs a text: write what is to be answered."}) from problem
    except BodyTooLong as problem:
        raise ValidationError({"text": str(problem)}) from problem


class KeywordForm(forms.ModelForm):  # type: ignore[type-arg]
    """A word that staff give a meaning."""

    class Meta:
        model = Keyword
        fields = ["word", "action", "text"]

    def clean_word(self) -> str:
        """As it is compared, and not taken."""
        word = read_keyword(self.cleaned_data["word"])
        check_word_is_free(word, self.instance.pk)
        return word

    def clean(self) -> dict[str, Any] | None:
        """The action goes with the word, and the answer can be sent."""
        cleaned = super().clean()
        check_action(self.cleaned_data.get("word", ""), self.cleaned_data.get("action", ""))
        check_answer(self.cleaned_data.get("action", ""), self.cleaned_data.get("text", ""))
        return cleaned


def check_identity(identity: str, kind: str, *, two_way: bool) -> None:
    """Refuse a kind that does not go with the form of the identity, and a sender ID that people could answer.

    Raises:
        ValidationError: on the field at fault.
    """
    is_sender_id = numbers.kind_of(identity) == OriginationIdentity.Kind.SENDER_ID
    if is_sender_id != (kind == OriginationIdentity.Kind.SENDER_ID):
        what = "has letters: it is a sender ID" if is_sender_id else "is a number, not a sender ID"
        raise ValidationError({"kind": f"{identity} {what}. Choose the kind accordingly."})
    if is_sender_id and two_way:
        raise ValidationError({"two_way": "A sender ID cannot be answered. Turn two-way off."})


class OriginationIdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """A number of ours. What is left empty is derived from its form, as the API does."""

    class Meta:
        model = OriginationIdentity
        fields = ["identity", "kind", "iso_country_code", "mps", "two_way", "self_managed_opt_outs", "active"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, hint in {
            "kind": "Empty: read from the identity. +1 800 and the like are toll-free, other +1 10DLC.",
            "iso_country_code": "Two letters. Empty: read from the identity.",
            "mps": "Message parts per second that AWS allows. Empty: AWS's default for the kind.",
        }.items():
            if name in self.fields:
                self.fields[name].required, self.fields[name].help_text = False, hint
        if not self.instance.pk and "mps" in self.fields:
            self.fields["mps"].widget.attrs["placeholder"] = "short code 100, long code 10, toll-free 3, 10DLC 1"

    def clean_iso_country_code(self) -> str:
        """Two letters, in capitals: it is compared with the country of a recipient."""
        country: str = self.cleaned_data["iso_country_code"].strip().upper()
        if country and not numbers.is_country(country):
            raise ValidationError("Give the two letters of ISO 3166, for example US.")
        return country

    def clean(self) -> dict[str, Any] | None:
        """Derive what is left empty; kind and two-way must go with the form of the identity."""
        cleaned = super().clean()
        found = self.cleaned_data
        identity = found.get("identity") or self.instance.identity
        if not identity or self.errors:
            return cleaned
        found["kind"] = kind = found.get("kind") or numbers.kind_of(identity)
        if identity.startswith("+"):
            found["iso_country_code"] = found.get("iso_country_code") or numbers.country_of(identity)
        found["mps"] = found.get("mps") or numbers.default_mps(kind, found.get("iso_country_code", ""))
        if not self.instance.pk and kind == OriginationIdentity.Kind.SENDER_ID:
            found["two_way"] = found["self_managed_opt_outs"] = False
        check_identity(identity, kind, two_way=bool(found.get("two_way")))
        return cleaned


class CountryRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What holds for a country. The pool is one of those that numbers of ours are in."""

    class Meta:
        model = CountryRule
        fields = ["iso_country_code", "allowed", "numbers", "pool"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pools = pools.known()
        if "pool" in self.fields:
            # Also the one that it has and that nothing is in any more: the page must not take it away by itself.
            there = {
                **self._pools,
                **({self.instance.pool: []} if self.instance.pool not in ("", *self._pools) else {}),
            }
            offered = [(pool, f"{pool}: {_in_words(members)}") for pool, members in there.items()]
            self.fields["pool"].widget.choices = [("", "None"), *offered]

    def clean(self) -> dict[str, Any] | None:
        """The pool has a number that can send there."""
        cleaned = super().clean()
        found = self.cleaned_data
        pool, country = found.get("pool", ""), found.get("iso_country_code", "")
        asked = pool and country and found.get("allowed")
        if asked and (why := pools.problem(pool, country, self._pools.get(pool, []))):
            self.add_error("pool", why)
        return cleaned


def _in_words(members: list[pools.Member]) -> str:
    shown = ", ".join(one.identity for one in members[:_SHOWN])
    more = f" and {len(members) - _SHOWN} more" if len(members) > _SHOWN else ""
    return f"{shown}{more}" if members else "no number is in it any more"
