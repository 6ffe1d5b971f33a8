"""An address book adds, gives, changes and removes: all that was asked, or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core import (
    Address,
    City,
    Condition,
    Country,
    Draft,
    Invalid,
    Kind,
    NotFound,
    Op,
    Problem,
    Query,
    Region,
)
from core.tables import addresses, cities, counters

WHOLE = Draft(
    customer_id=1,
    first_name="Ada",
    middle_name="King",
    last_name="Lovelace",
    prefix="Lady",
    suffix="I",
    company="Analytical Engines",
    street=("12 Row", "Flat 3"),
    city=City(name="akron"),
    region=Region(name="OH"),
    country=Country(code="us"),
    postal_code="44301",
    phone="330",
    fax="331",
    tax_id="T",
    national_id="N",
    note="ring twice",
    kind=Kind.COMMERCIAL,
    default_billing=True,
    default_shipping=True,
    extras={"test": {"a": [1, 2.5, None, "é\0\ud800"], "b": {}}, "other": "x"},
)

NOBODY = [0, 2, -1, 2**31, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**30]
NOBODY += ["", "adr_1", "1", "a\0", "\ud800", "x" * 10_000]


def test_an_added_address_has_names_a_history_and_whole_places(
    open_book, ada, clock, ids
):
    with open_book() as book:
        [added] = book.add_many([WHOLE])

    assert added == Address(
        **{
            name: getattr(WHOLE, name)
            for name in vars(WHOLE)
            if name not in ("city", "region", "country")
        },
        id=1,
        public_id="adr_00000000000000000002",
        city=City(id=added.city.id, name="akron"),
        region=Region(id=39, code="OH", name="Ohio"),
        country=Country(id=1, code="US", name="United States"),
        created_at=clock(),
        updated_at=clock(),
    )


@pytest.mark.parametrize("draft", [WHOLE, Draft(customer_id=1)])
def test_what_was_added_is_there(draft, open_book, ada):
    with open_book() as book:
        [added] = book.add_many([draft])

    with open_book() as book:
        assert book.get(added.id) == added


def test_an_address_goes_by_its_number_and_by_its_public_id(open_book, address):
    with open_book(writes=False) as book:
        assert [book.get(1), book.get(address.public_id)] == [address, address]


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("ref", NOBODY)
def test_an_unknown_address_is_not_found(ref, writes, open_book, address):
    with open_book(writes=writes) as book, pytest.raises(NotFound) as error:
        book.get(ref)

    assert (error.value.kind, error.value.id) == ("address", ref)


def test_adding_nothing_adds_nothing(open_book, ada, rows):
    with open_book() as book:
        added = book.add_many([])

    assert added == []
    assert rows(addresses) == []


def test_a_batch_keeps_its_order(open_book, ada, grace):
    drafts = [Draft(customer_id=n % 2 + 1, note=str(n)) for n in range(50, 0, -1)]

    with open_book() as book:
        added = book.add_many(drafts)

    assert [(a.id, a.note) for a in added] == [(n, str(51 - n)) for n in range(1, 51)]
    with open_book() as book:
        assert [book.get(address.id) for address in added] == added


def test_a_failing_batch_writes_nothing_and_tells_every_problem(open_book, ada, rows):
    before = rows(counters)
    drafts = [
        Draft(customer_id=ada.id, city=City(name="Nowhere At All")),
        Draft(customer_id=99, note="\0", country=Country(code="XX")),
        Draft(customer_id=ada.id, city=City(id=99_999_999), region=Region(id=99_999)),
        Draft(customer_id=98),
        Draft(customer_id=ada.id, region=Region(id=39), country=Country(code="CA")),
    ]

    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many(drafts)

    assert sorted(error.value.problems, key=lambda p: (p.index, p.path)) == [
        Problem("country", "unknown", 1, {"value": Country(code="XX")}),
        Problem("customer_id", "unknown", 1, {"value": 99}),
        Problem("note", "unstorable", 1),
        Problem("city", "unknown", 2, {"value": 99_999_999}),
        Problem("region", "unknown", 2, {"value": 99_999}),
        Problem("customer_id", "unknown", 3, {"value": 98}),
        Problem("region", "elsewhere", 4),
    ]
    assert [problem.index for problem in error.value.problems] == [1, 1, 1, 2, 2, 3, 4]
    assert (rows(addresses), rows(cities), rows(counters)) == ([], [], before)


@pytest.mark.parametrize("number", [0, 2, -1, 2**63, -(2**63) - 1])
def test_nothing_is_added_for_an_unknown_customer(number, open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([Draft(customer_id=number)])

    assert error.value.problems == (
        Problem("customer_id", "unknown", 0, {"value": number}),
    )


UNSTORABLE = [
    ("first_name", "a\0"),
    ("note", "\ud800"),
    ("street", ("a", "\0")),
    ("city", City(name="\0")),
    ("city", City(name="\udfff")),
    ("region", Region(name="\0")),
    ("region", Region(name="\ud800")),
    ("region", Region(code="\ud800")),
]


@pytest.mark.parametrize(("name", "value"), UNSTORABLE)
def test_text_that_one_database_cannot_keep_is_refused_by_both(
    name, value, open_book, ada
):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many(
            [Draft(customer_id=ada.id), Draft(customer_id=1, **{name: value})]
        )

    assert error.value.problems == (Problem(name, "unstorable", 1),)


@pytest.mark.parametrize(("name", "value"), UNSTORABLE)
def test_no_change_brings_in_text_that_cannot_be_kept(name, value, open_book, address):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.update_many([(book.get(1), {}), (book.get(1), {name: value})])

    assert error.value.problems == (Problem(name, "unstorable", 1),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "other") for name in ("first_name", "company", "phone", "note")),
        ("street", ("1 Lane",)),
        ("street", ()),
        ("kind", Kind.RESIDENTIAL),
        ("kind", None),
        ("default_billing", False),
        ("default_shipping", False),
        ("extras", {}),
        ("extras", {"test": {"z": 1}}),
    ],
)
def test_an_update_leaves_other_fields_alone(name, value, open_book, ada, clock):
    with open_book() as book:
        [added] = book.add_many([WHOLE])
    clock.advance(60)

    with open_book() as book:
        [updated] = book.update_many([(book.get(added.id), {name: value})])

    assert updated == replace(
        added, **{name: value}, updated_at=added.updated_at + timedelta(minutes=1)
    )
    with open_book() as book:
        assert book.get(added.id) == updated


def test_an_update_moves_an_address(open_book, ada):
    moved = {
        "country": Country(code="CA"),
        "region": Region(name="ON"),
        "city": City(name="toronto"),
    }
    with open_book() as book:
        [added] = book.add_many([WHOLE])

    with open_book() as book:
        [updated] = book.update_many([(book.get(added.id), moved)])

    with open_book() as book:
        stored = book.get(added.id)
    assert stored == updated
    assert (stored.country, stored.region, stored.city) == (
        Country(id=2, code="CA", name="Canada"),
        Region(id=updated.region.id, code="ON", name="Ontario"),
        City(id=updated.city.id, name="toronto"),
    )


def test_an_update_takes_places_away(open_book, ada):
    with open_book() as book:
        [added] = book.add_many([WHOLE])

    with open_book() as book:
        nowhere = {"country": None, "region": None, "city": None}
        [updated] = book.update_many([(book.get(added.id), nowhere)])

    assert updated == replace(added, **nowhere)
    with open_book() as book:
        assert book.get(added.id) == updated


def test_writing_back_what_was_read_changes_nothing(open_book, ada):
    with open_book() as book:
        [added] = book.add_many([WHOLE])
    read = {name: getattr(added, name) for name in vars(WHOLE) if name != "customer_id"}

    with open_book() as book:
        [updated] = book.update_many([(book.get(added.id), read)])

    assert updated == added
    with open_book() as book:
        assert book.get(added.id) == added


def test_an_update_without_changes_still_counts_as_one(open_book, address, clock):
    clock.advance(1)

    with open_book() as book:
        [updated] = book.update_many([(book.get(1), {})])

    assert updated == replace(address, updated_at=clock())


def test_a_batch_of_updates_keeps_its_order(open_book, ada):
    with open_book() as book:
        added = book.add_many([Draft(customer_id=ada.id, note="old")] * 3)

    with open_book() as book:
        found = [book.get(n) for n in (3, 1, 2)]
        updated = book.update_many([(a, {"note": f"new {a.id}"}) for a in found])

    assert [a.note for a in updated] == ["new 3", "new 1", "new 2"]
    with open_book() as book:
        assert list(book.find(Query(order=("id",))).items) == [
            replace(old, note=f"new {old.id}") for old in added
        ]


def test_a_failing_batch_of_updates_changes_nothing(open_book, ada):
    with open_book() as book:
        added = book.add_many([Draft(customer_id=ada.id)] * 3)

    changes = [
        {"note": "fine"},
        {"city": City(name="\0"), "note": "\ud800"},
        {"country": Country(code="XX")},
    ]

    with pytest.raises(Invalid) as error, open_book() as book:
        book.update_many(list(zip(map(book.get, (1, 2, 3)), changes, strict=True)))

    assert error.value.problems == (
        Problem("note", "unstorable", 1),
        Problem("city", "unstorable", 1),
        Problem("country", "unknown", 2, {"value": Country(code="XX")}),
    )
    with open_book() as book:
        assert list(book.find(Query()).items) == added


@pytest.mark.parametrize(
    "name", ["state", "id", "public_id", "customer_id", "created_at", "updated_at"]
)
def test_a_change_of_what_cannot_change_is_a_bug_and_changes_nothing(
    name, open_book, address
):
    with pytest.raises(TypeError), open_book() as book:
        book.update_many([(book.get(1), {"note": "new"}), (book.get(1), {name: 2})])

    with open_book() as book:
        assert book.get(1) == address


def test_a_removed_address_is_gone(open_book, address):
    with open_book() as book:
        book.remove_many([book.get(1)])

    with open_book() as book, pytest.raises(NotFound):
        book.get(1)


def test_a_removal_leaves_the_others(open_book, ada):
    with open_book() as book:
        _, kept, _ = book.add_many([Draft(customer_id=ada.id)] * 3)

    with open_book() as book:
        book.remove_many([book.get(3), book.get(1)])

    with open_book() as book:
        assert list(book.find(Query()).items) == [kept]


def test_a_removal_that_fails_removes_nothing(open_book, ada):
    with open_book() as book:
        added = book.add_many([Draft(customer_id=ada.id)] * 2)

    def remove_what_is_not_there():
        with open_book() as book:
            book.remove_many([book.get(1)])
            book.remove_many([book.get(3)])

    with pytest.raises(NotFound):
        remove_what_is_not_there()

    with open_book() as book:
        assert list(book.find(Query()).items) == added


def test_a_number_is_never_given_twice(open_book, address):
    with open_book() as book:
        book.remove_many([book.get(1)])

    with open_book() as book:
        [next_one] = book.add_many([Draft(customer_id=1)])

    assert next_one.id == 2


def test_a_book_sees_what_it_has_written(open_book, ada):
    with open_book() as book:
        [added] = book.add_many([Draft(customer_id=ada.id)])
        assert book.get(added.id) == added
        [updated] = book.update_many([(added, {"note": "new"})])
        assert book.find(Query()).items == [updated]
        book.remove_many([updated])
        assert book.find(Query()).items == []


def test_a_book_left_by_an_exception_has_written_nothing(open_book, address):
    def fail_in_the_end():
        with open_book() as book:
            book.update_many([(book.get(1), {"note": "new"})])
            book.add_many([Draft(customer_id=1)])
            raise ValueError("in the end")

    with pytest.raises(ValueError, match="in the end"):
        fail_in_the_end()

    with open_book() as book:
        assert book.find(Query()).items == [address]


def test_locking_nobody_is_no_error(open_book, ada, grace):
    with open_book() as book:
        book.lock(ada.id, grace.public_id, 99, 2**63, "nobody", "\0")

        assert book.customer(ada.id) == ada


NASTY = ('a"b', "a\\b", "[1,2],", "\x01\x1f\x7f", "é\u2028\U0001f600", "null", "{}")
"""Texts that mean something in JSON, in which SQLite gives the rows of a list."""


def test_what_is_found_is_what_is_got(open_book, ada):
    drafts = [
        Draft(customer_id=ada.id, first_name=text, street=(text, text), note=text)
        for text in (*NASTY, "", "x" * 100_000)
    ]
    with open_book() as book:
        added = book.add_many(drafts)

    with open_book() as book:
        found = book.find(Query(order=["-id"])).items
        assert list(found) == [book.get(one.id) for one in reversed(added)]
    assert [one.first_name for one in found] == [
        draft.first_name for draft in reversed(drafts)
    ]


@pytest.mark.parametrize("order", [[], ["-id"], ["customer_id"], ["-default_billing"]])
@pytest.mark.parametrize("offset", [0, 1])
@pytest.mark.parametrize("limit", [None, 2])
@pytest.mark.parametrize("where", [[], [Condition("first_name", Op.EQ, "Ada")]])
def test_what_has_few_fields_has_them_alike(
    where, limit, offset, order, open_book, ada, grace
):
    drafts = [WHOLE, *(Draft(customer_id=n % 2 + 1) for n in range(3)), WHOLE]
    with open_book() as book:
        book.add_many(drafts)
    query = Query(where=where, order=order, offset=offset, limit=limit)
    fields = ("id", "customer_id", "first_name", "street", "city", "region", "kind")

    with open_book(writes=False) as book:
        whole, part = book.find(query), book.find(query, fields)

    assert part.total == whole.total
    assert [vars(one) for one in part.items] == [
        {name: getattr(one, name) for name in fields} for one in whole.items
    ]
    if part.items:
        with pytest.raises(AttributeError):
            _ = part.items[0].note
    with open_book(writes=False) as book:
        assert all(vars(book.get(one.id, fields)) == vars(one) for one in part.items)
