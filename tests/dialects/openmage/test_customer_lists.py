"""The list of customers: pages, order, filters, and what is shown.

The sources are OpenMage 20.18, and what was observed of it; a recorded list of the same
customers is replayed, too. Every setting is as observed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from core import Customer, CustomerDraft, Gender
from tests.dialects.openmage.sending import (
    ADA,
    CRASH,
    XML,
    Answer,
    Send,
    error,
    errors,
    get,
    new_gateway,
    shown,
)

CUSTOMERS = "/customers"
START = datetime(2025, 1, 1, tzinfo=UTC)


def person(number: int, first_name: str, last_name: str, **more: Any) -> Customer:
    """A customer who was made on the day of the number."""
    made = START + timedelta(days=number - 1, milliseconds=500)
    return Customer(
        id=number,
        public_id=f"cus_{number}",
        first_name=first_name,
        last_name=last_name,
        email=f"{first_name}.{last_name}@example.com".lower(),
        created_at=made,
        updated_at=made,
        **more,
    )


PEOPLE = [
    person(1, "John", "Doe", prefix="Dr."),
    person(2, "Jane", "Roe", tax_id="AB 12", gender=Gender.FEMALE),
    person(3, "Empty", "Handed", extras={"openmage": {"nulls": ["taxvat"]}}),
    person(4, "Many", "Places", extras={"openmage": {"group_id": 2}}),
    person(5, "Zoë", "Ångström", gender=Gender.MALE),
    person(6, "Solo", "doe", extras={"openmage": {"website_id": 0}}),
]


@pytest.fixture
def send() -> Iterator[Send]:
    with new_gateway(customers=PEOPLE, fidelity="observed") as send:
        yield send


def numbers(answer: Answer) -> list[int]:
    """Who is listed, in order; none if there is an empty list."""
    assert answer.status == 200, answer.body
    return [int(number) for number in json.loads(answer.body)]


def listed(send: Send, query: str) -> list[int]:
    """Who is listed for a query, whose escapes stay."""
    return numbers(send(get(f"{CUSTOMERS}?{quote(query, safe='%&=[]')}")))


def filtered(send: Send, attribute: str, condition: str) -> list[int]:
    """Who is listed of those for whom a condition holds."""
    return listed(send, f"filter[1][attribute]={attribute}&filter[1]{condition}")


FIRST = {
    "entity_id": "1",
    "website_id": "1",
    "email": "john.doe@example.com",
    "group_id": "1",
    "created_at": "2025-01-01 00:00:00",
    "updated_at": "2025-01-01 00:00:00",
    "disable_auto_group_change": "0",
    "created_in": "Default Store View",
    "firstname": "John",
    "lastname": "Doe",
    "prefix": "Dr.",
}


def test_a_list_is_under_the_numbers_of_its_customers(send: Send) -> None:
    """Observed."""
    answer = send(get(f"{CUSTOMERS}?limit=1"))

    assert answer == shown({"1": FIRST})


def test_a_list_in_xml_has_no_numbers(send: Send) -> None:
    """Observed."""
    answer = send(get(f"{CUSTOMERS}?limit=2&attrs=lastname,gender", accept=XML))

    assert answer.body == (
        b'<?xml version="1.0"?>\n<magento_api>\n'
        b"  <data_item>\n    <lastname>Doe</lastname>\n  </data_item>\n"
        b"  <data_item>\n    <lastname>Roe</lastname>\n    <gender>2</gender>\n"
        b"  </data_item>\n</magento_api>\n"
    )


def test_a_list_as_text_has_them(send: Send) -> None:
    """OpenMage 20.18: http_build_query."""
    answer = send(get(f"{CUSTOMERS}?limit=2&attrs=lastname", accept="text/plain"))

    assert answer.body == b"1%5Blastname%5D=Doe&2%5Blastname%5D=Roe"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("limit=2", [1, 2]),
        ("limit=2&page=2", [3, 4]),
        ("limit=2&page=3", [5, 6]),
        # Observed: a page beyond the last is the last.
        ("limit=2&page=4", [5, 6]),
        ("limit=4&page=9", [5, 6]),
        ("limit=2&page=1e300", [5, 6]),
        ("limit=2&page=1e400", [5, 6]),
        ("page=2", [1, 2, 3, 4, 5, 6]),
        ("limit=2&page=0", [1, 2]),
        ("limit=2&page=0.5", [1, 2]),
        # Observed: half a page is skipped.
        ("limit=2&page=1.5", [2, 3]),
        ("limit=2&page=2.5", [4, 5]),
        ("limit=4&page=1.5", [3, 4, 5, 6]),
        ("limit=4&page=2.5", [5, 6]),
        ("limit=1.5", [1]),
        ("limit=1.5&page=4", [4]),
        ("limit=1.5&page=5", [4]),
        ("limit=0", [1, 2, 3, 4, 5, 6]),
        ("limit=0.5&page=3", [1, 2, 3, 4, 5, 6]),
        ("limit=", [1, 2, 3, 4, 5, 6]),
        ("limit=100", [1, 2, 3, 4, 5, 6]),
        ("filter=", [1, 2, 3, 4, 5, 6]),
        ("dir=asc", [1, 2, 3, 4, 5, 6]),
        ("dir[]=asc", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_pages(send: Send, query: str, wanted: list[int]) -> None:
    assert listed(send, query) == wanted


SORTED = "order=firstname&dir=asc"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("limit=2", [3, 2]),
        ("limit=2&page=2", [1, 4]),
        ("limit=2&page=9", [6, 5]),
        ("limit=2&page=1.5", [2, 1]),
        ("limit=0", [3, 2, 1, 4, 6, 5]),
    ],
)
def test_pages_of_what_the_store_cannot_sort(
    send: Send, query: str, wanted: list[int]
) -> None:
    assert listed(send, f"{SORTED}&{query}") == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("order=lastname&dir=asc", [5, 1, 6, 3, 4, 2]),
        # Observed: everything else is descending.
        ("order=lastname", [2, 4, 3, 1, 6, 5]),
        ("order=lastname&dir=dsc", [2, 4, 3, 1, 6, 5]),
        ("order=lastname&dir=ASC", [5, 1, 6, 3, 4, 2]),
        ("order=entity_id", [6, 5, 4, 3, 2, 1]),
        ("order=entity_id&dir=Asc", [1, 2, 3, 4, 5, 6]),
        ("order=created_at", [6, 5, 4, 3, 2, 1]),
        ("order=updated_at&dir=asc&limit=2&page=2", [3, 4]),
        ("order=email&dir=asc", [3, 2, 1, 4, 6, 5]),
        ("order=group_id", [4, 1, 2, 3, 5, 6]),
        ("order=website_id&dir=asc&limit=2", [6, 1]),
        ("order=gender&dir=asc", [1, 3, 4, 6, 5, 2]),
        ("order=gender", [2, 5, 1, 3, 4, 6]),
        ("order=last_logged_in", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_an_order(send: Send, query: str, wanted: list[int]) -> None:
    assert listed(send, query) == wanted


def test_what_a_list_is_sorted_by_is_null_where_it_is_not(send: Send) -> None:
    """OpenMage 20.18: values are joined, and so shown; observed: they come first."""
    answer = send(get(f"{CUSTOMERS}?order=gender&dir=asc&limit=1"))

    first, *_ = json.loads(answer.body).values()
    assert first == {**FIRST, "gender": None}
    assert [*first][7:] == ["gender", "created_in", "firstname", "lastname", "prefix"]


@pytest.mark.parametrize(
    ("attribute", "condition", "wanted"),
    [
        ("lastname", "[eq]=Doe", [1, 6]),
        ("lastname", "[neq]=Doe", [2, 3, 4, 5]),
        ("lastname", "[like]=%25oe", [1, 2, 6]),
        ("lastname", "[regexp]=^[dr]oe", [1, 2, 6]),
        ("lastname", "[eq]=angstrom", [5]),
        ("email", "[like]=%25example.com", [1, 2, 3, 4, 5, 6]),
        ("email", "[eq]=JOHN.doe@example.com%20", [1]),
        ("email", "[eq]=zoë.ångström@example.com", [5]),
        ("email", "[in][]=john.doe@example.com", [1]),
        ("email", "[eq]=", []),
        ("entity_id", "[gt]=4", [5, 6]),
        ("entity_id", "[gteq]=4.5", [5, 6]),
        ("entity_id", "[lt]=2.5", [1, 2]),
        ("entity_id", "[lteq]=2.5", [1, 2]),
        ("entity_id", "[eq]=2.5", []),
        ("entity_id", "[neq]=2.5", [1, 2, 3, 4, 5, 6]),
        ("entity_id", "[neq]=2", [1, 3, 4, 5, 6]),
        ("entity_id", "[from]=2&filter[1][to]=3", [2, 3]),
        ("entity_id", "[in][]=1&filter[1][in][]=3", [1, 3]),
        ("entity_id", "[in]=1,3", [1]),
        ("entity_id", "[nin][]=1&filter[1][nin][]=3", [2, 4, 5, 6]),
        ("entity_id", "[eq]=1e400", []),
        ("entity_id", "[lt]=1e400", [1, 2, 3, 4, 5, 6]),
        ("entity_id", "[gt]=1e30", []),
        ("entity_id", "[lt]=-1e30", []),
        ("entity_id", "[eq]=1e30", []),
        ("entity_id", "[like]=1%25", [1]),
        ("entity_id", "[x]=2&filter[1][y]=3", [2, 3]),
        ("created_at", "[gt]=2025-01-04", [5, 6]),
        ("created_at", "[gteq]=2025-01-05 00:00:00", [5, 6]),
        ("created_at", "[gteq]=2025-01-05 00:00:00.25", [6]),
        ("created_at", "[lt]=2025-01-02", [1]),
        ("created_at", "[lteq]=2025-01-02", [1, 2]),
        ("created_at", "[eq]=2025-01-02", [2]),
        ("created_at", "[eq]=2025-01-02 00:00:00.5", []),
        ("created_at", "[neq]=2025-01-02", [1, 3, 4, 5, 6]),
        ("created_at", "[gt]=abc", []),
        ("created_at", "[gt]=0000-00-00", [1, 2, 3, 4, 5, 6]),
        ("created_at", "[lt]=9999-12-31", [1, 2, 3, 4, 5, 6]),
        ("updated_at", "[from]=2025-01-02&filter[1][to]=2025-01-03", [2, 3]),
        ("updated_at", "[like]=2025-01-0_ 00%25", [1, 2, 3, 4, 5, 6]),
        ("website_id", "[eq]=0", [6]),
        ("group_id", "[gt]=1", [4]),
        ("disable_auto_group_change", "[eq]=x", [1, 2, 3, 4, 5, 6]),
        ("created_in", "[finset]=default store view", [1, 2, 3, 4, 5, 6]),
        # Who has no value is in no filter of it (OpenMage 20.18: an inner join).
        ("prefix", "[null]=1", []),
        ("prefix", "[neq]=x", [1]),
        ("taxvat", "[null]=1", [3]),
        ("taxvat", "[notnull]=1", [2]),
        ("gender", "[eq]=1", [5]),
        ("dob", "[gt]=1900-01-01", []),
        ("confirmation", "[notnull]=1", []),
    ],
)
def test_a_filter(
    send: Send, attribute: str, condition: str, wanted: list[int]
) -> None:
    assert filtered(send, attribute, condition) == wanted


def test_all_filters_hold_and_pages_are_of_what_is_found(send: Send) -> None:
    query = (
        "filter[1][attribute]=lastname&filter[1][like]=%25e%25"
        "&filter[2][attribute]=entity_id&filter[2][gt]=1"
        "&order=entity_id&limit=2&page=2"
    )

    assert listed(send, query) == [3, 2]


def test_what_the_store_finds_is_paged(send: Send) -> None:
    query = "filter[1][attribute]=entity_id&filter[1][gt]=1&limit=2&page=9"

    assert listed(send, query) == [6]


def test_nobody_is_an_empty_array(send: Send) -> None:
    """Observed."""
    target = f"{CUSTOMERS}?filter[0][attribute]=lastname&filter[0][eq]=Nobody"

    answers = [send(get(target)), send(get(f"{target}&attrs=nope"))]

    assert answers == [shown([]), shown([])]
    assert send(get(target, accept=XML)).body == (
        b'<?xml version="1.0"?>\n<magento_api/>\n'
    )


PAGING = error(400, "Resource collection paging error.")
LIMIT = error(400, "The paging limit exceeds the allowed number.")
ORDERING = error(400, "Resource collection ordering error.")
FILTERING = error(400, "Resource collection filtering error.")


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("page=-1&limit=101", PAGING),
        ("limit=-1&order=nope", LIMIT),
        ("limit=101", LIMIT),
        ("limit=100.5", LIMIT),
        ("order=nope&filter=x", ORDERING),
        ("order=middlename", ORDERING),
        ("order=store_id", ORDERING),
        ("order=password", ORDERING),
        ("order=", ORDERING),
        ("order[]=email", ORDERING),
        ("filter=x", FILTERING),
        ("filter[0]=x", FILTERING),
        ("filter[0][eq]=x", FILTERING),
        ("filter[0][attribute]=nope&filter[0][eq]=1", FILTERING),
        ("filter[0][attribute][]=email&filter[0][eq]=1", FILTERING),
        ("filter[0][attribute]=last_logged_in&filter[0][eq]=1", FILTERING),
        ("filter[0][attribute]=store_id&filter[0][eq]=1", FILTERING),
        # Observed: what breaks PHP or SQL is a bare 500.
        ("page=x", CRASH),
        ("page=", CRASH),
        ("page[]=1", CRASH),
        ("limit=abc", CRASH),
        ("order=email&dir[]=asc", CRASH),
        ("attrs=nope", CRASH),
        ("filter[0][attribute]=email&filter[0][is]=null", CRASH),
        ("filter[0][attribute]=email", CRASH),
        ("filter[0][attribute]=email&filter[0][regexp]=(", CRASH),
    ],
)
def test_wrong_parameters(send: Send, query: str, answer: Answer) -> None:
    assert send(get(f"{CUSTOMERS}?{query}")) == answer


def test_what_breaks_sql_is_the_clients_fault_by_default() -> None:
    target = f"{CUSTOMERS}?filter[0][attribute]=email&filter[0][is]=null"

    with new_gateway(customers=PEOPLE) as send:
        answer = send(get(target))

    assert answer == FILTERING


MINE = {
    "email": "john.doe@example.com",
    "created_at": "2025-01-01 00:00:00",
    "updated_at": "2025-01-01 00:00:00",
    "firstname": "John",
    "lastname": "Doe",
}


def test_a_customer_is_listed_alone(send: Send) -> None:
    """Observed."""
    answers = [
        send(get(CUSTOMERS, user=ADA)),
        send(get(f"{CUSTOMERS}?page=9&limit=1", user=ADA)),
        send(get(f"{CUSTOMERS}?order=email", user=ADA)),
    ]

    assert answers == [shown({"1": MINE})] * 3


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("order=entity_id", ORDERING),
        ("filter[0][attribute]=entity_id&filter[0][eq]=2", FILTERING),
        ("filter[0][attribute]=email&filter[0][like]=jane%25", shown([])),
        ("attrs=prefix,firstname", shown({"1": {"firstname": "John"}})),
        ("attrs=entity_id", CRASH),
    ],
)
def test_a_customer_uses_what_customers_may_see(
    send: Send, query: str, answer: Answer
) -> None:
    assert send(get(f"{CUSTOMERS}?{query}", user=ADA)) == answer


def test_a_long_list_ends_at_ten() -> None:
    """OpenMage 20.18: PAGE_SIZE_DEFAULT."""
    many = [CustomerDraft(first_name=str(number)) for number in range(12)]

    with new_gateway(customers=many, fidelity="observed") as send:
        pages = [listed(send, query) for query in ("", "page=2", "page=3")]

    assert pages == [[*range(1, 11)], [11, 12], [11, 12]]


def test_attributes_come_by_name_and_no_rule_shows_none() -> None:
    rules = {"admin_customer_reads": "email, dob", "customer_customer_reads": ""}

    with new_gateway(customers=PEOPLE[:2], **rules) as send:
        answers = [
            send(get(CUSTOMERS)),
            send(get(CUSTOMERS, user=ADA)),
            send(get(f"{CUSTOMERS}/1")),
            send(get(f"{CUSTOMERS}/1", user=ADA)),
            send(get(f"{CUSTOMERS}?order=lastname&limit=1")),
            send(get(f"{CUSTOMERS}?filter[0][attribute]=lastname&filter[0][eq]=Doe")),
        ]

    mails = [{"email": one.email} for one in PEOPLE[:2]]
    assert answers == [
        shown({"1": mails[0], "2": mails[1]}),
        shown({"1": []}),
        shown(mails[0]),
        shown([]),
        # Rules do not keep a list from being sorted (OpenMage 20.18).
        shown({"2": mails[1]}),
        FILTERING,
    ]


def test_who_was_made_by_another_api_has_what_a_new_shop_gives() -> None:
    """OpenMage 20.18: an e-mail has a place in each row, a name only where it is."""
    with new_gateway(customers=[CustomerDraft(first_name="Ada")]) as send:
        answer = send(get(CUSTOMERS))

    made = "2026-01-01 12:00:00"
    assert answer == shown(
        {
            "1": {
                "entity_id": "1",
                "website_id": "1",
                "email": None,
                "group_id": "1",
                "created_at": made,
                "updated_at": made,
                "disable_auto_group_change": "0",
                "created_in": "Default Store View",
                "firstname": "Ada",
            }
        }
    )


def test_guests_and_other_roles_are_denied(send: Send) -> None:
    assert send(get(CUSTOMERS, user=None)) == error(403, "Access denied")
    assert errors((403, "Access denied")) == send(get(f"{CUSTOMERS}/1", user=None))
