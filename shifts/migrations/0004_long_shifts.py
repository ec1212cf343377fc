from django.db import migrations, models

import shifts.models.lasting


class Migration(migrations.Migration):
    dependencies = [
        ("shifts", "0003_weeks_and_calls"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(
                condition=models.Q(shifts.models.lasting.LastsLong()), fields=["starts_at", "id"], name="shifts_long"
            ),
        ),
    ]
