"""Consent is Textback's own from here on: the field meant nothing before, so every number that people can answer has it."""

from typing import Any

from django.db import migrations, models


def _switch_on(apps: Any, schema_editor: Any) -> None:
    apps.get_model("messaging", "OriginationIdentity").objects.filter(two_way=True).update(self_managed_opt_outs=True)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_lane_held")]

    operations = [
        migrations.AlterField(
            model_name="originationidentity",
            name="self_managed_opt_outs",
            field=models.BooleanField(
                default=True,
                help_text="Textback confirms STOP and JOIN. Off: AWS does; Textback still keeps to what people say.",
                verbose_name="self-managed opt-outs",
            ),
        ),
        migrations.RunPython(_switch_on, migrations.RunPython.noop),
    ]
