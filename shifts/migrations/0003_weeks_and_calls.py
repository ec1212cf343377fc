import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("shifts", "0002_follow_ups"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["starts_at", "id"], name="shifts_by_start"),
        ),
        migrations.RemoveConstraint(model_name="callback", name="shifts_callback_end_has_time"),
        migrations.RemoveConstraint(model_name="callback", name="shifts_one_open_callback_each"),
        migrations.AddField(
            model_name="callback",
            name="taken_by",
            field=models.CharField(blank=True, help_text="Who of the staff is calling them.", max_length=150),
        ),
        migrations.AddField(
            model_name="callback",
            name="taken_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="callback",
            name="free_at",
            field=models.DateTimeField(blank=True, help_text="From when on somebody may call them.", null=True),
        ),
        migrations.AlterField(
            model_name="callback",
            name="status",
            field=models.CharField(
                choices=[
                    ("placing", "Being placed"),
                    ("called", "Called"),
                    ("waiting", "Waiting"),
                    ("taken", "Being called"),
                    ("closed", "Closed"),
                    ("failed", "Not reached"),
                ],
                max_length=7,
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=Q(("ended_at__isnull", False), ("status__in", ["called", "closed", "failed"]))
                | Q(("status__in", ["placing", "waiting", "taken"]), ("ended_at__isnull", True)),
                name="shifts_callback_end_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("free_at__isnull", False), ("status", "taken"), ("taken_at__isnull", False), ~Q(("taken_by", ""))
                )
                | Q(~Q(("status", "taken")), ("taken_at__isnull", True), ("taken_by", "")),
                name="shifts_taken_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=Q(("status__in", ["placing", "waiting", "taken"])),
                fields=("phone_number",),
                name="shifts_one_open_callback_each",
            ),
        ),
        migrations.CreateModel(
            name="CallAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(help_text="Who of the staff.", max_length=150)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("called", "Called"),
                            ("not_reached", "Not reached"),
                            ("released", "Given back"),
                            ("lapsed", "Not finished"),
                            ("closed", "Closed by somebody else"),
                        ],
                        max_length=11,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "call_back",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tries", to="shifts.callback"
                    ),
                ),
            ],
            options={
                "ordering": ["begun_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("ended_at__isnull", True), ("outcome", ""))
                        | Q(("ended_at__isnull", False), ~Q(("outcome", ""))),
                        name="shifts_attempt_end_has_outcome",
                    ),
                    models.UniqueConstraint(
                        condition=Q(("ended_at__isnull", True)),
                        fields=("call_back",),
                        name="shifts_one_call_at_a_time",
                    ),
                ],
            },
        ),
    ]
