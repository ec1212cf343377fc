"""Escalation policies over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import policies
from incidents.models import EscalationPolicy
from incidents.models.policies import LONGEST_WAIT, MOST_REMINDERS, default_wait
from messaging.api.base import PhoneNumberField, StrictModelSerializer, StrictSerializer
from messaging.api.resource import Resource

_MOST_STEPS = 50
_MOST_TOGETHER = 50


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "description": "A phone number in E.164."},
            {"type": "array", "items": {"type": "string"}, "description": "Several, texted together."},
        ]
    }
)
class NumbersField(serializers.Field[list[str], Any, Any, Any]):
    """One phone number, or a list of numbers that are texted together."""

    def to_internal_value(self, data: Any) -> list[str]:
        """Raises ValidationError when it is neither."""
        numbers = data if isinstance(data, list) else [data]
        if not numbers:
            raise serializers.ValidationError("Give at least one phone number.")
        if len(numbers) > _MOST_TOGETHER:
            raise serializers.ValidationError(f"At most {_MOST_TOGETHER} people can be texted together.")
        field = PhoneNumberField()
        return list(dict.fromkeys(field.run_validation(number) for number in numbers))

    def to_representation(self, value: Any) -> Any:
        """One number alone stands for itself. Those texted together have no order among them; here they get one."""
        numbers = sorted(contact.phone_number for contact in value.all())
        return numbers[0] if len(numbers) == 1 else numbers


class StepSerializer(StrictSerializer):
    """One step of a policy."""

    contact = NumbersField(source="contacts", help_text="A phone number, or a list of numbers texted together.")
    wait_seconds = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_WAIT,
        help_text="Seconds after each text; absent: the usual wait.",
    )
    reminders = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_REMINDERS,
        default=1,
        help_text="How often the same people are reminded before the next step.",
    )


class EscalationPolicySerializer(StrictModelSerializer):
    """A policy with its steps; a PATCH that gives steps replaces them all."""

    steps = StepSerializer(many=True, allow_empty=False, help_text="Who is asked, in this order.")

    class Meta:
        model = EscalationPolicy
        fields = ["name", "description", "steps"]
        extra_kwargs = {
            "name": {"help_text": "Its id in the address, and in incidents."},
            "description": {"help_text": "For whoever chooses one."},
        }

    def validate_steps(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Not without end."""
        if len(steps) > _MOST_STEPS:
            raise serializers.ValidationError(f"At most {_MOST_STEPS} steps.")
        return steps

    def create(self, validated_data: dict[str, Any]) -> EscalationPolicy:
        """A new policy."""
        steps = _drafts(validated_data.pop("steps"))
        return policies.save(EscalationPolicy(**validated_data), steps)

    def update(self, instance: EscalationPolicy, validated_data: dict[str, Any]) -> EscalationPolicy:
        """An edited policy."""
        steps = validated_data.pop("steps", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return policies.save(instance, None if steps is None else _drafts(steps))


def _drafts(steps: list[dict[str, Any]]) -> list[policies.StepDraft]:
    return [
        policies.StepDraft(step["contacts"], step.get("wait_seconds") or default_wait(), step["reminders"])
        for step in steps
    ]


@extend_schema_view(
    list=extend_schema(summary="Escalation policies, newest first"),
    retrieve=extend_schema(summary="One policy, with its steps"),
    create=extend_schema(summary="Make a policy"),
    partial_update=extend_schema(summary="Change a policy"),
)
class EscalationPolicyViewSet(
    Resource,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[EscalationPolicy],
):
    """Named lists of steps that incidents copy when they open."""

    queryset = EscalationPolicy.objects.prefetch_related("steps__contacts")
    serializer_class = EscalationPolicySerializer
    http_method_names = ["get", "head", "options", "post", "patch"]
    lookup_field = "name"
    lookup_value_regex = r"[^/]+"

    def partial_update(self, request: Request, name: str) -> Response:
        """Edit what is given. A step that is given is a whole step, which DRF's own partial update would not see to."""
        serializer = EscalationPolicySerializer(self.get_object(), data=request.data)
        for field in serializer.fields.values():
            field.required = False
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)
