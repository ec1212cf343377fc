"""Operations for migrations that run while the version before goes on working: docs/deploying.md#upgrades ."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import AddIndex


class AddIndexQuietly(AddIndexConcurrently):
    """An index on a large table, built on PostgreSQL while others write it. For migrations with ``atomic = False``.

    One that was interrupted leaves an invalid index behind: drop it, and migrate again
    (postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY). SQLite builds it as any other.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Build it."""
        how = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        how.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop it."""
        how = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        how.database_backwards(self, app_label, schema_editor, from_state, to_state)
