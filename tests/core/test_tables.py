"""What an engine that spreads rows over machines needs of the tables."""

from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from core.tables import EVERYWHERE, SPREAD, metadata

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
SPREAD_TABLES = [metadata.tables[name] for name in sorted(SPREAD)]


def names(table):
    return table.name


def test_every_table_is_spread_or_everywhere():
    assert SPREAD.keys() | EVERYWHERE == metadata.tables.keys()
    assert not SPREAD.keys() & EVERYWHERE


@pytest.mark.parametrize("table", SPREAD_TABLES, ids=names)
def test_every_key_of_a_spread_table_starts_with_what_it_is_spread_by(table):
    keys = [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
    ]
    indexes = [[c.name for c in index.columns] for index in table.indexes]

    assert keys
    assert {key[0] for key in keys} == {SPREAD[table.name]}
    if SPREAD[table.name] == "shop_id":
        assert {index[0] for index in indexes} <= {"shop_id"}


@pytest.mark.parametrize("table", SPREAD_TABLES, ids=names)
def test_what_a_spread_table_refers_to_is_everywhere_or_beside_it(table):
    refers = {
        (key.columns.keys()[0], key.elements[0].column.name)
        for key in table.foreign_key_constraints
        if key.referred_table.name not in EVERYWHERE
    }

    assert refers <= {(SPREAD[table.name], "shop_id")}


@pytest.mark.parametrize("table", sorted(EVERYWHERE))
def test_what_is_everywhere_refers_to_nothing_that_is_not(table):
    referred = metadata.tables[table].foreign_key_constraints

    assert {key.referred_table.name for key in referred} <= EVERYWHERE


def test_the_page_tells_how_to_spread_every_table():
    text = PAGE.read_text("utf-8")

    told = {
        *(f"create_reference_table('{name}')" for name in EVERYWHERE),
        *(
            f"create_distributed_table('{n}', '{column}')"
            for n, column in SPREAD.items()
        ),
    }
    assert {line for line in told if line not in text} == set()
