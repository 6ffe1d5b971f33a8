"""The schema of a database: made at once, or brought up to date by its migrations."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import Connection, create_engine, event, func, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from core import ready, triggers
from core.places import data, fold
from core.postgresql import libpq_url
from core.sql import Database
from core.tables import SHARED, cities, countries, metadata, regions

HEAD = "0002"
"""The newest revision; a test holds it against Alembic's own answer."""

LOCK = 7_272_740_115
"""Any number: the advisory lock under which one PostgreSQL process migrates."""


def create(database: Database) -> None:
    """Make every table and fill in the shared places, without migrations."""
    if not (database.is_sqlite and ready.copied(database, build)):
        build(database)


def build(database: Database) -> None:
    """The same from the very beginning."""
    with database.engine.connect() as connection:
        had_tallies = inspect(connection).has_table("tallies")
        metadata.create_all(connection)
        if not had_tallies:
            triggers.create(connection)
        connection.execute(text("BEGIN"))
        seed_places(connection)
        connection.execute(text("COMMIT"))
        describe(connection)


class Unreachable(Exception):
    """The database's server cannot be asked at present."""


def revision(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one.

    Raises Unreachable where that may pass: a file is there or not.
    """
    try:
        connection = database.engine.connect()
    except OperationalError as error:
        if database.is_sqlite:
            raise
        raise Unreachable from error
    with connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def upgrade(database: Database) -> None:
    """Bring the database to the newest revision, with all shared places."""
    # Alembic takes a second to import and is needed once in the life of a database.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "core:migrations")
    config.set_main_option("path_separator", "os")
    engine = create_engine(libpq_url(database.url), poolclass=NullPool)
    if database.is_sqlite:
        begin_at_once(engine)
    with engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        seed_places(connection)
        describe(connection)


def begin_at_once(engine: Any) -> None:
    """Let SQLite's schema changes be part of the transaction that SQLAlchemy begins."""

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        # Another process may be at it, and filling in the places takes a while.
        raw.execute("PRAGMA busy_timeout = 60000")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def seed_places(connection: Connection) -> None:
    """Add the shared places that are not there yet; the tables only ever grow."""
    for table, rows in (
        (countries, country_rows()),
        (regions, region_rows()),
        (cities, city_rows()),
    ):
        present = select(func.count()).select_from(table)
        if "shop_id" in table.c:
            present = present.where(table.c.shop_id == SHARED)
        missing = islice(rows, connection.scalar(present), None)
        while batch := list(islice(missing, 5000)):
            connection.execute(table.insert(), batch)


def describe(connection: Connection) -> None:
    """Tell SQLite's planner how a large store is filled.

    Of a table without statistics it thinks that ten rows belong to a shop, and reads
    all of them to find one customer's. PostgreSQL keeps statistics by itself.
    """
    if connection.dialect.name != "sqlite":
        return
    # Some rows of each index are enough, or a large store took minutes to read.
    connection.execute(text("PRAGMA analysis_limit = 1000"))
    connection.execute(text("ANALYZE"))
    connection.execute(
        text("DELETE FROM sqlite_stat1 WHERE tbl IN ('addresses', 'customers')")
    )
    connection.execute(
        text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"),
        [dict(zip(("tbl", "idx", "stat"), row, strict=True)) for row in LARGE],
    )
    connection.execute(text("ANALYZE sqlite_schema"))


# Rows in all, then rows alike in the first column of the index, the first two, and so
# on (https://www.sqlite.org/fileformat2.html, 2.6.3).
LARGE = (
    ("addresses", "addresses", "1000000 1000000 1"),
    ("addresses", "sqlite_autoindex_addresses_2", "1000000 1000000 1"),
    (
        "addresses",
        "addresses_shop_id_customer_id_fingerprint_index",
        "1000000 1000000 4 1",
    ),
    ("customers", "customers", "250000 250000 1"),
    ("customers", "sqlite_autoindex_customers_2", "250000 250000 1"),
    ("customers", "customers_shop_id_email_key_index", "250000 250000 2"),
    ("customers", "customers_shop_id_created_at_id_index", "250000 250000 2 1"),
)


def country_rows() -> Iterator[dict[str, Any]]:
    for row in data("countries.csv"):
        yield {**row, "id": int(row["id"])}


def region_rows() -> Iterator[dict[str, Any]]:
    for row in data("regions.csv"):
        yield {
            "shop_id": SHARED,
            "id": int(row["id"]),
            "country_id": int(row["country"]),
            "code": row["code"],
            "name": row["name"],
            "code_key": fold(row["code"]),
            "name_key": fold(row["name"]),
        }


def city_rows() -> Iterator[dict[str, Any]]:
    inside = {row["id"]: row["country_id"] for row in region_rows()}
    for row in data("cities.csv.gz"):
        region = int(row["region"])
        yield {
            "shop_id": SHARED,
            "id": int(row["id"]),
            "country_id": inside[region],
            "region_id": region,
            "name": row["name"],
            "name_key": fold(row["name"]),
        }
