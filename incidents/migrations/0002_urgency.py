from django.db import migrations, models
from django.db.models import Case, Value, When


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="urgency",
            field=models.GeneratedField(
                db_persist=True,
                expression=Case(
                    When(status="not_acknowledged", then=Value(0)),
                    When(status="unacknowledged", then=Value(1)),
                    When(status="acknowledged", then=Value(2)),
                    default=Value(3),
                ),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["urgency", "-opened_at", "-id"], name="incidents_urgency"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["policy", "urgency", "-opened_at", "-id"], name="incidents_policy_urgency"),
        ),
    ]
