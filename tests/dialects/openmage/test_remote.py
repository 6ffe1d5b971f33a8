"""The client of a shop that speaks OpenMage's REST API.

Recorded answers are those of OpenMage 20.18 (see `test_replay`).
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import Address, CustomerDraft, Draft, Region
from dialects.base import Credential
from dialects.openmage import DIALECT
from dialects.openmage.fixtures import read_fixtures
from dialects.openmage.remote import OpenMageRemote
from dialects.remote import Outcome, RemoteError
from tests.dialects.remote_conformance import RemoteConformance
from tests.dialects.remotes import Recorded, person, sample

FOLDER = Path(__file__).parent / "recorded"
HELD = read_fixtures(json.loads((FOLDER / "fixtures.json").read_text()))
LINES = (FOLDER / "exchanges.jsonl").read_text().splitlines()
ROOT = "/api/rest"
WHOLE_LIST = "1082"

TOKEN = Credential(token="t" * 32, secret="secret of token", scope="admin")
CONSUMER = Credential(token="c" * 32, secret="secret of key", scope="consumer")
TAKEN = "This customer email already exists"


class TestOpenMageRemote(RemoteConformance):
    dialect = DIALECT


def remote(recorded: Recorded) -> OpenMageRemote:
    url = "https://shop.example"
    return OpenMageRemote(url, TOKEN, CONSUMER, manner=recorded.manner())


def error(code: int, *texts: str) -> httpx2.Response:
    """OpenMage, observed: every error is an item of a list."""
    told = [{"code": code, "message": text} for text in texts]
    return httpx2.Response(code, json={"messages": {"error": told}})


@pytest.fixture(scope="module")
def answers() -> dict[str, str]:
    """What an administrator read in JSON of the shop as it was."""
    found = {}
    for line in LINES:
        one = json.loads(line)
        asked, answer = one["request"], one["response"]
        is_admins = (one["auth"] or {}).get("identity") == "admin"
        is_json = asked["headers"].get("Accept") == "application/json"
        is_plain = not asked.get("query") or str(one["id"]) == WHOLE_LIST
        is_default = one["config"] == "default" and answer["status"] == 200
        if (
            asked["method"] == "GET"
            and is_admins
            and is_json
            and is_plain
            and is_default
        ):
            found.setdefault(f"GET {asked['path']}", answer["body"])
    return found


def test_it_reads_recorded_customers(answers: dict[str, str]) -> None:
    """Those of `fixtures.json`, and no others."""
    found = list(remote(Recorded(answers)).customers())

    held = [(c.id, c.first_name, c.last_name, c.email) for c in HELD.customers]
    read = [(c.ref, c.customer) for c in found]
    assert [(n, c.first_name, c.last_name, c.email) for n, c in read] == held
    assert {one.created_at for one in found} == {HELD.customers[0].created_at}
    assert {one.updated_at for one in found} == {HELD.customers[0].updated_at}


@pytest.mark.parametrize("id", [1, 2, 6])
def test_it_reads_recorded_addresses(answers: dict[str, str], id: int) -> None:
    """As they are in `fixtures.json`: all lines, and which values are null."""
    found = list(remote(Recorded(answers)).addresses(id))

    held = [one for one in HELD.addresses if one.customer_id == id]
    assert [(one.ref, whole(one.draft)) for one in found] == [
        (one.id, whole(one)) for one in held
    ]
    assert [one.updated_at for one in found] == [one.updated_at for one in held]


def whole(draft: Draft) -> Draft:
    """The draft without its customer, with its region by name alone."""
    names = [name for name in vars(Draft()) if name != "customer_id"]
    said = {name: getattr(draft, name) for name in names}
    name = draft.region.name if draft.region else ""
    own = dict(draft.extras.get("openmage", {}))
    own.pop("region", None)
    said["extras"] = {"openmage": own} if own else {}
    return Draft(**{**said, "region": Region(name=name) if name else None})


def test_it_reads_one_recorded_address(answers: dict[str, str]) -> None:
    found = remote(Recorded(answers)).address(1, 2)

    assert found is not None
    assert whole(found.draft) == whole(held(2))
    assert found.draft.region == Region(code="CA", name="California")
    assert found.created_at == held(2).created_at


def held(id: int) -> Address:
    return next(one for one in HELD.addresses if one.id == id)


def test_a_list_that_does_not_go_on_is_no_whole_list() -> None:
    """A filter that nobody heeds would repeat one page for ever."""
    page = {str(n): customer(n) for n in range(1, 101)}
    recorded = Recorded({f"GET {ROOT}/customers": page})

    with pytest.raises(RemoteError, match="does not go on after 100"):
        list(remote(recorded).customers())


def customer(n: int) -> dict[str, Any]:
    email = f"{n}@example.com"
    return {"entity_id": str(n), "email": email, "firstname": "A", "lastname": "B"}


def test_a_role_that_may_not_read_ids_is_told() -> None:
    """Which attributes a role may read is configured (the page)."""
    recorded = Recorded({f"GET {ROOT}/customers": {"1": {"email": "a@example.com"}}})

    with pytest.raises(RemoteError, match="may not read entity_id"):
        list(remote(recorded).customers())


@pytest.mark.parametrize("status", [200, 302])
def test_a_create_tells_where_it_lies(status: int) -> None:
    """Behind nginx and PHP-FPM the 200 becomes a 302 (observed)."""
    where = {"Location": f"{ROOT}/customers/addresses/25"}
    made = httpx2.Response(status, headers=where)
    recorded = Recorded({f"POST {ROOT}/customers/1/addresses": made})

    [outcome] = remote(recorded).add_addresses(1, [sample(1)], known=[])

    assert outcome == Outcome(ref=25, status=status)
    [(_, body)] = recorded.asked
    assert body["street"] == ["1 Rue de l'Été", "Étage 2"]
    assert (body["region"], body["country_id"]) == ("New York", "US")
    assert "is_default_billing" not in body


def test_each_attempt_has_a_nonce_of_its_own() -> None:
    """A nonce is spent even by a request that fails (OpenMage, observed)."""
    nonces = []

    class Signed(Recorded):
        def __call__(self, request: httpx2.Request) -> httpx2.Response:
            said = request.headers["Authorization"]
            nonces.append(said.partition('oauth_nonce="')[2].partition('"')[0])
            return super().__call__(request)

    used = error(401, "oauth_problem=nonce_used")
    signed = Signed({f"GET {ROOT}/customers/1": (used, error(500, "x"), customer(1))})

    found = remote(signed).customer(1)

    assert found is not None
    assert found.ref == 1
    assert len({*nonces}) == 3


def test_a_create_whose_nonce_was_used_is_looked_for() -> None:
    """A proxy on the way may have sent it twice."""
    used = error(401, "oauth_problem=nonce_used")
    shown = {
        "entity_id": "9",
        "firstname": "José 1",
        "middlename": "M.",
        "lastname": "Ångström-李",
        "prefix": "Dr.",
        "suffix": "Jr.",
        "company": 'A & B <C> "D" /',
        "street": ["1 Rue de l'Été", "Étage 2"],
        "city": "New York City",
        "country_id": "US",
        "region": "New York",
        "postcode": "10001",
        "telephone": "+1 (212) 555-0100",
        "fax": "2",
        "vat_id": "EU123",
    }
    recorded = Recorded(
        {
            f"POST {ROOT}/customers/1/addresses": used,
            f"GET {ROOT}/customers/1/addresses": [shown, {**shown, "entity_id": "8"}],
        }
    )

    [outcome] = remote(recorded).add_addresses(1, [sample(1)], known=[8])

    assert outcome == Outcome(ref=9, status=200)
    assert [call.split()[0] for call, _ in recorded.asked] == ["POST", "GET"]


def test_an_e_mail_that_someone_has_is_a_refusal() -> None:
    """Its status is 500, and yet it is not to be repeated (OpenMage 20.18)."""
    taken = error(500, TAKEN, "id is not specified")
    recorded = Recorded({f"POST {ROOT}/customers": taken})

    outcome = remote(recorded).add_customer(person(1), known=[])

    assert outcome == Outcome(
        problem=f"{TAKEN} id is not specified", status=500, is_duplicate=True
    )
    assert len(recorded.asked) == 1


def test_a_refusal_is_told_without_the_line_that_closes_it() -> None:
    """OpenMage, observed: every validation ends with the same line."""
    texts = ('"City" is a required value.', "Resource data pre-validation error.")
    refused = error(400, *texts)
    recorded = Recorded({f"POST {ROOT}/customers/1/addresses": refused})

    [outcome] = remote(recorded).add_addresses(1, [replace(sample(1), city=None)], [])

    assert outcome == Outcome(problem=texts[0], status=400)


def test_a_default_address_is_not_removed() -> None:
    """The page's table of status codes."""
    text = "Address is default for customer so is not allowed to be deleted"
    refused = Recorded({f"DELETE {ROOT}/customers/addresses/1": error(400, text)})

    [outcome] = remote(refused).remove_addresses(1, [1])

    assert outcome == Outcome(ref=1, problem=text, status=400)


def test_a_region_goes_with_its_country(answers: dict[str, str]) -> None:
    """A PUT with a country needs a region, too (OpenMage, observed)."""
    put = f"PUT {ROOT}/customers/addresses/1"
    recorded = Recorded({**answers, put: httpx2.Response(200)})
    changes = {"region": Region(name="Texas"), "note": "of no attribute"}

    outcome = remote(recorded).update_address(1, 1, changes)

    assert outcome.problem == ""
    assert recorded.asked[-1] == (put, {"region": "Texas", "country_id": "US"})


def test_what_is_the_same_is_not_written(answers: dict[str, str]) -> None:
    recorded = Recorded(answers)

    outcome = remote(recorded).update_address(1, 1, {"first_name": "John"})

    assert outcome == Outcome(ref=1, status=200)
    assert len(recorded.asked) == 1


def test_a_customer_has_what_only_this_api_knows() -> None:
    shown = {**customer(1), "website_id": "2", "group_id": "3", "gender": "123"}
    made = httpx2.Response(200, headers={"Location": f"{ROOT}/customers/7"})
    recorded = Recorded(
        {f"GET {ROOT}/customers/1": shown, f"POST {ROOT}/customers": made}
    )
    shop = remote(recorded)

    found = shop.customer(1)
    assert found is not None
    outcome = shop.add_customer(found.customer, known=[])

    assert outcome == Outcome(ref=7, status=200)
    assert recorded.asked[-1][1] == {
        "website_id": "2",
        "group_id": "3",
        "firstname": "A",
        "lastname": "B",
        "email": "1@example.com",
    }


def test_a_customer_without_an_e_mail_is_found_by_nothing() -> None:
    recorded = Recorded({})

    assert list(remote(recorded).matching_customers(CustomerDraft())) == []


def test_it_needs_the_applications_key() -> None:
    with pytest.raises(ValueError, match="needs the application's key"):
        OpenMageRemote("https://shop.example", TOKEN)
