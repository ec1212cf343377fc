from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0012_remembered_requests")]

    operations = [
        migrations.AddField(
            model_name="outboundmessage",
            name="trace",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What caused it: an inbound text, a request.",
                max_length=100,
            ),
        ),
        migrations.AddField(
            model_name="outboundmessage",
            name="caused_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
