from django.db import migrations, models

from messaging.migrating import AddIndexQuietly


class Migration(migrations.Migration):
    # Deliveries go on while it is built.
    atomic = False

    dependencies = [
        ("incidents", "0004_reported_days"),
    ]

    operations = [
        AddIndexQuietly(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("outcome", "waiting")), fields=["source", "id"], name="incidents_alert_turn"
            ),
        ),
    ]
