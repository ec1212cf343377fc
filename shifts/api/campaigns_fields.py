"""What /campaigns/ takes and answers, field by field."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from messaging.api.base import MomentField, StrictSerializer
from shifts import campaigns
from shifts.models import Campaign, CampaignVersion, Status

_MOST_SHIFTS = 1000


class TranslationRequestSerializer(StrictSerializer):
    """What whoever has this language reads instead."""

    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, help_text="One that texts are shipped in. Each is given once."
    )
    campaign_message = serializers.CharField(
        source="message",
        error_messages={"blank": "Write what the text shall say."},
        help_text="What the text says in this language, before the words on how to book.",
    )
    footer = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="How to book. {codes} becomes the codes of the shifts. Absent: the usual words in this language.",
    )

    def version(self, given: dict[str, Any]) -> campaigns.Version:
        """One that was validated; null and absent are the same."""
        return campaigns.Version(given["language"], given["message"], given.get("footer") or "")


class TranslationSerializer(serializers.ModelSerializer[CampaignVersion]):
    """What staff, or you, have written of a campaign in a further language."""

    campaign_message = serializers.CharField(
        source="message", read_only=True, help_text="What the text says, before the words on how to book."
    )

    class Meta:
        model = CampaignVersion
        fields = ["language", "campaign_message", "footer"]
        read_only_fields = fields
        extra_kwargs = {"language": {"help_text": "Of the people who read it."}}


class CampaignRequestSerializer(StrictSerializer):
    """What a campaign is made of; shifts.campaigns judges the rest."""

    campaign_id = serializers.CharField(max_length=64, help_text="Your id of it: letters, digits and . _ : -.")
    campaign_message = serializers.CharField(
        error_messages={"blank": "Write what the text shall say."},
        help_text="What the text says, before the words on how to book.",
    )
    segment = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=100,
        help_text="The name of the segment that is texted. May be left out when follows is given.",
    )
    follows = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=64,
        help_text="The id of a campaign that is over: this one goes to those who got its text, have not replied, and "
        "hold no shift through it, decided when sending begins. Absent: to everybody of the segment.",
    )
    shifts = serializers.ListField(
        child=serializers.CharField(max_length=30),
        required=False,
        allow_null=True,
        max_length=_MOST_SHIFTS,
        help_text="Codes of the shifts it is about.",
    )
    origination_identity = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=20,
        help_text="The number of ours that it is sent from. Absent: for each person the one they know, or the default.",
    )
    scheduled_at = MomentField(
        required=False, allow_null=True, help_text="When it is sent, in the future; absent: at once."
    )
    draft = serializers.BooleanField(
        required=False, default=False, help_text="Only keep it; it is sent by its action send."
    )
    footer = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="How to book, in your words. {codes} becomes the codes of the shifts. Absent: the usual words, "
        "in each person's language.",
    )
    translations = TranslationRequestSerializer(
        many=True,
        required=False,
        allow_null=True,
        max_length=len(settings.LANGUAGES),  # type: ignore[call-arg]  # of the list, which DRF makes of it
        help_text="The message in further languages, for those who have them. Whoever has none of these reads "
        "campaign_message, with the usual words on how to book in their own language.",
    )

    def request(self) -> campaigns.Request:
        """The validated fields as campaigns takes them; null and absent are the same."""
        given = {name: value for name, value in self.validated_data.items() if value is not None}
        several = {
            "shifts": tuple(given.get("shifts", ())),
            "translations": tuple(map(TranslationRequestSerializer().version, given.get("translations", ()))),
        }
        return campaigns.Request(**{"segment": ""} | given | several)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """To whom it goes must be said one way or the other."""
        if not attrs.get("segment") and not attrs.get("follows"):
            raise serializers.ValidationError(
                {"segment": ["Give the segment that is texted, or the campaign that this one follows."]},
                code="required",
            )
        return attrs


class CountsSerializer(serializers.Serializer[campaigns.Counts]):
    """How many people, by what became of their text."""

    recipients = serializers.IntegerField(read_only=True, help_text="All of them, suppressed ones included.")
    queued = serializers.IntegerField(read_only=True, help_text="Not sent yet.")
    sent = serializers.IntegerField(read_only=True, help_text="Accepted by AWS, delivered ones included.")
    delivered = serializers.IntegerField(read_only=True, help_text="The carrier says so.")
    failed = serializers.IntegerField(read_only=True, help_text="Refused for good.")
    suppressed = serializers.IntegerField(read_only=True, help_text="Opted out, not approved, or otherwise forbidden.")
    unknown = serializers.IntegerField(read_only=True, help_text="AWS may or may not have it; never sent again.")
    cancelled = serializers.IntegerField(read_only=True, help_text="Not sent, for it was cancelled.")
    replied = serializers.IntegerField(read_only=True, help_text="Who answered its text.")
    booked = serializers.IntegerField(read_only=True, help_text="Who hold a shift through it.")


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A campaign as it is. The context brings ``counts``, by campaign id."""

    segment = serializers.CharField(source="segment.name", read_only=True, help_text="Who is texted.")
    follows: Any = serializers.SlugRelatedField(
        slug_field="campaign_id",
        read_only=True,
        allow_null=True,
        help_text="The campaign whose people are texted again: those who had not answered it when sending began. Null: "
        "everybody of the segment is.",
    )
    shifts: Any = serializers.SlugRelatedField(
        slug_field="shift_id", many=True, read_only=True, help_text="Codes of the shifts it is about."
    )
    translations = TranslationSerializer(
        source="versions", many=True, read_only=True, help_text="The message in further languages, by language."
    )
    draft = serializers.SerializerMethodField(help_text="Whether it waits for its action send.")
    status = serializers.ChoiceField(choices=Status.choices, read_only=True, help_text="How far it is.")
    counts = serializers.SerializerMethodField(help_text="How many people, by what became of their text.")
    texts = serializers.DictField(
        source="texts_by_language",
        child=serializers.CharField(),
        read_only=True,
        help_text="Language → the text as it is sent to those who have it, where it is another than text; empty until "
        "sending begins.",
    )

    class Meta:
        model = Campaign
        fields = [
            "campaign_id",
            "campaign_message",
            "footer",
            "translations",
            "segment",
            "follows",
            "shifts",
            "origination_identity",
            "scheduled_at",
            "draft",
            "status",
            "counts",
            "text",
            "texts",
            "problem",
            "created_at",
            "started_at",
            "ended_at",
        ]
        read_only_fields = fields
        extra_kwargs = {
            "campaign_id": {"help_text": "Your id of it."},
            "campaign_message": {"help_text": "What the text says, before the words on how to book."},
            "origination_identity": {"help_text": "The number of ours that was chosen; blank: for each their own."},
            "scheduled_at": {"help_text": "When it is sent; null: at once, or by its action send."},
            "created_at": {"help_text": "When it was made."},
            "text": {"help_text": "The text as it is sent; blank until sending begins. Until then see preview."},
            "problem": {"help_text": "Why it could not be sent; else blank."},
            "started_at": {"help_text": "When sending began; null until then."},
            "ended_at": {"help_text": "When its last text had left, or it was cancelled; null until then."},
        }

    def get_draft(self, campaign: Campaign) -> bool:
        """As it was asked for, until it is sent."""
        return campaign.status == Status.DRAFT

    @extend_schema_field(CountsSerializer)
    def get_counts(self, campaign: Campaign) -> Any:
        """Counted for all that are shown together."""
        return CountsSerializer(self.context["counts"][campaign.campaign_id]).data


class SaidSerializer(serializers.Serializer[campaigns.Said]):
    """The text of one language, and how many will read it."""

    language = serializers.CharField(
        read_only=True,
        help_text="A code. Whoever has no language counts with that of the house; blank where their text is another.",
    )
    text = serializers.CharField(read_only=True, help_text="The text as it will look.")
    encoding = serializers.CharField(read_only=True, help_text="GSM or UCS-2.")
    parts = serializers.IntegerField(read_only=True, help_text="Of each text.")
    recipients = serializers.IntegerField(read_only=True, help_text="Who will be texted in it.")


class PreviewSerializer(serializers.Serializer[campaigns.Preview]):
    """What would happen if the campaign were sent now."""

    recipients = serializers.IntegerField(read_only=True, help_text="Who will be texted.")
    suppressed = serializers.IntegerField(read_only=True, help_text="Who of the segment will not be texted.")
    duplicates = serializers.IntegerField(read_only=True, help_text="Lines of lists that named somebody once more.")
    text = serializers.CharField(
        read_only=True, help_text="The text as it will look to those whose language has no other."
    )
    encoding = serializers.CharField(read_only=True, help_text="GSM or UCS-2.")
    parts = serializers.IntegerField(
        read_only=True, help_text="Of each text; where languages differ, the most that anybody gets."
    )
    total_parts = serializers.IntegerField(read_only=True, help_text="Of all texts together.")
    languages = SaidSerializer(
        many=True, read_only=True, help_text="The text of each language that recipients have, the most people first."
    )
    estimated_cost = serializers.DecimalField(
        max_digits=None,
        decimal_places=None,
        read_only=True,
        allow_null=True,
        help_text="Of all texts, a decimal string; null while prices are not known.",
    )
    estimated_cost_currency = serializers.SerializerMethodField(help_text="ISO 4217; null while the cost is.")
    estimated_seconds = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="How long sending takes at the MPS of the numbers."
    )
    problems = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What stands in the way, or should be known before."
    )
    warnings = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What makes it dearer, slower or unwelcome: UCS-2, shifts that are taken, night at the recipients'.",
    )
    suppressed_reasons = serializers.DictField(
        source="reasons", child=serializers.IntegerField(), read_only=True, help_text="Why not → how many people."
    )
    origination_identities = serializers.DictField(
        source="numbers",
        child=serializers.IntegerField(),
        read_only=True,
        help_text="Number of ours → how many people.",
    )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_estimated_cost_currency(self, preview: campaigns.Preview) -> str | None:
        """Without a cost there is no currency."""
        return preview.currency or None
