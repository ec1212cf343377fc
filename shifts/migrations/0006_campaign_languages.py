import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shifts", "0005_callback_person"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="people_by_language",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="campaign",
            name="texts_by_language",
            field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
        ),
        migrations.CreateModel(
            name="CampaignVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(help_text="One that texts are shipped in: settings.LANGUAGES.", max_length=10),
                ),
                ("message", models.TextField()),
                (
                    "footer",
                    models.TextField(blank=True, help_text="How to book. Empty: the usual words in this language."),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="shifts.campaign"
                    ),
                ),
            ],
            options={
                "ordering": ["language"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "language"), name="shifts_one_version_of_a_language"),
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["en", "es", "fr", "de"])), name="shifts_version_language"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("message", ""), _negated=True), name="shifts_version_has_message"
                    ),
                ],
            },
        ),
    ]
