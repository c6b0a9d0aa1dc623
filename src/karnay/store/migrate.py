"""Bringing the schema to this version's revision, and refusing one that is newer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from karnay.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def configuration() -> Config:
    """Alembic's configuration for the migrations that come with the package."""
    config = Config()
    config.set_main_option("script_location", "karnay.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the connection's transaction.

    Raises StoreError for a database that a newer karnay has written.
    """
    config = configuration()
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"the database was written by a newer karnay (its schema is {current}): "
            "install that version again, or restore a backup"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
