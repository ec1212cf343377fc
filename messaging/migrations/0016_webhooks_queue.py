from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0015_privacy"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="deleted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="dropped",
            field=models.PositiveBigIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="Events that waited for too long since it was switched off the last time.",
            ),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="dropped_through",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="When the newest of them happened.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookendpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dropped", 0), ("dropped_through__isnull", True)),
                    models.Q(("dropped__gte", 1), ("dropped_through__isnull", False)),
                    _connector="OR",
                ),
                name="messaging_webhook_dropped_through",
            ),
        ),
    ]
