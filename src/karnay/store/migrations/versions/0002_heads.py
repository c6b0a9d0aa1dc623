"""An index to the head of each account's queue, and one to what failed lately.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WAITS = sa.text("state = 'scheduled' AND held = ''")
_FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index(
        "ix_deliveries_heads",
        "deliveries",
        ["account", "planned_at", "id"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "ix_deliveries_failed",
        "deliveries",
        ["updated_at"],
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
    )
