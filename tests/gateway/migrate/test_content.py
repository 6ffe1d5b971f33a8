"""What explains that the target says otherwise, and what does not."""

from typing import Any

import pytest

from core import City, Country, CustomerDraft, Draft, Gender, Kind, Region
from gateway.migrate.content import (
    Losses,
    compare,
    content_of,
    customer_of,
    draft_of,
)
from gateway.migrate.delta import AGREED, AT_SOURCE, judged
from tests.dialects.remotes import person, sample

LOSSES = Losses(
    declared={"note": "no field", "street": "joined", "extras": "no others'"},
    untold=("fax",),
    own="mine",
)
LONG = "Analytical Engine Row " * 12


@pytest.mark.parametrize(
    ("ours", "theirs", "reasons"),
    [
        ({"note": "a"}, {}, ["no field"]),
        ({"note": "a"}, {"note": "b"}, [""]),
        ({"phone": "1"}, {}, [""]),
        ({"street": ["a", "b", "c"]}, {"street": ["a", "b c"]}, ["lines joined, or"]),
        ({"street": ["a"]}, {}, [""]),
        ({"street": ["a"]}, {"street": ["b"]}, [""]),
        ({"company": LONG}, {"company": LONG[:255]}, ["it is cut off"]),
        ({"company": LONG}, {"company": LONG[:240] + "other"}, [""]),
        ({"company": "abc"}, {"company": "ab"}, [""]),
        ({}, {"fax": "1"}, []),
        ({}, {"phone": "1"}, [""]),
        ({"extras": {"other": 1}}, {}, ["no others'"]),
        ({"extras": {"mine": {"a": 1}}}, {"extras": {"mine": {"a": 2}}}, [""]),
        (
            {"extras": {"mine": {"a": 1}}},
            {"extras": {"mine": {"b": 2}}},
            ["no others'"],
        ),
        ({"last_name": "Ada"}, {"last_name": "ADA"}, ["case or accents changed"]),
        ({}, {"kind": "residential"}, ["without a kind it"]),
    ],
)
def test_a_difference_is_as_it_is_declared_or_unexplained(
    ours: dict[str, Any], theirs: dict[str, Any], reasons: list[str]
) -> None:
    found = [LOSSES.reason(one) for one in compare(ours, theirs, LOSSES.untold)]

    told = zip(found, reasons, strict=True)
    assert all(
        one.startswith(start) and bool(one) == bool(start) for one, start in told
    )


def test_content_becomes_what_it_was_of() -> None:
    draft = sample(
        1,
        country=Country(code="US"),
        region=Region(code="NY", name="New York"),
        city=City(name="Troy"),
        kind=Kind.COMMERCIAL,
        extras={"mine": {"a": 1}},
    )
    customer = person(1, gender=Gender.FEMALE, is_active=False)

    assert draft_of(content_of(draft)) == draft
    assert customer_of(content_of(customer)) == customer
    assert (draft_of({}), customer_of({})) == (Draft(), CustomerDraft())


def test_a_change_of_case_alone_is_a_change() -> None:
    row = {"state": "done", "hash": "", "content": {"last_name": "ada"}}
    row |= {"target_hash": "", "is_created": 1}
    lower, upper = {"last_name": "ada"}, {"last_name": "Ada"}

    assert judged(row, upper, lower, LOSSES) == AT_SOURCE
    assert judged(row, upper, upper, LOSSES) == AGREED
