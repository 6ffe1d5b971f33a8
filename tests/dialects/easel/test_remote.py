"""The client of a platform that speaks Easel's API, with answers as on its pages."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from core import City, Country, CustomerDraft, Draft, PlaceRow, PublicId, Region
from dialects.base import Credential
from dialects.easel import DIALECT
from dialects.easel.remote import EaselRemote
from dialects.remote import Outcome, RemoteError
from tests.dialects.remote_conformance import RemoteConformance
from tests.dialects.remotes import Recorded, person, sample

KEY = Credential(token="k_write", scope="write")
OWNER = PublicId("cus_abc123")
CUSTOMERS = "/api/v1/customers"
ADDRESSES = f"{CUSTOMERS}/{OWNER}/addresses"
GERMANY = PlaceRow(kind="country", number=49, name="Germany", code="DE")

# "Customer Addresses", the sample of the list.
SHOWN = {
    "id": "adr_abc123",
    "first_name": "John",
    "last_name": "Doe",
    "street1": "123 Main St",
    "street2": "Apt 4B",
    "city": "New York",
    "state": "NY",
    "country_id": 1,
    "zip": "10001",
    "created_at": "2023-01-01T10:00:00Z",
    "updated_at": "2023-01-01T10:15:00Z",
}


class TestEaselRemote(RemoteConformance):
    dialect = DIALECT
    naming = "public_id"
    nobody = PublicId("cus_nobody")


def remote(recorded: Recorded, **options: Any) -> EaselRemote:
    url = "https://easel.example"
    return EaselRemote(url, KEY, manner=recorded.manner(), **options)


def customer(id: str) -> dict[str, Any]:
    return {"id": id, "first_name": "A", "last_name": "B", "email": f"{id}@x.org"}


def test_it_reads_an_address_as_the_page_shows_it() -> None:
    [found] = remote(Recorded({f"GET {ADDRESSES}": {"addresses": [SHOWN]}})).addresses(
        OWNER
    )

    assert (found.ref, found.customer_ref) == ("adr_abc123", OWNER)
    assert found.draft == Draft(
        first_name="John",
        last_name="Doe",
        street=("123 Main St", "Apt 4B"),
        city=City(name="New York"),
        region=Region(name="NY"),
        country=Country(id=1, code="US"),
        postal_code="10001",
        extras={"easel": {"state": "NY"}},
    )
    assert str(found.updated_at) == "2023-01-01 10:15:00+00:00"


def test_it_follows_the_cursors_of_the_older_pages() -> None:
    """`{"customers": [...], "pagination": {"has_next_page", "next_cursor"}}`."""
    more = {"has_next_page": True, "has_previous_page": False, "next_cursor": 17}
    last = {"has_next_page": False, "has_previous_page": True, "next_cursor": None}
    recorded = Recorded(
        {
            f"GET {CUSTOMERS}": {"customers": [customer("cus_1")], "pagination": more},
            f"GET {CUSTOMERS}?after=17": {
                "customers": [customer("cus_2")],
                "pagination": last,
            },
        }
    )

    assert [one.ref for one in remote(recorded).customers()] == ["cus_1", "cus_2"]


def test_it_follows_the_ids_of_the_newer_pages() -> None:
    """`{"data": [...], "has_more": true}`, and the last id is the cursor."""
    recorded = Recorded(
        {
            f"GET {CUSTOMERS}": {"data": [customer("cus_1")], "has_more": True},
            f"GET {CUSTOMERS}?after=cus_1": {
                "data": [customer("cus_2")],
                "has_more": False,
            },
            f"GET {CUSTOMERS}/cus_2/addresses": {"data": [SHOWN], "has_more": False},
        }
    )
    store = remote(recorded)

    assert [one.ref for one in store.customers()] == ["cus_1", "cus_2"]
    assert [one.ref for one in store.addresses("cus_2")] == ["adr_abc123"]


def test_a_cursor_that_leads_nowhere_is_told() -> None:
    page = {"data": [customer("cus_1")], "has_more": True}
    recorded = Recorded({f"GET {CUSTOMERS}": page})

    with pytest.raises(RemoteError, match="does not go on after cus_1"):
        list(remote(recorded).customers())


def test_a_country_of_no_table_is_kept_by_its_number() -> None:
    """ "country_id: your country lookup table": 49 may be any country."""
    shown = {**SHOWN, "country_id": 49}
    recorded = Recorded(
        {
            f"GET {ADDRESSES}": {"addresses": [shown]},
            f"POST {ADDRESSES}": httpx2.Response(201, json=shown),
        }
    )
    store = remote(recorded)

    [found] = store.addresses(OWNER)
    assert found.draft.country is None
    assert found.draft.extras["easel"]["country_id"] == 49
    [again] = store.add_addresses(OWNER, [found.draft], known=[])

    assert again == Outcome(ref="adr_abc123", status=201)
    assert recorded.asked[-1][1]["country_id"] == 49


def test_a_country_is_read_and_written_by_the_stores_table() -> None:
    shown = {**SHOWN, "country_id": 49, "state": "BY"}
    recorded = Recorded(
        {
            f"GET {ADDRESSES}": {"addresses": [shown]},
            f"POST {ADDRESSES}": httpx2.Response(201, json=shown),
        }
    )
    store = remote(recorded, places=[GERMANY])

    [found] = store.addresses(OWNER)
    assert found.draft.country == Country(id=49, code="DE")
    draft = replace(sample(1), country=Country(id=7, code="DE"))
    store.add_addresses(OWNER, [draft], known=[])

    assert recorded.asked[-1][1]["country_id"] == 49


def test_a_country_that_has_no_number_is_told() -> None:
    draft = sample(1, country=Country(code="DE"))

    [outcome] = remote(Recorded({})).add_addresses(OWNER, [draft], known=[])

    problem = "the platform's country_id of DE is not known"
    assert outcome == Outcome(problem=problem)


@pytest.mark.parametrize(
    ("region", "state"),
    [
        (Region(code="NY", name="New York"), "NY"),
        (Region(name="New York"), "New York"),
        (None, ""),
    ],
)
def test_a_state_is_sent_by_its_code(region: Region | None, state: str) -> None:
    recorded = Recorded({f"POST {ADDRESSES}": httpx2.Response(201, json=SHOWN)})

    remote(recorded).add_addresses(OWNER, [sample(1, region=region)], known=[])

    assert recorded.asked[-1][1]["state"] == state


def test_a_refusal_is_the_pages_sentence() -> None:
    told = {"error": "First name is required", "code": "MISSING_FIELD"}
    refused = httpx2.Response(400, json=told)
    recorded = Recorded({f"POST {ADDRESSES}": refused})

    [outcome] = remote(recorded).add_addresses(OWNER, [sample(1)], known=[])

    assert outcome == Outcome(problem="First name is required", status=400)


def test_what_was_written_and_not_read_back_is_looked_for() -> None:
    """500 "Address created but failed to retrieve" (the page's errors)."""
    told = {"error": "Address created but failed to retrieve", "code": "GET_ERROR"}
    new = {**SHOWN, "id": "adr_new"}
    recorded = Recorded(
        {
            f"POST {ADDRESSES}": (httpx2.Response(500, json=told),),
            f"GET {ADDRESSES}": {"addresses": [SHOWN, new]},
        }
    )
    draft = sample(
        1,
        first_name="John",
        last_name="Doe",
        street=("123 Main St", "Apt 4B"),
        city=City(name="New York"),
        region=Region(code="NY"),
    )

    [outcome] = remote(recorded).add_addresses(OWNER, [draft], known=["adr_abc123"])

    assert outcome == Outcome(ref="adr_new", status=200)


def test_put_replaces_all_so_all_is_sent() -> None:
    item = f"{ADDRESSES}/adr_abc123"
    recorded = Recorded({f"GET {item}": SHOWN, f"PUT {item}": SHOWN})

    outcome = remote(recorded).update_address(OWNER, "adr_abc123", {"street": ("x",)})

    assert outcome == Outcome(ref="adr_abc123", status=200)
    assert recorded.asked[-1][1] == {
        "first_name": "John",
        "last_name": "Doe",
        "street1": "x",
        "street2": None,
        "city": "New York",
        "state": "NY",
        "country_id": 1,
        "zip": "10001",
    }


def test_a_customer_is_not_doubled_either() -> None:
    """The filter by e-mail need not be known: others are passed over."""
    wanted = person(1, email="new@x.org")
    there = {**customer("cus_9"), "email": "New@x.org", "first_name": "Zoë1"}
    there["last_name"] = "O'Neil 李"
    others = [customer("cus_1"), customer("cus_2")]
    recorded = Recorded(
        {
            f"POST {CUSTOMERS}": (httpx2.ReadTimeout("slow"),),
            f"GET {CUSTOMERS}": (
                {"customers": others},
                {"customers": [*others, there]},
            ),
        }
    )

    outcome = remote(recorded).add_customer(wanted)

    assert outcome == Outcome(ref="cus_9", status=200)


def test_after_the_last_attempt_it_is_looked_for_once_more() -> None:
    lost = (httpx2.ReadError("reset"), httpx2.ReadError("reset"))
    new = {**customer("cus_9"), "email": "new@x.org"}
    recorded = Recorded(
        {
            f"POST {CUSTOMERS}": lost,
            f"GET {CUSTOMERS}": (
                {"customers": []},
                {"customers": []},
                {"customers": [new]},
            ),
        }
    )
    manner = replace(recorded.manner(), attempts=2)
    store = EaselRemote("https://easel.example", KEY, manner=manner)
    draft = CustomerDraft(first_name="A", last_name="B", email="new@x.org")

    assert store.add_customer(draft) == Outcome(ref="cus_9", status=200)


def test_what_cannot_be_looked_for_is_not_repeated() -> None:
    broken = [httpx2.ReadError("reset") for _ in range(10)]
    recorded = Recorded(
        {
            f"POST {CUSTOMERS}": (httpx2.ReadError("reset"),),
            f"GET {CUSTOMERS}": (*broken,),
        }
    )

    with pytest.raises(RemoteError, match="whether the last create arrived is not"):
        remote(recorded).add_customer(person(1), known=[])

    posts = [call for call, _ in recorded.asked if call.startswith("POST")]
    assert len(posts) == 1
