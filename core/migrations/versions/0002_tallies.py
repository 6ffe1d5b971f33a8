"""How many addresses and customers there are, by chunks of their numbers."""

import sqlalchemy as sa
from alembic import op

from core import triggers

revision = "0002"
down_revision = "0001"

FILL = """
    INSERT INTO tallies (shop_id, kind, bits, chunk, slot, held, first_at, last_at)
    SELECT shop_id, '{kind}', {bits}, id >> {bits}, 0, count(*), {first}, {last}
    FROM {table} GROUP BY shop_id, id >> {bits}"""
DATES = {
    "address": {"first": "CAST(NULL AS bigint)", "last": "CAST(NULL AS bigint)"},
    "customer": {"first": "min(created_at)", "last": "max(created_at)"},
}


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("shop_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bits", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("held", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("last_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint(
            "shop_id", "kind", "bits", "chunk", "slot", name=op.f("tallies_pkey")
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
    for kind, table in triggers.KINDS.items():
        for bits in (triggers.CHUNK, triggers.GROUP):
            fill = FILL.format(kind=kind, table=table, bits=bits, **DATES[kind])
            op.execute(fill)


def downgrade() -> None:
    triggers.drop(op.get_bind())
    op.drop_index(op.f("customers_shop_id_created_at_id_index"), table_name="customers")
    op.drop_table("tallies")
