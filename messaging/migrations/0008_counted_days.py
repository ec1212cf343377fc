from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0007_see_phone_numbers")]

    operations = [
        migrations.CreateModel(
            name="CountedDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("counted_at", models.DateTimeField()),
                ("seconds", models.FloatField(default=0)),
                ("figures", models.JSONField(default=dict)),
            ],
            options={"ordering": ["-day"]},
        ),
    ]
