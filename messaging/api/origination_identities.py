"""/origination-identities/: the numbers we send from, and letting a paused one go on."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from messaging import forms, numbers, selectors
from messaging.api.base import Conflict, NothingToSay, StrictModelSerializer
from messaging.api.filters import StrictFilters
from messaging.api.resource import Resource
from messaging.models import Lane, OriginationIdentity
from messaging.outbound import pauses

_SAME_MOMENT = "Somebody changed the numbers in the same moment. Try again."


class OriginationIdentitySerializer(StrictModelSerializer):
    """A number, short code or sender ID that texts are sent from."""

    kind = serializers.ChoiceField(
        choices=OriginationIdentity.Kind.choices, required=False, help_text="Derived from the identity when absent."
    )
    iso_country_code = serializers.RegexField(
        r"\A[A-Z]{2}\Z",
        required=False,
        allow_blank=True,
        help_text="ISO 3166, two capital letters; derived from the identity when absent.",
        error_messages={"invalid": "Give the two capital letters of ISO 3166, for example US."},
    )
    mps = serializers.IntegerField(
        min_value=1,
        max_value=5000,
        required=False,
        help_text="Message parts per second that AWS allows; AWS's default for the kind when absent.",
    )
    is_default = serializers.BooleanField(
        required=False, help_text="Used where nothing else decides. Setting it takes it from the one that had it."
    )
    paused_reason = serializers.SerializerMethodField(help_text="Why sending is paused and what to do; else blank.")
    paused_at = serializers.SerializerMethodField(help_text="Since when sending is paused; else null.")

    held_reason = serializers.SerializerMethodField(
        help_text="Why nothing is sent for the moment; Textback tries again by itself. Else blank."
    )
    held_at = serializers.SerializerMethodField(help_text="Since when nothing is sent for that reason; else null.")

    class Meta:
        model = OriginationIdentity
        fields = [
            "identity",
            "kind",
            "iso_country_code",
            "mps",
            "two_way",
            "self_managed_opt_outs",
            "is_default",
            "active",
            "paused_reason",
            "paused_at",
            "held_reason",
            "held_at",
        ]

    def get_paused_reason(self, number: OriginationIdentity) -> str:
        """Blank while sending goes on."""
        lane = _lane(number)
        return lane.paused_reason if lane else ""

    def get_paused_at(self, number: OriginationIdentity) -> datetime | None:
        """Null while sending goes on."""
        lane = _lane(number)
        return lane.paused_at if lane else None

    def get_held_reason(self, number: OriginationIdentity) -> str:
        """Blank while the guards can be asked."""
        lane = _lane(number)
        return lane.held_reason if lane else ""

    def get_held_at(self, number: OriginationIdentity) -> datetime | None:
        """Null while the guards can be asked."""
        lane = _lane(number)
        return lane.held_at if lane else None

    def validate_identity(self, identity: str) -> str:
        """Texts name the number they leave from: a number is never renamed, another one is added."""
        if self.instance is not None and identity != self.instance.identity:
            raise serializers.ValidationError("An identity cannot be renamed. Add another, and make this one inactive.")
        return identity

    def validate_iso_country_code(self, code: str) -> str:
        """It is compared with the country of a recipient: one that nobody's number has would never fit."""
        if code and not numbers.is_country(code):
            raise serializers.ValidationError(f"{code} is no country of ISO 3166. Give for example US.")
        return code

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Kind and two-way must go with the form of the identity."""
        identity: str = attrs["identity"] if self.instance is None else self.instance.identity
        kind: str = attrs.get("kind") or getattr(self.instance, "kind", None) or numbers.kind_of(identity)
        by_default = kind != OriginationIdentity.Kind.SENDER_ID
        two_way = attrs.get("two_way", self.instance.two_way if self.instance else by_default)
        try:
            forms.check_identity(identity, kind, two_way=two_way)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.message_dict) from problem
        return attrs

    def create(self, fields: dict[str, Any]) -> OriginationIdentity:
        """Add it; what is not given is derived."""
        try:
            return numbers.create(**fields)
        except IntegrityError as problem:
            raise Conflict(_SAME_MOMENT) from problem

    def update(self, number: OriginationIdentity, fields: dict[str, Any]) -> OriginationIdentity:
        """Change what is given and nothing else: others may be changing the rest."""
        default = fields.pop("is_default", number.is_default)
        for name, value in fields.items():
            setattr(number, name, value)
        number.full_clean()
        try:
            with transaction.atomic():
                if default and not number.is_default:
                    numbers.make_default(number)
                number.is_default = default
                number.save(update_fields=[*fields, "is_default"])
        except IntegrityError as problem:
            raise Conflict(_SAME_MOMENT) from problem
        return number


def _lane(number: OriginationIdentity) -> Lane | None:
    # A number that never sent has no lane yet.
    return getattr(number, "lane", None)


@extend_schema_view(
    list=extend_schema(summary="Our numbers"),
    retrieve=extend_schema(summary="One of our numbers"),
    create=extend_schema(summary="Add a number"),
    partial_update=extend_schema(summary="Change a number"),
)
class OriginationIdentities(
    Resource,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    GenericViewSet[OriginationIdentity],
):
    """Numbers, short codes and sender IDs that texts are sent from. In the URL + may be written as %2B."""

    queryset = selectors.origination_identities()
    serializer_class = OriginationIdentitySerializer
    filter_backends = [StrictFilters]
    lookup_field = "identity"
    lookup_value_regex = "[^/]+"
    http_method_names = ["get", "post", "patch", "head", "options"]
    action_perms = {"resume": "messaging.change_originationidentity"}

    @extend_schema(summary="Let a paused number go on", request=NothingToSay, responses=OriginationIdentitySerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, identity: str) -> Response:
        """Sending goes on; nothing changes when it was not paused."""
        NothingToSay(data=request.data).is_valid(raise_exception=True)
        pauses.resume(self.get_object().identity)
        return Response(self.get_serializer(self.get_object()).data)
