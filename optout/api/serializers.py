"""Consent as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from messaging.api.base import PhoneNumberField, StrictModelSerializer, StrictSerializer
from messaging.models import OriginationIdentity
from optout import selectors
from optout.models import EVERY_NUMBER, Action, ConsentEvent, Source, State

_NONE = "none"


class OurNumberField(serializers.CharField):
    """A number of ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=20, **options)

    def to_internal_value(self, data: Any) -> str:
        """Raises ValidationError when it is not among our numbers."""
        value: str = super().to_internal_value(data)
        # No number of ours has NUL or half an emoji in it, and databases refuse to look for some of it.
        if not (value.isprintable() and OriginationIdentity.objects.filter(identity=value).exists()):
            raise serializers.ValidationError(
                f"{value} is none of our numbers. GET /api/v1/origination-identities/ lists them; "
                "write it as it stands there."
            )
        return value


# Without this the schema would have a list of them, for the method is named list.
@extend_schema_serializer(many=False)
class ConsentSerializer(serializers.Serializer[Any]):
    """How somebody stands with one number of ours."""

    phone_number = serializers.CharField(read_only=True, help_text="E.164, or the short code that texted us.")
    origination_identity = serializers.CharField(
        read_only=True, help_text="The number of ours; blank when every number was meant and none was named."
    )
    state = serializers.ChoiceField(
        choices=[*State.choices, (_NONE, "None")],
        read_only=True,
        help_text="none: nothing was ever said that concerns this number. Only opted_out forbids texts.",
    )
    since = serializers.DateTimeField(read_only=True, allow_null=True, help_text="When it became so; null for none.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=Source.choices, read_only=True, allow_null=True, help_text="By which way; null for none."
    )


def standing(phone_number: str, origination_identity: str) -> Any:
    """How somebody stands with one number of ours, as the API says it."""
    stands = selectors.standing_with(phone_number, origination_identity)
    return ConsentSerializer(
        {
            "phone_number": phone_number,
            "origination_identity": origination_identity,
            "state": stands.state if stands else _NONE,
            "since": stands.since if stands else None,
            "source": stands.source if stands else None,
        }
    ).data


class ConsentRequestSerializer(StrictSerializer):
    """What somebody said of being texted, recorded by another system."""

    phone_number = PhoneNumberField(help_text="Who said it, E.164.")
    origination_identity = OurNumberField(
        required=False,
        allow_blank=True,
        help_text="The number of ours that it is about. May be left out only with every_number.",
    )
    action = serializers.ChoiceField(choices=Action.choices, help_text="What they want.")
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="For the history: where and how it was said."
    )
    every_number = serializers.BooleanField(
        required=False, default=False, help_text="It is about all our numbers, later ones included."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """It is about something."""
        attrs.setdefault("origination_identity", EVERY_NUMBER)
        if not (attrs["origination_identity"] or attrs["every_number"]):
            raise serializers.ValidationError(
                {"origination_identity": ["Give the number of ours that it is about, or set every_number to true."]}
            )
        return attrs


class ConsentEventSerializer(StrictModelSerializer):
    """One line of the history."""

    # A plain string in the schema: with its choices it would share a name there with the action of a keyword.
    action = serializers.CharField(read_only=True, help_text="opt_out or opt_in.")

    class Meta:
        model = ConsentEvent
        fields = [
            "phone_number",
            "origination_identity",
            "every_number",
            "action",
            "word",
            "text",
            "source",
            "actor",
            "reason",
            "occurred_at",
            "recorded_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "phone_number": {"help_text": "Who. E.164, or the short code that texted us."},
            "reason": {"help_text": "Where and how it was said, as whoever recorded it wrote; or blank."},
            "word": {"help_text": "The word that was understood; blank when it came another way."},
            "text": {"help_text": "The text as it was written, its first 300 characters."},
            "source": {"help_text": "By which way it came."},
            "actor": {"help_text": "Who of our side recorded it: a username, or blank."},
            "occurred_at": {"help_text": "When it was said. The latest counts, whenever it reached us."},
            "recorded_at": {"help_text": "When it reached us."},
        }


class ConsentLinkRequestSerializer(StrictSerializer):
    """Whose page, about which number of ours."""

    phone_number = PhoneNumberField(help_text="Whose page, E.164.")
    origination_identity = OurNumberField(help_text="The number of ours that it is about.")


class ConsentLinkSerializer(serializers.Serializer[Any]):
    """A link to somebody's preferences page. Whoever has it may opt this phone out and in."""

    url = serializers.URLField(read_only=True, help_text="Send it to that phone alone.")
    expires_at = serializers.DateTimeField(read_only=True, help_text="After this the link says how to opt out by text.")
