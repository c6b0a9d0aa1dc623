"""Alembic's entry: the connection comes from the caller, the logging is left alone."""

from __future__ import annotations

from alembic import context

from karnay.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
