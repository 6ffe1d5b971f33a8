"""The migrations make the tables that the code expects, with the shared places."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text

from core import CustomerDraft, Draft, Store, schema
from core.sql import Database
from core.tables import SHARED, cities, countries, metadata, regions, tallies

PLACES = {"countries": 249, "regions": 3710, "cities": 33_770}


def differences(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)


def place_counts(database):
    with database.engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table))
            for table in (countries, regions, cities)
        }


def shared_places(database):
    shared = [select(countries).order_by(countries.c.id)]
    for table in (regions, cities):
        of_all = select(table).where(table.c.shop_id == SHARED)
        shared.append(of_all.order_by(table.c.id))
    with database.engine.connect() as connection:
        return [connection.execute(places).all() for places in shared]


def layout(database):
    """Every table's columns, keys and indexes, as the database tells them."""
    inspector = inspect(database.engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in columns],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted(u["column_names"] for u in inspector.get_unique_constraints(name)),
            sorted(i["column_names"] for i in inspector.get_indexes(name)),
            sorted(
                (f["constrained_columns"], f["referred_table"], f["options"])
                for f in inspector.get_foreign_keys(name)
            ),
        )
        for name in sorted(metadata.tables)
        for columns in [inspector.get_columns(name)]
    }


def triggers(database):
    """Every trigger, and on PostgreSQL the functions behind them."""
    asked = (
        ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",)
        if database.is_sqlite
        else (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE NOT tgisinternal ORDER BY tgname",
            "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'tally%'"
            " ORDER BY proname",
        )
    )
    with database.engine.connect() as connection:
        return [tuple(row) for sql in asked for row in connection.execute(text(sql))]


def to_revision(database, name, *, down=False):
    """Bring the database to a revision by itself."""
    from alembic import command

    config = Config()
    config.set_main_option("script_location", "core:migrations")
    config.set_main_option("path_separator", "os")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, name)
        connection.commit()


def test_the_newest_revision_is_alembic_s_head():
    config = Config()
    config.set_main_option("script_location", "core:migrations")
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_an_empty_database_has_no_revision(fresh_database):
    assert schema.revision(fresh_database) is None


def test_a_database_that_is_gone_is_not_taken_for_an_empty_one():
    nowhere = Database("postgresql+psycopg://u@/db?host=127.0.0.1:1")

    with pytest.raises(schema.Unreachable):
        schema.revision(nowhere)


def test_the_migrations_make_the_tables_of_the_code(store):
    assert differences(store.database) == []
    assert schema.revision(store.database) == schema.HEAD


def test_both_ways_make_the_same_tables(store, fresh_database):
    schema.create(fresh_database)

    assert layout(fresh_database) == layout(store.database)
    assert triggers(fresh_database) == triggers(store.database) != []
    assert place_counts(fresh_database) == PLACES


def test_upgrading_again_changes_nothing(store):
    before = layout(store.database), shared_places(store.database)

    schema.upgrade(store.database)

    assert (layout(store.database), shared_places(store.database)) == before
    assert [len(places) for places in before[1]] == list(PLACES.values())


def test_an_upgrade_adds_the_places_that_came_later(fresh_database):
    schema.upgrade(fresh_database)
    with fresh_database.engine.connect() as connection:
        for text_ in (
            "DELETE FROM countries WHERE id > 240",
            "DELETE FROM regions WHERE id > 3000",
            "DELETE FROM cities WHERE id > 100",
            # What a shop has added since is no shared place.
            "INSERT INTO cities (shop_id, id, country_id, region_id, name, name_key)"
            " VALUES (1, 10000000, 1, 0, 'Own', 'own')",
        ):
            connection.execute(text(text_))
        connection.commit()

    schema.upgrade(fresh_database)

    assert place_counts(fresh_database) == {**PLACES, "cities": 33_771}


def test_a_failing_upgrade_leaves_nothing_behind(fresh_database):
    with fresh_database.engine.connect() as connection:
        connection.execute(text("CREATE TABLE keys (mine INTEGER)"))
        connection.commit()

    with pytest.raises(Exception, match="keys"):
        schema.upgrade(fresh_database)

    assert inspect(fresh_database.engine).get_table_names() == ["keys"]


def test_a_downgrade_leaves_no_table(fresh_database):
    schema.upgrade(fresh_database)

    to_revision(fresh_database, "base", down=True)

    tables = inspect(fresh_database.engine).get_table_names()
    assert tables == ["alembic_version"]
    assert triggers(fresh_database) == []


def test_an_upgrade_counts_what_an_older_store_holds(fresh_database):
    schema.upgrade(fresh_database)
    store = Store(fresh_database.url.render_as_string(hide_password=False))
    for hash in ("one", "two"):
        shop = store.add_shop(hash)
        store.number_from(shop, {"customer": 1018, "address": 3 * 2**18 - 4})
        with store.book("", shop=shop) as book:
            people = book.add_customers([CustomerDraft()] * 10)
            book.add_many([Draft(customer_id=one.id) for one in people])
    store.close()
    kept = select(tallies).order_by(*tallies.primary_key)
    with fresh_database.engine.connect() as connection:
        before = connection.execute(kept).all()
    to_revision(fresh_database, "0001", down=True)

    schema.upgrade(fresh_database)

    with fresh_database.engine.connect() as connection:
        assert connection.execute(kept).all() == before
    assert [row.held for row in before] == [4, 6, 4, 6, 6, 4, 10] * 2


def test_processes_may_upgrade_an_empty_database_at_once(fresh_database, run_workers):
    url = fresh_database.url.render_as_string(hide_password=False)

    [failed] = run_workers(1, "upgrade", url, 10)

    assert int(failed) == 0
    assert schema.revision(fresh_database) == schema.HEAD
    assert place_counts(fresh_database) == PLACES


def test_the_shared_places_are_the_same_on_every_database(store):
    in_memory = Store()
    schema.create(in_memory.database)

    assert shared_places(store.database) == shared_places(in_memory.database)

    in_memory.close()


def test_a_store_in_memory_needs_no_migrations():
    store = Store()
    schema.create(store.database)

    shop = store.add_shop("abc")

    assert store.shops() == [shop]
    store.close()
