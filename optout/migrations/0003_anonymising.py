"""The ledger stays append-only in what it says; who said it may be put under a keyed hash, and nothing else changed.

See docs/decisions/0027-erasure.md . Whatever alters the table of consent events in a later migration must make these
triggers anew on SQLite, where altering is copying.
"""

from typing import Any

from django.db import migrations

_REFUSAL = "The ledger of consent is append-only."
# What a line says. Written out: a column that comes later must be thought of.
_SAID = (
    "origination_identity",
    "every_number",
    "action",
    "word",
    "source",
    "actor",
    "occurred_at",
    "recorded_at",
)


def _may(same: str) -> str:
    unchanged = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in ("id", *_SAID))
    return f"NEW.phone_number LIKE 'kept-%' AND NEW.text = '' AND {unchanged}"


_SQLITE = f"""
CREATE TRIGGER optout_append_only BEFORE UPDATE ON optout_consentevent WHEN NOT ({_may("IS")})
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_SQLITE_BEFORE = f"""
CREATE TRIGGER optout_append_only BEFORE UPDATE ON optout_consentevent
BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END
"""
_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION optout_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {_may("IS NOT DISTINCT FROM")} THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
_POSTGRESQL_BEFORE = f"""
CREATE OR REPLACE FUNCTION optout_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
"""


def _run(schema_editor: Any, postgresql: str, sqlite: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        # None: a percent sign is one.
        schema_editor.execute(postgresql, params=None)
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS optout_append_only", params=None)
        schema_editor.execute(sqlite, params=None)


def _allow(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _POSTGRESQL, _SQLITE)


def _leave(apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, _POSTGRESQL_BEFORE, _SQLITE_BEFORE)


class Migration(migrations.Migration):
    dependencies = [("optout", "0002_append_only")]

    operations = [migrations.RunPython(_allow, _leave)]
