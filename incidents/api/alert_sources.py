"""Alert sources over HTTP: set up by people with the permission, and the door at which each source delivers."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.alerts import intake, sources, tokens
from incidents.alerts.sources import RuleDraft
from incidents.alerts.values import Unreadable as UnreadableAlert
from incidents.api.alert_door import LONGEST_BODY, DoorToken, RawJSON, TokenOfThisSource
from incidents.models import AlertRule, AlertSource, EscalationPolicy
from incidents.models.alert_sources import valid_matchers
from messaging.api.base import NameOfRow, StrictModelSerializer
from messaging.api.problems import WHOLE
from messaging.api.resource import Resource
from messaging.inbound import payload
from messaging.outbound.delivery import Unreadable

_MOST_RULES = 50


class RuleSerializer(StrictModelSerializer):
    """Whom alerts with certain labels ask; the first that matches decides."""

    when = serializers.CharField(
        source="matchers",
        max_length=300,
        validators=[valid_matchers],
        help_text="Conditions on labels, all of which must hold: severity=critical, team!=web, host=db-*",
    )
    escalation_policy = NameOfRow(
        source="policy",
        slug_field="name",
        queryset=EscalationPolicy.objects.all(),
        allow_null=True,
        help_text="null: recorded, and nobody is asked.",
    )

    class Meta:
        model = AlertRule
        fields = ["when", "escalation_policy"]


class AlertSourceSerializer(StrictModelSerializer):
    """A source with its rules; a PATCH that gives rules replaces them all."""

    slug = serializers.SlugField(
        required=False, max_length=50, help_text="Names it in addresses. Left out: made from the name."
    )
    prefix = serializers.CharField(required=False, max_length=6, help_text="Ids of its incidents begin with it.")
    default_policy = NameOfRow(
        source="policy",
        slug_field="name",
        queryset=EscalationPolicy.objects.all(),
        allow_null=True,
        required=False,
        help_text="Asked when no rule matches. null: recorded, and nobody is asked.",
    )
    rules = RuleSerializer(
        many=True,
        required=False,
        help_text="The first whose conditions hold decides. Given, they replace all there are.",
    )

    class Meta:
        model = AlertSource
        fields = [
            "slug",
            "name",
            "kind",
            "active",
            "prefix",
            "grouping",
            "default_policy",
            "rules",
            "limit",
            "limit_minutes",
            "topic_arn",
            "key_path",
            "description_path",
            "url_path",
            "status_path",
            "resolved_values",
        ]
        extra_kwargs = {
            "kind": {"help_text": "What it speaks."},
            "grouping": {
                "help_text": "What becomes one incident; of alertmanager and grafana. Others have one for each alert."
            },
            "limit_minutes": {"help_text": "The time of limit, in minutes."},
        }
        # incidents.alerts.sources checks it whole.
        validators: list[Any] = []

    def validate_rules(self, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Not without end."""
        if len(rules) > _MOST_RULES:
            raise serializers.ValidationError(f"At most {_MOST_RULES} rules.")
        return rules

    def create(self, validated_data: dict[str, Any]) -> AlertSource:
        """A new source."""
        rules = _drafts(validated_data.pop("rules", []))
        return sources.save(AlertSource(**validated_data), rules)

    def update(self, instance: AlertSource, validated_data: dict[str, Any]) -> AlertSource:
        """An edited source."""
        rules = validated_data.pop("rules", None)
        return sources.change(instance.pk, validated_data, None if rules is None else _drafts(rules))


def _nested(problems: Mapping[str, list[str]]) -> dict[str, Any]:
    """As refusals have deep fields: ``alerts.1.fingerprint`` is a fingerprint within 1 within alerts."""
    found: dict[str, Any] = {}
    # What is at fault itself comes before what is within it.
    for name in sorted(problems):
        *above, last = name.split(".")
        level = found
        for part in above:
            inner = level.setdefault(part, {})
            if isinstance(inner, list):
                inner = level[part] = {WHOLE: inner}
            level = inner
        level[last] = problems[name]
    return found


def _drafts(rules: list[dict[str, Any]]) -> list[RuleDraft]:
    return [RuleDraft(rule["matchers"], rule["policy"]) for rule in rules]


class StoredSerializer(serializers.Serializer[Any]):
    """What a source is answered when its delivery is stored."""

    detail = serializers.CharField(help_text="How many alerts were stored, in words.")
    delivery = serializers.IntegerField(help_text="Its number in the admin's list of deliveries.")


@extend_schema_view(
    list=extend_schema(summary="Alert sources, newest first"),
    retrieve=extend_schema(summary="One alert source, with its rules"),
    create=extend_schema(summary="Set up an alert source"),
)
class AlertSourceViewSet(
    Resource,
    mixins.ListModelMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[AlertSource],
):
    """Monitoring systems that open and close incidents by themselves. Tokens are made in the admin."""

    queryset = AlertSource.objects.select_related("policy").prefetch_related("rules__policy")
    serializer_class = AlertSourceSerializer
    http_method_names = ["get", "head", "options", "post", "patch"]
    lookup_field = "slug"
    lookup_value_regex = r"[a-z0-9-]{1,50}"

    @extend_schema(summary="Change an alert source")
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change what is given, but for kind and slug. A rule that is given is a whole rule, and rules replace all."""
        serializer = AlertSourceSerializer(self.get_object(), data=request.data)
        for field in serializer.fields.values():
            field.required = False
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    @extend_schema(
        summary="The door: what a monitoring system sends",
        description=(
            "Alertmanager's webhook (version 4), Grafana's contact point, or JSON of one's own, as the source is set "
            "up. The Authorization header has a token of this source: Bearer, or Basic with the token as password. "
            "202 once it is stored; its alerts are worked within seconds. 400 can never be valid and need not be sent "
            "again; 5xx is our trouble: send it again."
        ),
        request={"application/json": OpenApiTypes.OBJECT},
        responses={
            202: OpenApiResponse(StoredSerializer, description="Stored."),
            400: OpenApiResponse(description="It can never be read: the reasons, field by field. Staff see it too."),
            401: OpenApiResponse(description="This is no token of this source, or there is no such source."),
            403: OpenApiResponse(description="The source is turned off."),
            413: OpenApiResponse(description=f"The body has more than {LONGEST_BODY} bytes."),
            429: OpenApiResponse(description="Too many wrong tokens from this address. A good one is never refused."),
        },
    )
    @action(
        detail=True,
        methods=["post"],
        authentication_classes=[DoorToken],
        permission_classes=[TokenOfThisSource],
        parser_classes=[RawJSON],
        # What a token of 256 bits guards is not counted: in a storm every delivery matters.
        throttle_classes=[],
    )
    def deliver(self, request: Request, slug: str) -> Response:
        """Store a delivery, and answer."""
        source: AlertSource = request.auth.source  # type: ignore[union-attr]
        if not source.active:
            raise PermissionDenied(f"The alert source {source} is turned off.")
        given: Any = request.data
        # Without a body there is nothing to parse, and an empty object comes instead.
        raw = given if isinstance(given, bytes) else b""
        try:
            delivery = intake.take(source, payload.read(raw, "The body"))
        except Unreadable as problem:
            intake.refuse(source, raw.decode("utf-8", "replace"), str(problem))
            raise serializers.ValidationError({"body": [str(problem)]}) from problem
        except UnreadableAlert as problem:
            raise serializers.ValidationError(_nested(problem.problems)) from problem
        tokens.note_use(request.auth)  # type: ignore[arg-type]
        alerts = "1 alert is" if delivery.alerts_count == 1 else f"{delivery.alerts_count} alerts are"
        stored = {"detail": f"{alerts} stored.", "delivery": delivery.pk}
        return Response(stored, status=status.HTTP_202_ACCEPTED)
