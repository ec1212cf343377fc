import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0011_webhooks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RememberedRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("claim", models.CharField(max_length=32)),
                ("claimed_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("status_code", models.PositiveSmallIntegerField(null=True)),
                ("body", models.TextField(blank=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="messaging_one_request_of_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status_code__isnull", True),
                            models.Q(("status_code__gte", 200), ("status_code__lt", 300)),
                            _connector="OR",
                        ),
                        name="messaging_only_success_is_remembered",
                    ),
                ],
                "indexes": [models.Index(fields=["created_at"], name="messaging_request_age")],
            },
        ),
    ]
