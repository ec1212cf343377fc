"""The ledger is append-only in the database as well, whoever writes to it.

SQLite's trigger does not refuse DELETE: Django empties the tables of a test that way. Whatever alters the table of
consent events in a later migration must make these triggers anew on SQLite, where altering is copying.
"""

from typing import Any

from django.db import migrations

_REFUSAL = "The ledger of consent is append-only."
_SQLITE = f"""
CREATE TRIGGER optout_append_only BEFORE UPDATE ON optout_consentevent
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_POSTGRESQL = f"""
CREATE FUNCTION optout_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER optout_append_only BEFORE UPDATE OR DELETE ON optout_consentevent
FOR EACH ROW EXECUTE FUNCTION optout_append_only();
"""


def _guard(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE)


def _leave(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER optout_append_only ON optout_consentevent")
        schema_editor.execute("DROP FUNCTION optout_append_only()")
    else:
        schema_editor.execute("DROP TRIGGER optout_append_only")


class Migration(migrations.Migration):
    dependencies = [("optout", "0001_initial")]

    operations = [migrations.RunPython(_guard, _leave)]
