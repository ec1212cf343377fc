from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_unsettled_index")]

    operations = [
        migrations.AlterModelOptions(
            name="contact",
            options={
                "ordering": ["name", "phone_number"],
                "permissions": [("see_phone_numbers", "Can see whole phone numbers")],
            },
        ),
    ]
