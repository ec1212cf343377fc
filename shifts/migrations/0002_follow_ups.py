import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shifts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                help_text="The campaign whose people are texted again: those who have not answered it. Empty: everybody of the segment.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="follow_ups",
                to="shifts.campaign",
            ),
        ),
    ]
