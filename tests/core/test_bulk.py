"""Batches of records become what a book makes of the same drafts."""

import pickle
import tracemalloc
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from secrets import token_hex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import (
    Added,
    Address,
    Batch,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Invalid,
    Kind,
    PlaceRow,
    Problem,
    Query,
    Region,
)
from core.names import OWN
from core.records import ADDRESS_COLUMNS, CUSTOMER_COLUMNS, RECORD_FIELDS
from core.tables import addresses, cities, counters, customers, names, regions
from gateway.testing.strategies import ON_A_WORLD, lines, texts

NOON = "2026-01-01T12:00:00Z"
PLACES = (
    ("US", "Ohio", "Akron"),
    ("us", "OH", "akron"),
    ("US", "Ohio", "A village"),
    ("DE", "Nowhere", "A village"),
    ("FR", "", "Paris"),
    ("CA", "", ""),
    ("", "Somewhere", ""),
    ("", "", ""),
)
EXTRAS = st.dictionaries(st.sampled_from(["a", "b"]), texts(), max_size=1)
INSTANTS = st.datetimes(
    min_value=datetime(2001, 1, 1), max_value=datetime(2099, 1, 1)
).map(lambda instant: instant.replace(tzinfo=UTC))


def bulk(store, shop, records, *, dialect="test", updates=False, known=None):
    """What became of the records, which are customers if they have an e-mail."""
    known = {} if known is None else known
    batch = Batch(shop, known)
    for index, record in enumerate(records):
        is_customer = "email" in record
        (batch.add_customer if is_customer else batch.add_address)(index, record)
    if not store.database.is_sqlite:
        batch.become_text()
        batch = pickle.loads(pickle.dumps(batch))
    with store.bulk(dialect, shop=store.shop(shop.hash), known=known) as work:
        return work.store(batch, updates=updates)


def drafts(customers):
    """Drafts and Addresses, in places that are known, new or none."""
    text = texts()
    plain = {
        name: text
        for name in RECORD_FIELDS["addresses"]
        if Draft.__dataclass_fields__.get(name)
        and Draft.__dataclass_fields__[name].type is str
    }
    return st.tuples(
        st.builds(
            Draft,
            customer_id=st.sampled_from(customers),
            street=lines(text),
            kind=st.none() | st.sampled_from(Kind),
            default_billing=st.booleans(),
            default_shipping=st.booleans(),
            extras=EXTRAS,
            **plain,
        ),
        st.sampled_from(PLACES),
        st.none() | st.integers(1, 50) | st.integers(OWN, OWN + 50),
        st.tuples(INSTANTS, INSTANTS),
    ).map(lambda made: placed(*made))


def placed(draft, place, number, dates):
    country, region, city = place
    whole = replace(
        draft,
        country=Country(code=country) if country else None,
        region=Region(name=region) if region else None,
        city=City(name=city) if city else None,
    )
    if number is None:
        return whole
    values = {field.name: getattr(whole, field.name) for field in fields(whole)}
    created_at, updated_at = dates
    return Address(
        **values,
        id=number,
        public_id=f"adr_own{number}",
        created_at=created_at,
        updated_at=updated_at,
    )


def record_from(draft):
    """The draft as a record."""
    record = {field.name: getattr(draft, field.name) for field in fields(draft)}
    record |= {
        "street": list(draft.street),
        "country": draft.country.code if draft.country else "",
        "region": draft.region.name if draft.region else "",
        "city": draft.city.name if draft.city else "",
        "kind": draft.kind or "",
    }
    for name in ("created_at", "updated_at"):
        if name in record:
            record[name] = record[name].isoformat()
    return record


def distinct(some):
    """Whether no two have the same number."""
    numbers = [one.id for one in some if isinstance(one, Address)]
    return len(numbers) == len(set(numbers))


def everything(rows, shop):
    """All rows of the shop, without the shop."""
    return {
        table.name: sorted(
            (
                {k: v for k, v in row.items() if k != "shop_id"}
                for row in rows(table, shop)
            ),
            key=str,
        )
        for table in (addresses, customers, cities, regions, counters, names)
    }


@settings(parent=ON_A_WORLD)
@given(some=st.lists(drafts([1, 2]), max_size=8).filter(distinct))
def test_records_become_the_rows_that_a_book_stores(store, clock, ids, rows, some):
    shops = [store.add_shop(token_hex(8)) for _ in range(2)]
    for shop in shops:
        with store.book("test", shop=shop) as book:
            book.add_customers([CustomerDraft(), CustomerDraft()])
    with store.book("test", shop=shops[0]) as book:
        ids.reset()
        book.add_many(some)
    ids.reset()

    added = bulk(store, shops[1], [record_from(draft) for draft in some])

    assert added == Added(stored=len(some))
    by_book, by_bulk = (everything(rows, shop) for shop in shops)
    for found in (by_book, by_bulk):
        for one in found["customers"]:
            del one["public_id"]
    assert by_bulk == by_book


@settings(parent=ON_A_WORLD)
@given(
    some=st.lists(
        st.builds(
            CustomerDraft,
            first_name=texts(),
            email=texts(),
            note=texts(),
            birth_date=st.none() | st.dates(date(1900, 1, 1)),
            gender=st.none() | st.sampled_from(Gender),
            is_active=st.booleans(),
            extras=EXTRAS,
        ),
        max_size=5,
    ),
    number=st.none() | st.sampled_from([7, OWN + 7]),
)
def test_customers_become_the_rows_that_a_book_stores(store, ids, rows, some, number):
    if number and some:
        given = {field.name: getattr(some[0], field.name) for field in fields(some[0])}
        noon = datetime(2020, 1, 1, tzinfo=UTC)
        some[0] = Customer(
            **given, id=number, public_id="cus_own", created_at=noon, updated_at=noon
        )
    shops = [store.add_shop(token_hex(8)) for _ in range(2)]
    with store.book("test", shop=shops[0]) as book:
        ids.reset()
        book.add_customers(some)
    ids.reset()

    added = bulk(store, shops[1], [customer_record_from(draft) for draft in some])

    assert added == Added(stored=len(some))
    assert everything(rows, shops[1]) == everything(rows, shops[0])


def customer_record_from(draft):
    names = RECORD_FIELDS["customers"]
    record = {name: getattr(draft, name) for name in names if hasattr(draft, name)}
    record["birth_date"] = draft.birth_date.isoformat() if draft.birth_date else ""
    record["gender"] = draft.gender or ""
    for name in ("created_at", "updated_at"):
        if name in record:
            record[name] = record[name].isoformat()
    return record


@pytest.mark.parametrize(
    "draft",
    [
        Draft(customer_id=1, note="\0"),
        Draft(customer_id=1, street=("a", "\ud800")),
        Draft(customer_id=9),
        Draft(customer_id=9, first_name="\0", city=City(name="\ud800")),
    ],
)
def test_what_a_book_refuses_is_refused_with_the_same_problems(
    draft, store, shop, ada, open_book
):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([draft])

    found = bulk(store, shop, [record_from(draft)]).problems

    assert {(p.path, p.code) for p in found} == {
        (p.path, p.code) for p in error.value.problems
    }


@pytest.mark.parametrize(
    ("record", "path", "code"),
    [
        ({}, "customer_id", "required"),
        ({"customer_id": 1, "nickname": ""}, "nickname", "surplus"),
        ({"customer_id": True}, "customer_id", "type"),
        ({"customer_id": 1, "id": 0}, "id", "impossible"),
        ({"customer_id": 1, "id": 2**63}, "id", "impossible"),
        ({"customer_id": 1, "note": 5}, "note", "type"),
        ({"customer_id": 1, "street": "1 Row"}, "street", "type"),
        ({"customer_id": 1, "street": [1]}, "street", "type"),
        ({"customer_id": 1, "country": "XX"}, "country", "unknown"),
        ({"customer_id": 1, "kind": "castle"}, "kind", "unknown"),
        ({"customer_id": 1, "kind": []}, "kind", "type"),
        ({"customer_id": 1, "default_billing": "yes"}, "default_billing", "type"),
        ({"customer_id": 1, "extras": []}, "extras", "type"),
        ({"customer_id": 1, "created_at": "yesterday"}, "created_at", "impossible"),
        (
            {"customer_id": 1, "created_at": "2020-01-01T00:00"},
            "created_at",
            "impossible",
        ),
        ({"customer_id": 1, "updated_at": 5}, "updated_at", "type"),
    ],
)
def test_a_bad_record_is_told_and_the_others_are_stored(
    record, path, code, store, shop, ada
):
    added = bulk(store, shop, [record, {"customer_id": 1}])

    assert added.stored == 1
    assert [(p.path, p.code, p.index) for p in added.problems] == [(path, code, 0)]


@pytest.mark.parametrize(
    ("record", "path", "code"),
    [
        ({"email": 1}, "email", "type"),
        ({"email": "", "birth_date": "1815"}, "birth_date", "impossible"),
        ({"email": "", "gender": "x"}, "gender", "unknown"),
        ({"email": "", "is_active": 1}, "is_active", "type"),
        ({"email": "", "customer_id": 1}, "customer_id", "surplus"),
    ],
)
def test_a_bad_customer_is_told(record, path, code, store, shop):
    added = bulk(store, shop, [record])

    assert [(p.path, p.code) for p in added.problems] == [(path, code)]


def test_every_problem_of_a_record_is_told(store, shop, ada):
    record = {"customer_id": 9, "note": "\0", "id": "x", "country": "XX"}

    found = bulk(store, shop, [record]).problems

    assert {(p.path, p.code) for p in found} == {
        ("customer_id", "unknown"),
        ("note", "unstorable"),
        ("id", "type"),
        ("country", "unknown"),
    }


def test_null_is_as_good_as_absent(store, shop, ada, open_book):
    record = dict.fromkeys(RECORD_FIELDS["addresses"]) | {"customer_id": 1}

    assert bulk(store, shop, [record]) == Added(stored=1)


def test_customers_are_stored_before_the_addresses_of_their_batch(store, shop):
    added = bulk(store, shop, [{"customer_id": 5}, {"email": "", "id": 5}])

    assert added == Added(stored=2)


WHOLE = {
    "id": 5,
    "public_id": "adr_five",
    "customer_id": 1,
    "note": "a",
    "created_at": NOON,
    "updated_at": NOON,
}


@pytest.mark.parametrize(
    ("record", "added"),
    [
        (WHOLE, Added(unchanged=1)),
        ({"id": 5, "customer_id": 1, "note": "a"}, Added(unchanged=1)),
        ({"public_id": "adr_five", "customer_id": 1, "note": "a"}, Added(unchanged=1)),
        ({**WHOLE, "note": "b"}, Added(problems=[Problem("id", "taken")])),
        (
            {"public_id": "adr_five", "customer_id": 1},
            Added(problems=[Problem("public_id", "taken")]),
        ),
        ({**WHOLE, "id": 6}, Added(problems=[Problem("public_id", "taken")])),
        (
            {**WHOLE, "public_id": "adr_six"},
            Added(problems=[Problem("id", "taken")]),
        ),
    ],
)
def test_what_is_there_is_unchanged_or_its_ids_are_taken(
    record, added, store, shop, ada
):
    bulk(store, shop, [WHOLE])

    assert bulk(store, shop, [record]) == added


@pytest.mark.parametrize("number", [5, OWN + 5])
def test_a_row_twice_in_a_batch_is_as_one_that_is_there(number, store, shop, ada):
    one = {**WHOLE, "id": number}

    added = bulk(store, shop, [one, one, {**one, "note": "b"}])

    assert added == Added(stored=1, unchanged=1, problems=[Problem("id", "taken", 2)])


@pytest.mark.parametrize("number", [5, OWN + 5])
def test_an_update_changes_what_is_there(number, store, shop, ada, open_book):
    one = {**WHOLE, "id": number}
    bulk(store, shop, [one, {"customer_id": 1, "default_shipping": True}])
    changed = {"id": number, "customer_id": 1, "note": "b", "default_billing": True}

    added = bulk(store, shop, [changed, changed], updates=True)

    assert added == Added(updated=1, unchanged=1)
    with open_book() as book:
        found = book.get(number)
        assert (found.note, found.default_billing) == ("b", True)
        assert (found.public_id, found.created_at) == (
            "adr_five",
            datetime.fromisoformat(NOON),
        )


def test_an_update_keeps_the_customer(store, shop, grace):
    bulk(store, shop, [WHOLE])

    added = bulk(store, shop, [{**WHOLE, "customer_id": 2}], updates=True)

    assert added.problems == [Problem("customer_id", "kept")]


def test_an_update_takes_roles_away(store, shop, ada, open_book):
    bulk(store, shop, [{**WHOLE, "default_billing": True}])

    assert bulk(store, shop, [WHOLE], updates=True) == Added(updated=1)
    with open_book() as book:
        assert book.customer(1).default_billing_id is None


def test_a_customer_is_updated(store, shop, open_book):
    one = {"id": 3, "email": "a@example.com"}
    bulk(store, shop, [one])

    assert bulk(store, shop, [one]) == Added(unchanged=1)
    assert bulk(store, shop, [{**one, "note": "b"}], updates=True) == Added(updated=1)
    with open_book() as book:
        assert book.customer(3).note == "b"


def test_of_several_defaults_the_last_is_it(store, shop, ada, open_book):
    both = {"customer_id": 1, "default_billing": True, "default_shipping": True}

    bulk(store, shop, [both, both, {"customer_id": 1, "default_billing": True}])

    with open_book() as book:
        found = book.customer(1)
    assert (found.default_billing_id, found.default_shipping_id) == (3, 2)


def test_the_last_default_is_it_wherever_its_place_was_found(store, shop, ada):
    """A place that is new is looked for later than what is known."""
    known = {}
    new, old = ({"customer_id": 1, "city": city} for city in ("New", "Old"))
    bulk(store, shop, [old], known=known)

    some = [{**one, "default_billing": True} for one in (new, old)]
    bulk(store, shop, some, known=known)

    with store.book("test", shop=shop, writes=False) as book:
        assert book.customer(1).default_billing_id == 3


def test_a_city_of_the_shops_own_wins(store, shop, ada, open_book):
    """As it does for a book."""
    akron = {"customer_id": 1, "country": "US", "region": "ohio", "city": "Akron"}
    bulk(store, shop, [akron])
    with open_book() as book:
        ohio = book.get(1).region.id
    own = {"number": 10_000_000, "name": "AKRON", "country": "US", "region": ohio}
    store.add_own_places(shop, [PlaceRow(kind="city", **own)])

    bulk(store, shop, [akron, {**akron, "city": "akron"}])

    with open_book() as book:
        found = [book.get(number).city for number in (2, 3)]
    assert found == [City(id=10_000_000, name=name) for name in ("Akron", "akron")]


def test_new_numbers_follow_those_that_were_given(store, shop, ada, open_book):
    bulk(store, shop, [{"customer_id": 1}, {"customer_id": 1, "id": 40}])

    with open_book() as book:
        assert [one.id for one in book.find(Query()).items] == [40, 41]


def test_customers_are_known_by_their_dialects_numbers(store, shop, open_book):
    bulk(store, shop, [{"email": "", "id": OWN + 1}])

    added = bulk(store, shop, [{"customer_id": OWN + 1}, {"customer_id": 1}])

    assert added.stored == 1
    assert [(p.path, p.code, p.index) for p in added.problems] == [
        ("customer_id", "unknown", 1)
    ]


def test_a_customer_of_another_shop_is_unknown(store, shop, other_shop, ada):
    added = bulk(store, other_shop, [{"customer_id": 1}])

    assert [p.code for p in added.problems] == ["unknown"]


def store_and_fail(store, shop, known):
    batch = Batch(shop, known)
    batch.add_address(0, {"customer_id": 1, "city": "A village"})
    with store.bulk("test", shop=shop, known=known) as work:
        work.store(batch)
        raise KeyError


def test_places_of_a_unit_that_was_undone_are_not_remembered(
    store, shop, ada, open_book
):
    known = {}

    with pytest.raises(KeyError):
        store_and_fail(store, shop, known)

    assert known == {}
    with open_book() as book:
        assert book.find(Query()).total == 0


def test_an_extract_is_what_a_batch_was(store, shop, ada):
    record = {
        **WHOLE,
        "street": ["1 Row", "a\nb"],
        "city": "akron",
        "region": "Ohio",
        "region_code": "OH",
        "country": "US",
        "kind": "commercial",
        "default_billing": True,
        "default_shipping": True,
        "extras": {"test": {"a": [1, None]}},
        "updated_at": "2026-01-01T12:00:00.000001Z",
    }
    person = {
        "id": 2,
        "public_id": "cus_two",
        "email": "b@example.com",
        "birth_date": "1815-12-10",
        "gender": "female",
        "is_active": False,
        "created_at": NOON,
        "updated_at": NOON,
    }
    bulk(store, shop, [record, person])

    with store.extract("test", shop=shop) as extract:
        assert list(extract.addresses()) == [record]
        assert list(extract.customers())[1:] == [person]
        assert extract.counts() == {"customers": 2, "addresses": 1}


def test_an_extract_speaks_in_its_dialects_numbers(store, shop):
    bulk(store, shop, [{"email": "", "id": OWN + 1}])
    bulk(store, shop, [{"customer_id": OWN + 1, "id": OWN + 2}])

    with store.extract("test", shop=store.shop(shop.hash)) as extract:
        [found] = extract.addresses()

    assert (found["id"], found["customer_id"]) == (OWN + 2, OWN + 1)


def test_an_extract_is_of_one_moment(store, shop, ada):
    bulk(store, shop, [WHOLE])

    with store.extract("test", shop=shop) as extract:
        assert extract.counts()["addresses"] == 1
        bulk(store, shop, [{"customer_id": 1}])
        found = list(extract.addresses())

    assert len(found) == 1


def test_an_extract_holds_a_page_at_a_time(store, shop, ada):
    some = [{"customer_id": 1, "note": "a" * 1000} for _ in range(12_000)]
    bulk(store, shop, some)
    del some
    with store.extract("test", shop=shop) as extract:
        tracemalloc.start()
        count = sum(1 for _ in extract.addresses())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert count == 12_000
    # A page of 2000 rows of 1 kB, of the 12 MB that there are.
    assert peak < 7_000_000


def test_rows_have_every_column():
    roles = {"default_billing_id", "default_shipping_id"}

    assert set(ADDRESS_COLUMNS) == set(addresses.c.keys())
    assert set(CUSTOMER_COLUMNS) == set(customers.c.keys()) - roles
