"""An index to the head of each account's queue, and a table that says who may use the database.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
compatible_with = "0001"

_WAITS = sa.text("state = 'scheduled' AND held = ''")


def upgrade() -> None:
    """Add the index and the table."""
    op.create_index(
        "ix_deliveries_heads",
        "deliveries",
        ["account", "planned_at", "id"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    _schema_info()


def _schema_info() -> None:
    op.create_table(
        "schema_info",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("compatible_with", sa.Text(), nullable=False),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_at", sa.BigInteger()),
        sa.Column("taken_at", sa.BigInteger()),
        sa.CheckConstraint("id = 1", name=op.f("ck_schema_info_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_info")),
    )
