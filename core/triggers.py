"""The triggers that keep the tallies: however a row comes or goes, it is counted.

SQLite's also keep the counters, so that one statement can number what it adds.

PostgreSQL runs them once a statement. What comes is counted in slot 0, as writers of
one shop queue at its counter anyway; what goes is taken from one of eight others, so
that those who remove wait neither for them nor, mostly, for each other.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

KINDS = {"address": "addresses", "customer": "customers"}
"""What is counted, and the table that it is in."""

CHUNK, GROUP = 10, 18
"""Of how many bits: where a page begins is sought among groups, then in one of them."""

SQLITE = {
    "added": f"""
        AFTER INSERT ON {{table}} BEGIN
            INSERT INTO tallies (shop_id, kind, bits, chunk, slot, held{{dates}})
            VALUES (new.shop_id, '{{kind}}', {CHUNK}, new.id >> {CHUNK}, 0, 1{{new}}),
                (new.shop_id, '{{kind}}', {GROUP}, new.id >> {GROUP}, 0, 1{{new}})
            ON CONFLICT (shop_id, kind, bits, chunk, slot)
            DO UPDATE SET held = held + 1{{wider}};
            UPDATE counters SET last = new.id
            WHERE shop_id = new.shop_id AND kind = '{{kind}}' AND last < new.id;
        END""",
    "removed": f"""
        AFTER DELETE ON {{table}} BEGIN
            UPDATE tallies SET held = held - 1
            WHERE shop_id = old.shop_id AND kind = '{{kind}}' AND bits = {CHUNK}
                AND chunk = old.id >> {CHUNK} AND slot = 0;
            UPDATE tallies SET held = held - 1
            WHERE shop_id = old.shop_id AND kind = '{{kind}}' AND bits = {GROUP}
                AND chunk = old.id >> {GROUP} AND slot = 0;
        END""",
}
WIDEN = "".join(
    f"""
        UPDATE tallies SET first_at = {{least}}(first_at, new.created_at),
            last_at = {{greatest}}(last_at, new.created_at)
        WHERE shop_id = new.shop_id AND kind = 'customer' AND bits = {bits}
            AND chunk = new.id >> {bits} AND slot = 0;"""
    for bits in (CHUNK, GROUP)
)
SQLITE_DATED = f"""
    CREATE TRIGGER customers_dated AFTER UPDATE OF created_at ON customers
    WHEN new.created_at <> old.created_at
    BEGIN{WIDEN.format(least="min", greatest="max")}
    END"""
DATES = {
    "dates": ", first_at, last_at",
    "new": ", new.created_at, new.created_at",
    "wider": ", first_at = min(first_at, excluded.first_at),"
    " last_at = max(last_at, excluded.last_at)",
}

LEVELS = f"changed, (VALUES ({CHUNK}), ({GROUP})) AS levels (bits)"
FUNCTIONS = (
    f"""
    CREATE FUNCTION tally_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies AS kept
        SELECT shop_id, TG_ARGV[0], bits, id >> bits, 0, count(*),
            CASE TG_ARGV[0] WHEN 'customer' THEN min(created_at) END,
            CASE TG_ARGV[0] WHEN 'customer' THEN max(created_at) END
        FROM {LEVELS} GROUP BY shop_id, bits, id >> bits ORDER BY 1, 3, 4
        ON CONFLICT (shop_id, kind, bits, chunk, slot) DO UPDATE
        SET held = kept.held + excluded.held,
            first_at = least(kept.first_at, excluded.first_at),
            last_at = greatest(kept.last_at, excluded.last_at);
        RETURN NULL;
    END $$""",
    f"""
    CREATE FUNCTION tally_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies AS kept
        SELECT shop_id, TG_ARGV[0], bits, id >> bits, 1 + (pg_backend_pid() & 7),
            -count(*)
        FROM {LEVELS} GROUP BY shop_id, bits, id >> bits ORDER BY 1, 3, 4
        ON CONFLICT (shop_id, kind, bits, chunk, slot) DO UPDATE
        SET held = kept.held + excluded.held;
        RETURN NULL;
    END $$""",
    f"""
    CREATE FUNCTION tally_dated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN{WIDEN.format(least="least", greatest="greatest")}
        RETURN NULL;
    END $$""",
)
POSTGRESQL = {
    "added": """
        AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION tally_added('{kind}')""",
    "removed": """
        AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION tally_removed('{kind}')""",
}
POSTGRESQL_DATED = """
    CREATE TRIGGER customers_dated AFTER UPDATE OF created_at ON customers
    FOR EACH ROW WHEN (new.created_at <> old.created_at)
    EXECUTE FUNCTION tally_dated()"""


def statements(*, is_sqlite: bool) -> Iterator[str]:
    """The statements that make the triggers."""
    if not is_sqlite:
        yield from FUNCTIONS
    for kind, table in KINDS.items():
        dates = DATES if kind == "customer" else dict.fromkeys(DATES, "")
        for name, text in (SQLITE if is_sqlite else POSTGRESQL).items():
            made = text.format(table=table, kind=kind, **dates)
            yield f"CREATE TRIGGER {table}_{name}{made}"
    yield SQLITE_DATED if is_sqlite else POSTGRESQL_DATED


def create(connection: Connection) -> None:
    """Make the triggers of a database that has none."""
    for statement in statements(is_sqlite=connection.dialect.name == "sqlite"):
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Remove the triggers."""
    if connection.dialect.name != "sqlite":
        for name in ("added", "removed", "dated"):
            connection.exec_driver_sql(f"DROP FUNCTION tally_{name} CASCADE")
        return
    for table in KINDS.values():
        for name in SQLITE:
            connection.exec_driver_sql(f"DROP TRIGGER {table}_{name}")
    connection.exec_driver_sql("DROP TRIGGER customers_dated")
