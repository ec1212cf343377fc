"""Migrations that old processes survive: while a new version starts, those of the one before go on working.

Refused without a reason in ALLOWED: what old code would trip over (a column or table taken away or renamed, a column
that must have a value and gets none from the database, a constraint that old rows or old code may break), and what
locks a large table for long on PostgreSQL. docs/deploying.md#upgrades tells the order of an upgrade.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Func

from messaging.migrating import AddIndexQuietly
from messaging.models import OutboundMessage

OURS = ("config", "incidents", "messaging", "optout", "shifts")
# Tables that hold millions of rows, and are written all the time.
LARGE = frozenset({"outboundmessage", "inboundmessage", "deliveryevent", "timelineentry", "consentevent"})

# The last migration of each app before it was promised. Nobody had old processes running over those.
BEFORE = {"messaging": "0010", "incidents": "0002", "optout": "0002", "shifts": "0003", "config": "0001"}
# (app, migration) → why what it does is no danger.
_TRIGGER = "makes or replaces a trigger: no row is read or written, and old processes never write what it refuses"
ALLOWED: dict[tuple[str, str], str] = {
    ("messaging", "0015_privacy"): _TRIGGER,
    ("optout", "0003_anonymising"): _TRIGGER,
    (
        "messaging",
        "0016_webhooks_queue",
    ): "of columns that are new: old rows and old code leave their defaults; few endpoints",
    (
        "messaging",
        "0014_numbers_at_aws",
    ): "of columns that are new: old rows and old code leave their defaults; few lanes",
    (
        "messaging",
        "0017_pools",
    ): "of a column that is new: old rows and old code leave its default; a line for each country",
    ("config", "0003_groups_again"): "adds permissions to four groups: some hundred rows, in one transaction",
}


def dangers(operation: Operation, *, new_models: set[str]) -> Iterator[str]:
    """What an old process, or a busy database, would suffer from one operation."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from dangers(inner, new_models=new_models)
        return
    model = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
    if isinstance(operation, migrations.CreateModel) or model in new_models:
        # Nobody old knows the table.
        return
    if isinstance(operation, migrations.AddField):
        yield from _of_new_column(operation.field, large=model in LARGE)
    if (
        isinstance(operation, migrations.AddIndex)
        and not isinstance(operation, AddIndexConcurrently)
        and model in LARGE
    ):
        yield "the table takes no writes while it is built: messaging.migrating.AddIndexQuietly, atomic = False"
    for kinds, danger in _BY_KIND:
        if isinstance(operation, kinds):
            yield danger
    if not isinstance(operation, _KNOWN):
        yield "nobody has thought of what this does: put it among the known ones, or give a reason"


_BY_KIND: tuple[tuple[tuple[type, ...], str], ...] = (
    (
        (migrations.RemoveField, migrations.DeleteModel),
        "old processes read and write what is taken away: take it out of the code first, a version later here",
    ),
    (
        (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable),
        "old processes know the old name only: add the new, copy, and take the old away a version later",
    ),
    (
        (migrations.AlterField,),
        "old processes may write what no longer fits, and the table may be written anew: give a reason",
    ),
    (
        (migrations.AddConstraint, migrations.AlterUniqueTogether, migrations.AlterOrderWithRespectTo),
        "old processes, and rows that are there, may break it; and it is checked under a lock",
    ),
    (
        (migrations.RemoveConstraint,),
        "old processes count on it (ON CONFLICT names a unique one): take it out of the code first",
    ),
    ((migrations.RunSQL,), "nobody can tell what this locks: give a reason"),
    ((migrations.RunPython,), "give a reason: how many rows it reads and writes, and in what transaction"),
)


# What is no danger, or is judged above.
_HARMLESS = (
    *(migrations.CreateModel, migrations.AddField, migrations.AddIndex, migrations.RemoveIndex, migrations.RenameIndex),
    *(migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.AlterModelTableComment),
)
_KNOWN = (*_HARMLESS, *(kind for kinds, _ in _BY_KIND for kind in kinds))


def _of_new_column(field: "models.Field[Any, Any]", *, large: bool) -> Iterator[str]:
    if isinstance(field, models.ManyToManyField):
        return
    if not field.null and not field.has_db_default() and not isinstance(field, models.GeneratedField):
        yield "old processes insert without it: null=True or db_default"
    if isinstance(field, models.GeneratedField) and large:
        yield "the whole table is written anew, and locked meanwhile"
    if field.unique and not field.null:
        yield "old rows would all have the same value"
    if large and (field.unique or getattr(field, "db_index", False)):
        # As a key to another table has, unless it says that it wants none.
        yield "its index is built under a lock: a column without one, then messaging.migrating.AddIndexQuietly"
    if large and isinstance(field.db_default, Func):
        yield "the whole table may be written anew for a value that is not the same for each row"


def is_judged(app: str, name: str) -> bool:
    """Whether a migration is one of those that the promise holds for."""
    return name.split("_", 1)[0] > BEFORE[app]


def judge(app: str, name: str, operations: Sequence[Any]) -> list[str]:
    """The dangers of one migration."""
    new = {operation.name.lower() for operation in operations if isinstance(operation, migrations.CreateModel)}
    return [
        f"{app}.{name}: {type(operation).__name__}: {danger}"
        for operation in operations
        for danger in dangers(operation, new_models=new)
    ]


def test_every_migration_is_safe_while_old_processes_run_or_says_why() -> None:
    loader = MigrationLoader(None)
    found = {
        key: judge(key[0], key[1], migration.operations)
        for key, migration in loader.disk_migrations.items()
        if key[0] in OURS and is_judged(*key)
    }
    assert found, "there are none"
    told = {key: dangers for key, dangers in found.items() if dangers}
    left = [danger for key, dangers in told.items() if key not in ALLOWED for danger in dangers]
    assert left == [], "\n".join(left)
    assert {key for key in ALLOWED if key not in told} == set(), "a reason for what is no danger"
    assert all(reason.strip() for reason in ALLOWED.values())


def test_every_app_with_migrations_is_judged() -> None:
    with_models = {one.label for one in apps.get_app_configs() if one.label in OURS}
    assert with_models == BEFORE.keys()


def _text(**fields: Any) -> "models.CharField[Any, Any]":
    return models.CharField(max_length=10, **fields)


_BIG = "outboundmessage"


@pytest.mark.parametrize(
    ("operation", "is_danger"),
    [
        (migrations.AddField(_BIG, "trace", _text(default="", db_default="")), False),
        (migrations.AddField(_BIG, "trace", _text(null=True)), False),
        (migrations.AddField(_BIG, "trace", _text(default="")), True),
        (migrations.AddField(_BIG, "trace", _text(db_default="", unique=True)), True),
        (migrations.AddField(_BIG, "trace", _text(null=True, unique=True)), True),
        (migrations.AddField(_BIG, "trace", _text(null=True, db_index=True)), True),
        (migrations.AddField(_BIG, "cause", models.ForeignKey("Lane", models.SET_NULL, null=True)), True),
        (
            migrations.AddField(_BIG, "cause", models.ForeignKey("Lane", models.SET_NULL, null=True, db_index=False)),
            False,
        ),
        (migrations.AddField("lane", "cause", models.ForeignKey("Lane", models.SET_NULL, null=True)), False),
        (migrations.AddField(_BIG, "at", models.DateTimeField(db_default=RandomUUID())), True),
        (migrations.RemoveConstraint(_BIG, "messaging_carrier_message_id_unique"), True),
        (migrations.AlterOrderWithRespectTo(_BIG, "lane"), True),
        (TrigramExtension(), True),
        (migrations.RemoveField(_BIG, "trace"), True),
        (migrations.RenameField(_BIG, "trace", "cause"), True),
        (migrations.AlterField(_BIG, "trace", _text()), True),
        (migrations.DeleteModel("Lane"), True),
        (migrations.RenameModel("Lane", "Queue"), True),
        (migrations.AddIndex(_BIG, models.Index(fields=["trace"], name="x")), True),
        (AddIndexQuietly(_BIG, models.Index(fields=["trace"], name="x")), False),
        (migrations.AddIndex("lane", models.Index(fields=["held_at"], name="x")), False),
        (migrations.AddConstraint(_BIG, models.UniqueConstraint(fields=["trace"], name="x")), True),
        (migrations.RunSQL("SELECT 1"), True),
        (migrations.RunPython(migrations.RunPython.noop), True),
        (migrations.SeparateDatabaseAndState([migrations.RemoveField(_BIG, "trace")], []), True),
        (migrations.SeparateDatabaseAndState([], [migrations.RemoveField(_BIG, "trace")]), False),
        (migrations.RemoveIndex(_BIG, "x"), False),
        (migrations.AlterModelOptions(_BIG, {}), False),
        (migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_a_danger(operation: Operation, is_danger: bool) -> None:
    assert bool(judge("messaging", "0099_x", [operation])) is is_danger


def test_what_is_new_is_nobody_s_yet() -> None:
    operations = [
        migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddConstraint("new", models.UniqueConstraint(fields=["id"], name="x")),
        migrations.AddField("new", "name", _text()),
    ]
    assert judge("messaging", "0099_x", operations) == []


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_quietly_on_either_database() -> None:
    index = models.Index(fields=["error_code"], name="built_quietly")
    operation = AddIndexQuietly("outboundmessage", index)
    before, after = ProjectState.from_apps(apps), ProjectState.from_apps(apps)
    operation.state_forwards("messaging", after)

    def there() -> bool:
        with connection.cursor() as cursor:
            table = OutboundMessage._meta.db_table
            return "built_quietly" in connection.introspection.get_constraints(cursor, table)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("messaging", editor, before, after)
    assert there()
    with connection.schema_editor(atomic=False) as editor:
        operation.database_backwards("messaging", editor, after, before)
    assert not there()
