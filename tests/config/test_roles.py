"""The groups that a migration makes."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import roles

pytestmark = pytest.mark.django_db


def _permissions(name: str) -> set[str]:
    found = Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


@pytest.mark.parametrize("name", roles.ROLES)
def test_each_group_has_what_it_is_for(name: str) -> None:
    roles.make(Group, Permission)
    wanted = {f"{app}.{codename}" for app, codenames in roles.ROLES[name].items() for codename in codenames}
    assert _permissions(name) == wanted


def test_making_them_again_takes_nothing_away() -> None:
    roles.make(Group, Permission)
    hr = Group.objects.get(name=roles.HR)
    more = Permission.objects.get(codename="view_incident")
    hr.permissions.add(more)
    roles.make(Group, Permission)
    assert more in hr.permissions.all()
    assert Group.objects.count() == len(roles.ROLES)


def test_a_permission_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.ROLES, "Dreamers", {"messaging": ("fly",)})
    with pytest.raises(LookupError, match=r"Dreamers.*messaging\.fly"):
        roles.make(Group, Permission)


@pytest.mark.parametrize("name", [roles.READ_ONLY])
def test_who_only_reads_changes_nothing_and_sees_no_whole_number(name: str) -> None:
    codenames = {codename for codenames in roles.ROLES[name].values() for codename in codenames}
    assert all(codename.startswith("view_") for codename in codenames)


def test_nobody_but_superusers_has_to_do_with_users_and_tokens() -> None:
    for apps_ in roles.ROLES.values():
        assert not {"auth", "knox"} & set(apps_)


@pytest.mark.django_db(transaction=True)
def test_the_migration_makes_them_where_no_permission_exists_yet() -> None:
    Group.objects.all().delete()
    Permission.objects.all().delete()
    state = MigrationExecutor(connection).loader.project_state(("config", "0001_groups"))
    migration = MigrationExecutor(connection).loader.get_migration("config", "0001_groups")
    with connection.schema_editor() as editor:
        migration.operations[0].database_forwards("config", editor, state, state)
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)
    assert _permissions(roles.HR) >= {"shifts.add_campaign", "messaging.see_phone_numbers"}
    assert apps.is_installed("config")
