"""Erasing people, and old rows. The records of it are append-only in the database as well, whoever writes to it.

SQLite's trigger does not refuse DELETE: Django empties the tables of a test that way. Whatever alters the table of
records in a later migration must make these triggers anew on SQLite, where altering is copying.
"""

from typing import Any

from django.db import migrations, models

_REFUSAL = "The records of erasures are append-only."
_SQLITE = f"""
CREATE TRIGGER messaging_privacy_append_only BEFORE UPDATE ON messaging_privacyrecord
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_POSTGRESQL = f"""
CREATE FUNCTION messaging_privacy_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER messaging_privacy_append_only BEFORE UPDATE OR DELETE ON messaging_privacyrecord
FOR EACH ROW EXECUTE FUNCTION messaging_privacy_append_only();
"""


def _guard(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE)


def _leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER messaging_privacy_append_only ON messaging_privacyrecord")
        schema_editor.execute("DROP FUNCTION messaging_privacy_append_only()")
    else:
        schema_editor.execute("DROP TRIGGER messaging_privacy_append_only")


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0014_numbers_at_aws"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone_number", models.CharField(max_length=20, unique=True)),
                ("stand_in", models.CharField(max_length=16, unique=True)),
                ("reason", models.CharField(max_length=300)),
                ("actor", models.CharField(max_length=150)),
                ("requested_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField()),
                ("counts", models.JSONField(default=dict)),
                ("swept", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "erasure under way",
                "verbose_name_plural": "erasures under way",
                "ordering": ["id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RetentionMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=60, unique=True)),
                ("through", models.BigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="contact",
            options={
                "ordering": ["name", "phone_number"],
                "permissions": [
                    ("see_phone_numbers", "Can see whole phone numbers"),
                    ("erase_person", "Can erase a person, and everything that is known of them"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivacyRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("erasure", "Person erased"), ("retention", "Old rows")], max_length=9),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=40)),
                ("key_id", models.CharField(blank=True, max_length=16)),
                (
                    "stand_in",
                    models.CharField(
                        blank=True, help_text="What their rows have instead of the number.", max_length=16
                    ),
                ),
                (
                    "actor",
                    models.CharField(blank=True, help_text="Who of the staff; blank when time did.", max_length=150),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("began_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("counts", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "erasure",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("fingerprint", ""), _negated=True),
                        fields=["fingerprint", "-at"],
                        name="messaging_erased",
                    ),
                    models.Index(fields=["kind", "at"], name="messaging_privacy_kind"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "erasure"),
                                models.Q(("fingerprint", ""), _negated=True),
                                models.Q(("actor", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            models.Q(("fingerprint", ""), ("kind", "retention"), ("stand_in", "")),
                            _connector="OR",
                        ),
                        name="messaging_erasure_has_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("one", models.BooleanField(default=True, unique=True)),
                ("salt", models.CharField(max_length=64)),
                ("began_at", models.DateTimeField()),
                ("table", models.PositiveSmallIntegerField(default=0)),
                ("after", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("one", True)), name="messaging_one_retention_run")
                ],
            },
        ),
        migrations.RunPython(_guard, _leave),
    ]
