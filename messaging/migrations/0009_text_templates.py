from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_counted_days")]

    operations = [
        migrations.CreateModel(
            name="TextTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("language", models.CharField(max_length=10)),
                ("text", models.TextField(blank=True)),
                ("changed_by", models.CharField(max_length=150)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "text to people",
                "verbose_name_plural": "texts to people",
                "ordering": ["key", "language"],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "language"), name="messaging_one_template_of_a_phrase")
                ],
            },
        ),
    ]
