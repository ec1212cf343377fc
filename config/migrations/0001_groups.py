"""The groups of config.roles."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from config import roles


def make_groups(apps: Any, schema_editor: Any) -> None:
    # Permissions are made after all migrations, which is too late for whoever gives them.
    for label in ("admin", "auth", "axes", "messaging", "incidents", "shifts", "optout"):
        create_permissions(installed.get_app_config(label), verbosity=0, using=schema_editor.connection.alias)
    roles.make(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("messaging", "0010_waiting_people"),
        ("incidents", "0002_urgency"),
        ("shifts", "0003_weeks_and_calls"),
        ("optout", "0002_append_only"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
