"""Indexes to what is next, what was sent lately, and what failed.

Columns for what is known of doubts, and of moves.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WAITS = sa.text("state = 'scheduled' AND held = ''")
_WAS_CLAIMED = sa.text("fence > 0")
_FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Add the columns and the indexes."""
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
