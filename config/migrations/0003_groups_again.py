"""The groups of config.roles have what came since, too; nothing is taken away from them."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from config import roles


def give(apps: Any, schema_editor: Any) -> None:
    # Permissions are made after all migrations, which is too late for whoever gives them.
    for label in ("messaging", "incidents", "shifts", "optout", "config"):
        create_permissions(installed.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    roles.make(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


class Migration(migrations.Migration):
    dependencies = [
        ("config", "0002_token_details"),
        ("messaging", "0015_privacy"),
        ("incidents", "0004_reported_days"),
        ("shifts", "0005_callback_person"),
        ("optout", "0003_anonymising"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
