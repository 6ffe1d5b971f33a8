"""The client of a platform that speaks Staff's API.

Recorded answers are those of Django REST Framework (see `test_recorded`).
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import City, Country, CustomerDraft, Draft, Gender, PlaceRow, Region
from dialects.base import Credential
from dialects.remote import Outcome, RemoteError
from dialects.staff import DIALECT
from dialects.staff.fixtures import read_fixtures
from dialects.staff.remote import StaffRemote
from tests.dialects.remote_conformance import RemoteConformance
from tests.dialects.remotes import NEW_YORK, Recorded, sample

HERE = Path(__file__).parent
HELD = read_fixtures(json.loads((HERE / "fixtures.json").read_text()))
TOKEN = Credential(token="a" * 40, scope="staff")
ADDRESSES = "/api/customers/123/addresses"


class TestStaffRemote(RemoteConformance):
    dialect = DIALECT


def remote(recorded: Recorded) -> StaffRemote:
    return StaffRemote("https://staff.example", TOKEN, manner=recorded.manner())


def recorded_answer(name: str) -> Any:
    """The body of a recorded answer."""
    for file in ("exchanges.jsonl", "customers.jsonl"):
        for line in (HERE / file).read_text().splitlines():
            if (one := json.loads(line))["id"] == name:
                return json.loads(one["response"]["body"])
    raise KeyError(name)


def listed(*results: Any, count: int | None = None, next: str = "") -> dict[str, Any]:
    """A page of a list, as the framework gives it (recorded)."""
    many = len(results) if count is None else count
    return {"count": many, "next": next or None, "results": [*results]}


PLACES = {
    "GET /api/locations/countries": recorded_answer("countries"),
    "GET /api/locations/states": recorded_answer("states-by-country"),
    "GET /api/locations/cities": recorded_answer("cities-by-state"),
}


def test_it_reads_recorded_customers() -> None:
    answers = {"GET /api/customers": recorded_answer("customer-list-ordering-id")}

    found = list(remote(Recorded(answers)).customers())

    assert [one.ref for one in found] == [123, 124, 125, 126, 127, 128]
    assert found[1].customer == CustomerDraft(
        first_name="Jane", last_name="Roe", is_active=False
    )
    john = found[3].customer
    assert (john.phone, john.gender) == ("+1234567890", Gender.MALE)
    assert (str(john.birth_date), john.note) == ("1990-01-15", "VIP customer")


def test_it_follows_recorded_links_and_keeps_to_its_host() -> None:
    """The links were `http://www.example.com/...`: a token is not sent there."""
    path = "GET /api/customers"
    recorded = Recorded(
        {
            path: recorded_answer("customer-list-limit-2"),
            f"{path}?limit=2&offset=2": recorded_answer(
                "customer-list-limit-2-offset-2"
            ),
            f"{path}?limit=2&offset=4": recorded_answer(
                "customer-list-limit-2-offset-4"
            ),
        }
    )

    found = list(remote(recorded).customers())

    assert sorted(one.ref for one in found) == [123, 124, 125, 126, 127, 128]
    assert len(recorded.asked) == 3


def test_it_reads_recorded_addresses() -> None:
    answers = {f"GET {ADDRESSES}": recorded_answer("list")}

    [found] = remote(Recorded(answers)).addresses(123)

    [held] = [one for one in HELD.addresses if one.id == 456]
    assert found.ref == held.id
    said = {name: getattr(held, name) for name in vars(Draft())}
    told = {
        "customer_id": 0,
        "country": Country(id=1, code="US", name="United States"),
        "region": Region(id=5, code="NY", name="New York"),
        "city": City(id=25, name="New York City"),
    }
    assert found.draft == Draft(**{**said, **told})
    assert found.created_at == held.created_at


def test_what_moved_to_a_page_that_was_read_is_not_missed() -> None:
    """Pages are counted from the start, so a removal moves what comes after it."""
    first = [{"id": n} for n in (1, 2)]
    after = "https://staff.example/api/customers?limit=2&offset=2"
    recorded = Recorded(
        {
            "GET /api/customers": (
                listed(*first, count=4, next=after),
                # Number 1 went: 3 is where 2 was.
                listed({"id": 2}, {"id": 3}, count=3, next=after),
            ),
            "GET /api/customers?limit=2&offset=2": (
                listed({"id": 4}, count=3),
                listed({"id": 4}, count=3),
            ),
        }
    )

    found = list(remote(recorded).customers())

    assert [one.ref for one in found] == [1, 2, 4]


def test_a_list_that_stays_short_is_told() -> None:
    recorded = Recorded({"GET /api/customers": listed({"id": 1}, count=2)})

    with pytest.raises(RemoteError, match="only 1 of 2 were listed"):
        list(remote(recorded).customers())


def test_a_wrong_url_is_no_empty_platform() -> None:
    recorded = Recorded({"GET /api/customers": httpx2.Response(404, text="<h1>")})

    with pytest.raises(RemoteError, match="404"):
        list(remote(recorded).customers())


def test_it_reads_recorded_places() -> None:
    expected = [row for row in HELD.places or () if row.country in ("", "US")]
    expected = [row for row in expected if row.number != 26]

    assert sorted(remote(Recorded(PLACES)).places(), key=repr) == sorted(
        expected, key=repr
    )


def test_it_reads_places_of_the_older_pages() -> None:
    """There a state is shown with its country as an object, and a city with a code."""
    country = {"id": 1, "name": "Iran", "code": "IR"}
    state = {"id": 5, "name": "Fars", "code": "FA", "country": country}
    city = {"id": 9, "name": "Shiraz", "code": "SYZ", "state": state}
    recorded = Recorded(
        {
            "GET /api/locations/countries": listed(country),
            "GET /api/locations/states": listed(state),
            "GET /api/locations/cities": listed(city),
        }
    )

    assert [*remote(recorded).places()][1:] == [
        PlaceRow(kind="region", number=5, name="Fars", code="FA", country="IR"),
        PlaceRow(kind="city", number=9, name="Shiraz", country="IR", region=5),
    ]


@pytest.mark.parametrize(
    "places",
    [
        NEW_YORK,
        {
            # Numbers of elsewhere mean nothing beside a name.
            "country": Country(id=999, code="US", name="U.S.A."),
            "region": Region(id=999, code="NY"),
            "city": City(id=999, name="new york city"),
        },
        {"country": Country(id=1), "region": Region(id=5), "city": City(id=25)},
    ],
)
def test_places_are_sent_by_the_platforms_numbers(places: dict[str, Any]) -> None:
    made = httpx2.Response(201, json={"id": 458})
    recorded = Recorded({**PLACES, f"POST {ADDRESSES}": made})

    [outcome] = remote(recorded).add_addresses(123, [Draft(**places)], known=[])

    assert outcome == Outcome(ref=458, status=201)
    assert recorded.asked[-1][1] == {
        "country": 1,
        "state": 5,
        "city": 25,
        "default": False,
    }


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"country": Country(code="XX")}, "the platform has no country 'XX'"),
        (
            {"region": Region(name="Elsewhere")},
            "the platform has no state 'Elsewhere' in that country",
        ),
        ({"city": City(name="x")}, "the platform has no city 'x' in that state"),
        ({"city": None}, "the platform requires a city"),
    ],
)
def test_a_place_that_the_platform_lacks_is_told(
    changed: dict[str, Any], problem: str
) -> None:
    recorded = Recorded(PLACES)

    [outcome] = remote(recorded).add_addresses(123, [sample(1, **changed)], known=[])

    assert outcome == Outcome(problem=problem)


def test_who_is_not_active_becomes_so_after_the_create() -> None:
    """ "Create Customer" has no `is_active`, "Update Customer" has."""
    recorded = Recorded(
        {
            "POST /api/customers": httpx2.Response(201, json={"id": 9}),
            "PATCH /api/customers/9": {"id": 9},
        }
    )
    draft = CustomerDraft(first_name="A", is_active=False, gender=Gender.FEMALE)

    outcome = remote(recorded).add_customer(draft, known=[])

    assert outcome == Outcome(ref=9, status=201)
    assert recorded.asked == [
        ("POST /api/customers", {"first_name": "A", "gender": "female"}),
        ("PATCH /api/customers/9", {"is_active": False}),
    ]


def test_a_customer_without_an_e_mail_is_known_by_name() -> None:
    """The answer to the create was lost; another of that name was there before."""
    page = {"first_name": "Ann", "last_name": "Lee", "email": None}
    before = [{**page, "id": 1}, {**page, "id": 2, "email": "ann@example.com"}]
    recorded = Recorded(
        {
            "GET /api/customers": (
                listed(*before),
                listed(*before, {**page, "id": 3}),
            ),
            "POST /api/customers": (httpx2.ReadError("reset"),),
        }
    )

    outcome = remote(recorded).add_customer(
        CustomerDraft(first_name="Ann", last_name="Lee")
    )

    assert outcome == Outcome(ref=3, status=200)


def test_a_conflict_is_a_duplicate() -> None:
    """409 "customer with this email already exists" ("Create Customer")."""
    text = "customer with this email already exists"
    conflict = httpx2.Response(409, json={"detail": text})
    recorded = Recorded({"POST /api/customers": conflict})

    outcome = remote(recorded).add_customer(CustomerDraft(email="a@x.org"), known=[])

    assert outcome == Outcome(problem=text, status=409, is_duplicate=True)


def test_errors_are_told_with_their_fields() -> None:
    refused = httpx2.Response(400, json=recorded_answer("unknown-all"))
    recorded = Recorded({**PLACES, f"POST {ADDRESSES}": refused})

    [outcome] = remote(recorded).add_addresses(123, [sample(1)], known=[])

    assert outcome.problem == (
        'country: Invalid pk "99" - object does not exist.;'
        ' state: Invalid pk "98" - object does not exist.;'
        ' city: Invalid pk "97" - object does not exist.'
    )


def test_an_update_says_what_changes_and_nothing_else() -> None:
    shown = recorded_answer("detail")
    item = f"{ADDRESSES}/456"
    recorded = Recorded({**PLACES, f"GET {item}": shown, f"PATCH {item}": shown})
    changes = {"note": "", "city": City(name="New York City"), "first_name": "Jo"}

    outcome = remote(recorded).update_address(123, 456, changes)

    assert outcome == Outcome(ref=456, status=200)
    assert recorded.asked[-1] == (f"PATCH {item}", {"text": "", "first_name": "Jo"})


def test_a_refused_row_does_not_stop_the_others() -> None:
    """A 500 that does not pass is the row's, where others are stored."""
    made = httpx2.Response(201, json={"id": 2})
    broken = [httpx2.Response(500) for _ in range(10)]
    empty = listed()
    recorded = Recorded(
        {
            **PLACES,
            f"GET {ADDRESSES}": empty,
            f"POST {ADDRESSES}": (*broken, made),
        }
    )
    drafts = [sample(1), replace(sample(2), note="")]

    outcomes = remote(recorded).add_addresses(123, drafts)

    assert [(one.ref, one.status) for one in outcomes] == [(None, 500), (2, 201)]
