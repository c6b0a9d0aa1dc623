"""A table for sealed log-ins.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
compatible_with = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "vault",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("renew_at", sa.BigInteger()),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
        sa.Column("leased_by", sa.Text(), server_default="", nullable=False),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_vault")),
    )
