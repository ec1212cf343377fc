"""/keywords/: words that staff have given a meaning."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from messaging import forms
from messaging.api.base import Conflict, StrictModelSerializer
from messaging.api.filters import StrictFilters
from messaging.api.resource import Resource
from messaging.inbound.keywords import the_word
from messaging.models import Keyword


class KeywordSerializer(StrictModelSerializer):
    """A word that staff have given a meaning. The whole text must be the word, in upper or lower case."""

    class Meta:
        model = Keyword
        fields = ["word", "action", "text"]
        extra_kwargs = {
            "word": {"help_text": "One word, kept in upper case.", "max_length": 60},
            "action": {"help_text": "Answer with the text, or treat the word as one to opt out or in."},
            "text": {"help_text": "What to answer; needed for reply."},
        }

    def validate_word(self, word: str) -> str:
        """As it is compared, and not taken."""
        try:
            word = forms.read_keyword(word)
            forms.check_word_is_free(word, self.instance.pk if self.instance else None)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from problem
        return word

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The action goes with the word, and a reply has a text that can be sent."""
        word = attrs.get("word", getattr(self.instance, "word", ""))
        action = attrs.get("action", getattr(self.instance, "action", Keyword.Action.REPLY))
        text = attrs.get("text", getattr(self.instance, "text", ""))
        try:
            forms.check_action(word, action)
            forms.check_answer(action, text)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.message_dict) from problem
        return attrs

    def save(self, **fields: Any) -> Any:
        """Raises Conflict when somebody gives the same word a meaning in the same moment."""
        try:
            return super().save(**fields)
        except IntegrityError as problem:
            raise Conflict("Somebody gave this word a meaning in the same moment. Change that one.") from problem


@extend_schema_view(
    list=extend_schema(summary="Words with a meaning"),
    retrieve=extend_schema(summary="One word"),
    create=extend_schema(summary="Give a word a meaning"),
    partial_update=extend_schema(summary="Change a word"),
    destroy=extend_schema(summary="Take a word's meaning away"),
)
class Keywords(Resource, ModelViewSet[Keyword]):
    """Words that staff have given a meaning; in the URL upper and lower case are the same."""

    queryset = Keyword.objects.all()
    serializer_class = KeywordSerializer
    filter_backends = [StrictFilters]
    lookup_field = "word"
    lookup_value_regex = "[^/]+"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_object(self) -> Keyword:
        """The word, however it is written."""
        self.kwargs["word"] = the_word(self.kwargs["word"])
        return super().get_object()
