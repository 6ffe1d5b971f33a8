"""The tables. Text, integers and nothing else, so that a row is read as it comes.

Instants are microseconds since 1970-01-01 UTC: both databases keep them exactly, and
no column needs converting by the driver. Every key starts with the shop.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_index",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

SHARED = 0
"""The shop_id of the places that every shop knows."""


def number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=null, autoincrement=False)


def text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, server_default=None if null else "")


shops = Table(
    "shops",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    text("name"),
    text("renamed"),
    text("closed"),
    number("created_at"),
    # The number of a removed shop is not given again: a key of it may still be trusted.
    sqlite_autoincrement=True,
)

counters = Table(
    "counters",
    metadata,
    number("shop_id", key=True),
    Column("kind", Text, primary_key=True),
    number("last"),
    sqlite_with_rowid=False,
)

customers = Table(
    "customers",
    metadata,
    number("shop_id", key=True),
    number("id", key=True),
    text("public_id"),
    text("first_name"),
    text("middle_name"),
    text("last_name"),
    text("prefix"),
    text("suffix"),
    text("email"),
    text("email_key"),
    text("phone"),
    text("company"),
    text("note"),
    text("tax_id"),
    text("national_id"),
    text("birth_date"),
    text("gender"),
    number("is_active"),
    text("extras"),
    number("default_billing_id", null=True),
    number("default_shipping_id", null=True),
    number("created_at"),
    number("updated_at"),
    ForeignKeyConstraint(["shop_id"], ["shops.id"], ondelete="CASCADE"),
    UniqueConstraint("shop_id", "public_id"),
    Index(None, "shop_id", "email_key"),
    Index(None, "shop_id", "created_at", "id"),
    sqlite_with_rowid=False,
)

addresses = Table(
    "addresses",
    metadata,
    number("shop_id", key=True),
    number("id", key=True),
    text("public_id"),
    number("customer_id"),
    text("first_name"),
    text("middle_name"),
    text("last_name"),
    text("prefix"),
    text("suffix"),
    text("company"),
    text("street"),
    number("city_id", null=True),
    text("city"),
    number("region_id", null=True),
    text("region_code"),
    text("region"),
    number("country_id", null=True),
    text("postal_code"),
    text("phone"),
    text("fax"),
    text("tax_id"),
    text("national_id"),
    text("note"),
    text("kind"),
    text("extras"),
    number("fingerprint"),
    number("created_at"),
    number("updated_at"),
    ForeignKeyConstraint(
        ["shop_id", "customer_id"],
        ["customers.shop_id", "customers.id"],
        ondelete="CASCADE",
    ),
    UniqueConstraint("shop_id", "public_id"),
    Index(None, "shop_id", "customer_id", "fingerprint"),
    sqlite_with_rowid=False,
)

# How many things of a kind have numbers that are alike but for so many last bits; of
# customers also when the first and the last of them were made, or something before and
# after that. Triggers keep it (core/triggers.py).
tallies = Table(
    "tallies",
    metadata,
    number("shop_id", key=True),
    Column("kind", Text, primary_key=True),
    number("bits", key=True),
    number("chunk", key=True),
    number("slot", key=True),
    number("held"),
    number("first_at", null=True),
    number("last_at", null=True),
    sqlite_with_rowid=False,
)

countries = Table(
    "countries",
    metadata,
    number("id", key=True),
    text("code"),
    text("name"),
    UniqueConstraint("code"),
)

regions = Table(
    "regions",
    metadata,
    number("shop_id", key=True),
    number("id", key=True),
    number("country_id"),
    text("code"),
    text("name"),
    text("code_key"),
    text("name_key"),
    Index(None, "shop_id", "country_id", "name_key"),
    sqlite_with_rowid=False,
)

cities = Table(
    "cities",
    metadata,
    number("shop_id", key=True),
    number("id", key=True),
    number("country_id"),
    number("region_id"),
    text("name"),
    text("name_key"),
    Index(None, "shop_id", "country_id", "region_id", "name_key"),
    sqlite_with_rowid=False,
)

names = Table(
    "names",
    metadata,
    number("shop_id", key=True),
    Column("dialect", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    number("theirs", key=True),
    number("ours"),
    number("is_given"),
    UniqueConstraint("shop_id", "dialect", "kind", "ours"),
    ForeignKeyConstraint(["shop_id"], ["shops.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

keys = Table(
    "keys",
    metadata,
    Column("id", Integer, primary_key=True),
    number("shop_id"),
    Column("dialect", Text, nullable=False),
    text("digest"),
    text("hint"),
    text("label"),
    text("scope"),
    number("customer_id", null=True),
    text("secret"),
    text("username", null=True),
    text("password"),
    Column("user_id", Integer),
    Column("consumer_id", Integer),
    number("is_active"),
    number("is_demo"),
    number("created_at"),
    ForeignKeyConstraint(["shop_id"], ["shops.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["user_id"], ["keys.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["consumer_id"], ["keys.id"], ondelete="CASCADE"),
    UniqueConstraint("dialect", "digest"),
    UniqueConstraint("dialect", "username"),
    Index(None, "user_id"),
    Index(None, "consumer_id"),
    sqlite_autoincrement=True,
)

request_tokens = Table(
    "request_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("consumer_id", Integer, nullable=False),
    Column("user_id", Integer),
    text("secret"),
    text("callback"),
    text("ticket"),
    text("verifier"),
    number("created_at"),
    ForeignKeyConstraint(["consumer_id"], ["keys.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["user_id"], ["keys.id"], ondelete="CASCADE"),
    Index(None, "consumer_id"),
    Index(None, "user_id"),
    sqlite_with_rowid=False,
)

# A nonce is used once in all shops: whose it is turns out later.
nonces = Table(
    "nonces",
    metadata,
    Column("nonce", Text, primary_key=True),
    number("timestamp"),
    number("used_at"),
    Index(None, "used_at"),
    sqlite_with_rowid=False,
)

# An engine that spreads rows over machines keeps those together that are alike in one
# column, which every key of theirs must have: the first one. What every machine holds
# needs none.
EVERYWHERE = frozenset(
    {"shops", "countries", "regions", "cities", "keys", "request_tokens"}
)
"""Tables that are small, read by every shop or sought by other keys than a shop's."""

SPREAD = {
    **dict.fromkeys(metadata.tables.keys() - EVERYWHERE, "shop_id"),
    "nonces": "nonce",
}
"""The column that the rows of every other table are spread by."""
