"""Indexes to what is next, what was sent lately, and what failed; who may use the database.

Columns for what is known of doubts, and of moves.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
compatible_with = "0001"

_WAITS = sa.text("state = 'scheduled' AND held = ''")
_WAS_CLAIMED = sa.text("fence > 0")
_FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Add the columns, the indexes and the table."""
    op.add_column("deliveries", sa.Column("bears_at", sa.BigInteger()))
    for counted in ("blind_looks", "clear_fence"):
        op.add_column(
            "deliveries", sa.Column(counted, sa.Integer(), nullable=False, server_default="0")
        )
    op.create_index(
        "ix_deliveries_heads",
        "deliveries",
        ["account", "planned_at", "id"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "ix_deliveries_lately",
        "deliveries",
        ["account", "updated_at"],
        sqlite_where=_WAS_CLAIMED,
        postgresql_where=_WAS_CLAIMED,
    )
    op.create_index(
        "ix_deliveries_failed",
        "deliveries",
        ["updated_at"],
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
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
