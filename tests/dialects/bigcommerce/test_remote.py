"""The client of a store that speaks BigCommerce V3.

"Recorded" answers are those of the exchanges that say so; of what no page tells, the
least is expected that can be meant.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import City, Country, CustomerDraft, Draft, Kind, Region
from dialects.base import Credential
from dialects.bigcommerce import DIALECT
from dialects.bigcommerce.remote import BigCommerceRemote
from dialects.remote import Outcome, RemoteError
from gateway.testing.exchanges import read_exchange
from tests.dialects.remote_conformance import RemoteConformance
from tests.dialects.remotes import (
    Recorded,
    Served,
    person,
    quickly,
    sample,
)

EXCHANGES = Path(__file__).parent / "exchanges"
ROOT = "/stores/abc123/v3"
CUSTOMERS = f"{ROOT}/customers"
ADDRESSES = f"{ROOT}/customers/addresses"
TOKEN = Credential(token="token", scope="modify")

# The example of "Get All Customer Addresses".
EXAMPLE = {
    "address1": "123 Example Street",
    "address2": "Building 4",
    "address_type": "residential",
    "city": "Austin",
    "company": "BigCommerce",
    "country": "United States",
    "country_code": "US",
    "customer_id": 1,
    "first_name": "John",
    "id": 18,
    "last_name": "Doe",
    "phone": "15551234567",
    "postal_code": "78759",
    "state_or_province": "Texas",
}


class TestBigCommerceRemote(RemoteConformance):
    dialect = DIALECT
    # It sends few requests, as it sends arrays.
    seeds = 30

    def test_what_equals_an_address_is_a_duplicate(self, gateway: Served) -> None:
        """ "The address will be absent from the response body" (Create)."""
        [customer] = gateway.add_customers(person(777_777))
        gateway.faults.begin(0, 0.0)
        with gateway.remote() as remote:
            [first] = remote.add_addresses(customer.id, [sample(1)])

            outcomes = remote.add_addresses(
                customer.id, [sample(2), sample(1), sample(2), sample(3)]
            )

        stored = [one.id for one in gateway.addresses(customer.id)]
        [new, again, twice, last] = outcomes
        assert [new.ref, last.ref] == stored[1:]
        assert (again.ref, twice.ref) == (first.ref, new.ref)
        assert [one.is_duplicate for one in outcomes] == [False, True, True, False]
        assert {one.problem for one in outcomes} == {""}

    def test_form_fields_come_and_go(self, gateway: Served) -> None:
        fields = [{"name": "shirt_size", "value": "Large"}]
        draft = sample(1, extras={"bigcommerce": {"form_fields": fields}})
        [customer] = gateway.add_customers(person(777_778))
        gateway.faults.begin(0, 0.0)
        with gateway.remote() as remote:
            remote.add_addresses(customer.id, [draft])

            [found] = remote.addresses(customer.id)

        assert found.draft.extras == draft.extras


def remote(recorded: Recorded) -> BigCommerceRemote:
    url = "https://api.bigcommerce.com/stores/abc123"
    return BigCommerceRemote(url, TOKEN, manner=recorded.manner())


def recorded_answer(name: str, step: int = 0) -> Any:
    """The body of an answer in a file of exchanges."""
    exchange = read_exchange(EXCHANGES / f"{name}.http")
    return json.loads(exchange.steps[step].response.body)


def created(*drafts: tuple[int, Draft]) -> dict[str, Any]:
    """The answer to a create: what was created, and nothing of the rest."""
    return {"data": [shown(id, draft) for id, draft in drafts], "meta": {}}


def shown(id: int, draft: Draft) -> dict[str, Any]:
    """An address as the example shows one."""
    street = (*draft.street, "", "")
    return {
        **EXAMPLE,
        "id": id,
        "first_name": draft.first_name,
        "last_name": draft.last_name,
        "company": draft.company,
        "address1": street[0],
        "address2": street[1],
        "city": draft.city.name if draft.city else "",
        "state_or_province": draft.region.name if draft.region else "",
        "postal_code": draft.postal_code,
        "phone": draft.phone,
    }


def there(*entries: Any) -> dict[str, Any]:
    """The one page of a list, as it was recorded: without links."""
    pages = {"total": len(entries), "current_page": 1, "total_pages": 1}
    return {"data": [*entries], "meta": {"pagination": pages}}


def refused(status: int, errors: dict[str, str], title: str = "No.") -> httpx2.Response:
    body = {"status": status, "title": title, "type": "t", "errors": errors}
    return httpx2.Response(status, json=body)


def test_it_reads_the_example_of_the_page() -> None:
    [found] = remote(Recorded({f"GET {ADDRESSES}": there(EXAMPLE)})).addresses(1)

    assert (found.ref, found.customer_ref) == (18, 1)
    assert found.draft == Draft(
        customer_id=1,
        first_name="John",
        last_name="Doe",
        company="BigCommerce",
        street=("123 Example Street", "Building 4"),
        city=City(name="Austin"),
        region=Region(name="Texas"),
        country=Country(code="US"),
        postal_code="78759",
        phone="15551234567",
        kind=Kind.RESIDENTIAL,
    )


def test_what_is_null_or_unknown_is_as_if_it_were_absent() -> None:
    odd = {**EXAMPLE, "phone": None, "company": None, "address_type": "castle"}

    [found] = remote(Recorded({f"GET {ADDRESSES}": there(odd)})).addresses(1)

    assert (found.draft.phone, found.draft.company, found.draft.kind) == ("", "", None)


def test_it_reads_recorded_customers() -> None:
    recorded = Recorded(
        {f"GET {CUSTOMERS}": recorded_answer("customers/02-retrieve", step=1)}
    )

    [found] = remote(recorded).customers()

    assert found.customer.email == found.raw["email"]
    assert found.updated_at is not None
    assert "include=formfields" in recorded.asked[0][0]


def test_a_recorded_page_past_the_end_ends_the_list() -> None:
    answer = recorded_answer("customers/51-beyond-the-last-page")

    assert list(remote(Recorded({f"GET {CUSTOMERS}": answer})).customers()) == []


def test_it_follows_cursors() -> None:
    """ "Use the `end_cursor` value from the last response to get the next page"."""
    links = {"next": "?limit=250&after=abc"}
    first = there({"id": 1})
    first["meta"]["pagination"]["total_pages"] = 2
    first["meta"]["cursor_pagination"] = {"end_cursor": "abc", "links": links}
    last = {"data": [{"id": 2}]}
    last["meta"] = {"cursor_pagination": {"end_cursor": "d", "links": {}}}  # type: ignore[assignment]
    after = f"GET {CUSTOMERS}?include=formfields&limit=250&after=abc"
    recorded = Recorded({f"GET {CUSTOMERS}": first, after: last})

    assert [one.ref for one in remote(recorded).customers()] == [1, 2]


def test_it_follows_pages_where_there_are_no_cursors() -> None:
    first, last = there({"id": 1}, {"id": 2}), there({"id": 2}, {"id": 3})
    first["meta"]["pagination"]["total_pages"] = 2
    last["meta"]["pagination"] |= {"total_pages": 2, "current_page": 2}
    page = f"GET {CUSTOMERS}?include=formfields&limit=250&page=2"
    recorded = Recorded({f"GET {CUSTOMERS}": first, page: last})

    assert [one.ref for one in remote(recorded).customers()] == [1, 2, 3]


def test_a_list_that_does_not_go_on_is_told() -> None:
    page = there({"id": 1})
    page["meta"]["pagination"]["total_pages"] = 2

    with pytest.raises(RemoteError, match="does not go on at page=2"):
        list(remote(Recorded({f"GET {CUSTOMERS}": page})).customers())


def test_addresses_are_sent_by_tens() -> None:
    """A client library sends ten; no limit is documented."""
    drafts = [sample(n) for n in range(12)]
    parts = (
        httpx2.Response(200, json=created(*enumerate(drafts[:10], start=1))),
        httpx2.Response(200, json=created(*enumerate(drafts[10:], start=11))),
    )
    recorded = Recorded({f"POST {ADDRESSES}": parts})

    outcomes = remote(recorded).add_addresses(1, drafts, known=[])

    assert [one.ref for one in outcomes] == [*range(1, 13)]
    assert [len(body) for _, body in recorded.asked] == [10, 2]
    assert {item["customer_id"] for _, body in recorded.asked for item in body} == {1}


def test_what_is_wrong_is_told_of_its_item_and_the_others_are_sent_again() -> None:
    """The keys are "N.field" (V3 reference); nothing of such a call is stored."""
    drafts = [sample(1), sample(2), sample(3)]
    errors = {"1.city": "is required", "1.first_name": "is too long"}
    answers = (
        refused(422, errors),
        httpx2.Response(200, json=created((7, drafts[0]), (8, drafts[2]))),
    )
    recorded = Recorded({f"POST {ADDRESSES}": answers})

    outcomes = remote(recorded).add_addresses(1, drafts, known=[])

    problem = "city: is required; first_name: is too long"
    assert outcomes == [
        Outcome(ref=7, status=200),
        Outcome(problem=problem, status=422),
        Outcome(ref=8, status=200),
    ]


def test_what_is_wrong_with_a_whole_call_is_found_one_by_one() -> None:
    """A title alone names no item (recorded of customers: ".customer_create")."""
    drafts = [sample(1), sample(2)]
    answers = (
        refused(422, {".create": "failed"}),
        httpx2.Response(200, json=created((7, drafts[0]))),
        refused(422, {".create": "failed"}),
    )
    recorded = Recorded({f"POST {ADDRESSES}": answers})

    outcomes = remote(recorded).add_addresses(1, drafts, known=[])

    assert outcomes == [
        Outcome(ref=7, status=200),
        Outcome(problem="No. .create: failed", status=422),
    ]


def test_a_limit_that_is_told_is_learned() -> None:
    """413 "The maximum items allowed in the array is 10", of a sibling path."""
    title = "The request payload is too large. The maximum items allowed in the array"
    drafts = [sample(n) for n in range(6)]
    single = [httpx2.Response(200, json=created((n, drafts[n]))) for n in range(6)]
    answers = (refused(413, {}, f"{title} is 3."), *single)
    recorded = Recorded({f"POST {ADDRESSES}": answers})
    store = remote(recorded)

    outcomes = store.add_addresses(1, drafts, known=[])

    assert [one.ref for one in outcomes] == [*range(6)]
    assert store.batch_limit == 3


def test_a_partial_success_is_told_item_by_item() -> None:
    """207 is documented for metafields: data of some, errors of the others."""
    drafts = [sample(1), sample(2)]
    body = {**created((8, drafts[1])), "errors": {"0.city": "is required"}}
    partial = httpx2.Response(207, json=body)

    outcomes = remote(Recorded({f"POST {ADDRESSES}": partial})).add_addresses(
        1, drafts, known=[]
    )

    assert outcomes == [
        Outcome(problem="city: is required", status=207),
        Outcome(ref=8, status=207),
    ]


def test_a_duplicate_is_found_among_those_that_are_spelled_alike() -> None:
    """What says the very same comes before what differs by case alone."""
    draft, like = sample(1), sample(1, last_name="ÅNGSTRÖM-李")
    recorded = Recorded(
        {
            f"POST {ADDRESSES}": httpx2.Response(200, json=created((9, like))),
            f"GET {ADDRESSES}": there(shown(5, draft), shown(9, like)),
        }
    )

    outcomes = remote(recorded).add_addresses(1, [draft, like], known=[5])

    assert outcomes == [
        Outcome(ref=5, status=200, is_duplicate=True),
        Outcome(ref=9, status=200),
    ]


@pytest.mark.parametrize("arrived", [[], [1], [1, 2]])
def test_a_call_whose_answer_was_lost_is_completed(arrived: Sequence[int]) -> None:
    """Whatever of it was stored, by the time that it is looked for."""
    drafts = {1: sample(1), 2: sample(2)}
    before = [shown(n, drafts[n]) for n in arrived]
    missing = [(n, drafts[n]) for n in drafts if n not in arrived]
    recorded = Recorded(
        {
            f"POST {ADDRESSES}": (
                httpx2.ReadError("reset"),
                httpx2.Response(200, json=created(*missing)),
            ),
            f"GET {ADDRESSES}": there(*before),
        }
    )

    outcomes = remote(recorded).add_addresses(1, [*drafts.values()], known=[])

    assert outcomes == [Outcome(ref=1, status=200), Outcome(ref=2, status=200)]


def test_an_update_to_another_address_is_told() -> None:
    """ "… such that it becomes identical to another address": 200, and absent."""
    recorded = Recorded(
        {
            f"GET {ADDRESSES}": there(EXAMPLE),
            f"PUT {ADDRESSES}": {"data": [], "meta": {}},
        }
    )

    outcome = remote(recorded).update_address(1, 18, {"phone": "1"})

    assert (outcome.is_duplicate, outcome.ref) == (True, 18)
    assert recorded.asked[-1][1] == [{"id": 18, "phone": "1"}]


def test_an_e_mail_in_use_is_a_duplicate() -> None:
    answer = recorded_answer("customers/10-email-in-use", step=1)
    recorded = Recorded({f"POST {CUSTOMERS}": httpx2.Response(422, json=answer)})

    outcome = remote(recorded).add_customer(person(1), known=[])

    assert outcome.is_duplicate
    assert outcome.problem.startswith("Create customers failed. .customer_create: ")


def test_a_customer_says_what_is_not_as_in_any_new_one() -> None:
    made = httpx2.Response(200, json={"data": [{"id": 3}], "meta": {}})
    recorded = Recorded({f"POST {CUSTOMERS}": made})
    own = {"customer_group_id": 4, "form_fields": [{"name": "n", "value": 1}]}
    draft = CustomerDraft(
        email="a@x.org", first_name="A", last_name="B", extras={"bigcommerce": own}
    )

    outcome = remote(recorded).add_customer(draft, known=[])

    assert outcome == Outcome(ref=3, status=200)
    [item] = recorded.asked[-1][1]
    assert item == {
        "email": "a@x.org",
        "first_name": "A",
        "last_name": "B",
        "company": "",
        "phone": "",
        "notes": "",
        **own,
    }


def test_a_refused_update_of_a_customer_is_told() -> None:
    """Recorded: an update of who is not there is refused."""
    answer = recorded_answer("customers/22-unknown-id")
    known = {"id": 1, "email": "a@x.org", "first_name": "A", "last_name": "B"}
    recorded = Recorded(
        {
            f"GET {CUSTOMERS}": there(known),
            f"PUT {CUSTOMERS}": httpx2.Response(422, json=answer),
        }
    )

    outcome = remote(recorded).update_customer(1, {"first_name": "C"})

    assert outcome.problem.startswith("Update customers failed.")
    assert recorded.asked[-1][1] == [{"id": 1, "first_name": "C"}]


def test_many_are_removed_in_few_calls() -> None:
    recorded = Recorded({f"DELETE {ADDRESSES}": httpx2.Response(204)})

    outcomes = remote(recorded).remove_addresses(1, [*range(120)])

    assert [one.ref for one in outcomes] == [*range(120)]
    assert len(recorded.asked) == 3


def test_a_url_names_the_store() -> None:
    with pytest.raises(ValueError, match="does not end with /stores/"):
        BigCommerceRemote("https://api.bigcommerce.com", TOKEN, manner=quickly())


def test_a_500_of_a_call_is_of_its_bad_item_alone() -> None:
    drafts = [sample(1), replace(sample(2), note="")]
    broken = [httpx2.Response(500) for _ in range(10)]
    alone = [httpx2.Response(500) for _ in range(10)]
    made = httpx2.Response(200, json=created((8, drafts[1])))
    recorded = Recorded(
        {f"POST {ADDRESSES}": (*broken, *alone, made), f"GET {ADDRESSES}": there()}
    )

    outcomes = remote(recorded).add_addresses(1, drafts, known=[])

    assert [(one.ref, one.status) for one in outcomes] == [(None, 500), (8, 200)]
