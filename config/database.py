"""The database of a DATABASE_URL, as settings name it."""

from typing import Any

import environ


def database(url: str) -> dict[str, Any]:
    """The database of a DATABASE_URL, with what each engine needs to be shared by several processes."""
    options: dict[str, Any] = environ.Env.db_url_config(url)
    if options["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets readers and the one writer work side by side; IMMEDIATE takes the write lock when a transaction
        # begins, so that a read-then-write waits its turn instead of failing with "database is locked" half-way.
        # synchronous stays FULL (SQLite's default): what a webhook answered 200 must survive a power cut.
        options["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA cache_size=-16000;PRAGMA mmap_size=134217728;",
        }
        # A connection costs more to open than a webhook takes, and the last one closed copies the whole WAL back.
        options.setdefault("CONN_MAX_AGE", None)
    elif options["ENGINE"] == "django.db.backends.postgresql":
        options["ENGINE"] = "config.postgresql"
        options.setdefault("CONN_MAX_AGE", None)
        options["CONN_HEALTH_CHECKS"] = True
        # A host that vanishes without a word is noticed within a quarter of a minute, also in the middle of a query.
        patience = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}
        options["OPTIONS"] = {"connect_timeout": 5, **patience, **options.get("OPTIONS", {})}
    return options
