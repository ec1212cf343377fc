from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shifts", "0004_long_shifts"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["phone_number"], name="shifts_callback_person"),
        ),
    ]
