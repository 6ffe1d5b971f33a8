"""Addresses and customers to test with, of every kind that some dialect can store."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core import (
    Address,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Kind,
    Region,
)

# The tests are inherited, so each subclass runs them as its own; and a world is one for
# all the examples of a test, which hold whatever else stands in it.
PURE = settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
)
ON_A_WORLD = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)

PRINTABLE = st.characters(
    exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Cf"), max_codepoint=0x1FAFF
)
NUMBERS = st.integers(1, 2**53)
INSTANTS = st.datetimes(
    min_value=datetime(2001, 1, 1),
    max_value=datetime(2099, 1, 1),
    timezones=st.just(UTC),
)


def words(minimum: int = 0) -> st.SearchStrategy[str]:
    """Text without blanks at its ends, as people type it."""
    return st.text(PRINTABLE, min_size=minimum, max_size=12)


def texts() -> st.SearchStrategy[str]:
    """Text of any kind that a database keeps: blanks, breaks, control characters."""
    anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.one_of(st.just(""), words(), st.text(anything, max_size=20))


def lines(text: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Street lines, with no empty one at the end."""
    return st.lists(text, max_size=4).map(
        lambda found: Draft(street=tuple(found)).street
    )


def addresses() -> st.SearchStrategy[Address]:
    """Any address that may stand in the store, whoever wrote it."""
    text = texts()
    return st.builds(
        Address,
        id=st.integers(1, 2**31 - 1),
        public_id=st.text(string.ascii_lowercase + string.digits, min_size=6).map(
            lambda body: f"adr_{body}"
        ),
        customer_id=st.integers(1, 2**31 - 1),
        first_name=text,
        middle_name=text,
        last_name=text,
        prefix=text,
        suffix=text,
        company=text,
        street=lines(text),
        city=st.none() | st.builds(City, id=NUMBERS, name=text),
        region=st.none() | st.builds(Region, id=NUMBERS, code=text, name=text),
        country=st.none()
        | st.builds(Country, id=NUMBERS, code=words(2), name=words(1)),
        postal_code=text,
        phone=text,
        fax=text,
        tax_id=text,
        national_id=text,
        note=text,
        kind=st.none() | st.sampled_from(Kind),
        default_billing=st.booleans(),
        default_shipping=st.booleans(),
        extras=st.dictionaries(
            words(1), st.dictionaries(words(1), words()), max_size=2
        ),
        created_at=INSTANTS,
        updated_at=INSTANTS,
    )


def customers() -> st.SearchStrategy[Customer]:
    """Any customer who may stand in the store, whoever wrote of them."""
    text = texts()
    return st.builds(
        Customer,
        id=st.integers(1, 2**31 - 1),
        public_id=st.text(string.ascii_lowercase + string.digits, min_size=6).map(
            lambda body: f"cus_{body}"
        ),
        first_name=text,
        middle_name=text,
        last_name=text,
        prefix=text,
        suffix=text,
        email=text,
        phone=text,
        company=text,
        note=text,
        tax_id=text,
        national_id=text,
        birth_date=st.none() | st.dates(),
        gender=st.none() | st.sampled_from(Gender),
        is_active=st.booleans(),
        extras=st.dictionaries(
            words(1), st.dictionaries(words(1), words()), max_size=2
        ),
        default_billing_id=st.none() | NUMBERS,
        default_shipping_id=st.none() | NUMBERS,
        created_at=INSTANTS,
        updated_at=INSTANTS,
    )


def ordinary_customers() -> st.SearchStrategy[CustomerDraft]:
    """Customers that every dialect takes: with names and an e-mail, in short words."""
    word = words(1)
    local = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
    return st.builds(
        CustomerDraft,
        first_name=word,
        middle_name=words(),
        last_name=word,
        prefix=words(),
        suffix=words(),
        email=local.map(lambda name: f"{name}@example.com"),
        phone=word,
        company=words(),
        note=words(),
        tax_id=words(),
        national_id=words(),
        birth_date=st.none() | st.dates(date(1900, 1, 1), date(2020, 12, 31)),
        gender=st.none() | st.sampled_from(Gender),
        is_active=st.booleans(),
    )


def ordinary_drafts() -> st.SearchStrategy[Draft]:
    """Drafts that every dialect takes: complete, in a known place, in short words."""
    word = words(1)
    return st.builds(
        Draft,
        first_name=word,
        middle_name=words(),
        last_name=word,
        prefix=words(),
        suffix=words(),
        company=words(),
        street=st.lists(word, min_size=1, max_size=2).map(tuple),
        postal_code=word,
        phone=word,
        fax=words(),
        tax_id=words(),
        national_id=words(),
        note=words(),
        kind=st.sampled_from(Kind),
        default_billing=st.booleans(),
        default_shipping=st.booleans(),
    ).flatmap(
        lambda draft: st.sampled_from(PLACES).map(lambda place: within(draft, place))
    )


PLACES = (
    ("US", "New York", "New York City"),
    ("US", "California", "Los Angeles"),
    ("CA", "Ontario", "Toronto"),
)
"""Places that every dialect can name, by number, code or name."""


def within(draft: Draft, place: tuple[str, str, str]) -> Draft:
    """The draft, in the place."""
    country, region, city = place
    return replace(
        draft,
        country=Country(code=country),
        region=Region(name=region),
        city=City(name=city),
    )
