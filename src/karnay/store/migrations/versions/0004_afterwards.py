"""Tables for what became of what was published: taken down, edited, counted.

It only adds: an older daemon that runs meanwhile goes on as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
compatible_with = "0001"

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _table(
        "takedowns",
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.UniqueConstraint("delivery", "step", name=op.f("uq_takedowns_delivery_step")),
    )
    _table(
        "edits",
        sa.Column("variant", sa.JSON(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index(op.f("ix_edits_delivery"), "edits", ["delivery"])
    _table(
        "figures",
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("age", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint(
            "delivery", "part", "age", "name", name=op.f("uq_figures_delivery_part_age_name")
        ),
    )


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    """Make a table of rows that belong to a delivery, and go with it."""
    op.create_table(
        name,
        sa.Column("id", _id, autoincrement=True, nullable=False),
        sa.Column("delivery", _id, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["delivery"],
            ["deliveries.id"],
            name=op.f(f"fk_{name}_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
