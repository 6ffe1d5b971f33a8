"""How many addresses and customers there are, by chunks of their numbers."""

import sqlalchemy as sa
from alembic import op

from core import triggers

revision = "0002"
down_revision = "0001"

FILL = """
    INSERT INTO tallies (shop_id, kind, chunk, slot, held, first_at, last_at)
    SELECT shop_id, '{kind}', id >> 12, 0, count(*), {first}, {last}
    FROM {table} GROUP BY shop_id, id >> 12"""


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("held", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("last_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint(
            "shop_id", "kind", "chunk", "slot", name=op.f("tallies_pkey")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("customers_shop_id_created_at_id_index"),
        "customers",
        ["shop_id", "created_at", "id"],
        unique=False,
    )
    # First the triggers, for which PostgreSQL lets writers wait: what they have written
    # is counted here, and what they write after that by the triggers.
    triggers.create(op.get_bind())
    nothing = "CAST(NULL AS bigint)"
    op.execute(
        FILL.format(kind="address", table="addresses", first=nothing, last=nothing)
    )
    op.execute(
        FILL.format(
            kind="customer",
            table="customers",
            first="min(created_at)",
            last="max(created_at)",
        )
    )


def downgrade() -> None:
    triggers.drop(op.get_bind())
    op.drop_index(op.f("customers_shop_id_created_at_id_index"), table_name="customers")
    op.drop_table("tallies")
