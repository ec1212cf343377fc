from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0009_text_templates")]

    operations = [
        migrations.AddIndex(
            model_name="inboundmessage",
            index=models.Index(
                condition=models.Q(("handled_at__isnull", True), ("outcome", "unmatched")),
                fields=["origination_phone_number", "id"],
                name="messaging_inbound_waiting",
            ),
        ),
    ]
