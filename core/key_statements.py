"""The statements behind a keyring."""

from sqlalchemy import bindparam, delete, insert, select

from core.connection import Statement
from core.shops import SHOP_COLUMNS
from core.tables import keys as k
from core.tables import shops as s

NEWEST = 10
"""How many of a user's sign-ins are in force."""

SHOP_HASH = 1
COLUMNS = (
    *SHOP_COLUMNS,
    k.c.id,
    k.c.dialect,
    k.c.hint,
    k.c.label,
    k.c.scope,
    k.c.customer_id,
    k.c.secret,
    k.c.is_active,
    k.c.is_demo,
    k.c.created_at,
    k.c.username,
    k.c.user_id,
    k.c.consumer_id,
)
SECRET = COLUMNS.index(k.c.secret)
SELECT = select(*(column.label(f"f_{n}") for n, column in enumerate(COLUMNS))).join(
    s, s.c.id == k.c.shop_id
)
FIND = Statement(
    lambda: SELECT.where(
        k.c.dialect == bindparam("dialect"), k.c.digest == bindparam("digest")
    )
)
GET = Statement(lambda: SELECT.where(k.c.id == bindparam("id")))
FIND_USER = Statement(
    lambda: (
        SELECT.add_columns(k.c.password)
        .where(
            k.c.dialect == bindparam("dialect"), k.c.username == bindparam("username")
        )
        .with_for_update(of=k)
    )
)
ALL = Statement(lambda: SELECT.order_by(k.c.id))
STORED = {column.name for column in k.c} - {"id"}
ADD = Statement(
    lambda: insert(k).values({name: bindparam(f"to_{name}") for name in STORED})
)
REMOVE = Statement(lambda: delete(k).where(k.c.id == bindparam("id")))
signed_in = k.alias()
REMOVE_OLDEST = Statement(
    lambda: delete(k).where(
        k.c.user_id == bindparam("user_id"),
        k.c.id
        <= select(signed_in.c.id)
        .where(signed_in.c.user_id == bindparam("user_id"))
        .order_by(signed_in.c.id.desc())
        .limit(1)
        .offset(NEWEST)
        .scalar_subquery(),
    )
)
