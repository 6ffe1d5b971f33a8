"""What any server of this API can be asked, and what it must be asked first."""

from collections.abc import Mapping
from typing import Any

from dialects.base import Wire
from dialects.checks import Check, Checks
from dialects.staff import customer_checks
from dialects.staff.looking import look

PAGES = '"Create Customer Address" and the pages of its other operations'
CREATE = '"Create Customer Address"'
CUSTOMERS = '"List Customers" to "Delete Customer"'
LOCATIONS = '"List Countries", "List States", "List Cities"'
FRAMEWORK = "Django REST Framework 3.18.3, recorded"
SIMULATED = f"{CUSTOMERS}; a customer's orders and log-ins are not held here"

LIST = "/customers/{customer}/addresses"
THEIRS = "/customers/{person}/addresses"
UNDO = f"DELETE {THEIRS}/{{created}}"
NOBODY = "2147483646"
TEXT = {"Accept": "application/json", "Content-Type": "text/plain"}
PLACES: Wire = {"country": "{country}", "state": "{state}", "city": "{city}"}
FULL: Wire = {
    **PLACES,
    "address": "{mark}",
    "postal_code": "12345",
    "first_name": "John",
    "last_name": "{mark}",
    "national_code": "1234567890",
    "mobile_number": "+1234567890",
    "text": "Home address",
    "default": False,
}

ENDPOINTS = {
    "list addresses": ["GET /api/customers/<id>/addresses"],
    "get address": ["GET /api/customers/<id>/addresses/<id>"],
    "create address": ["POST /api/customers/<id>/addresses"],
    "update address": [
        "PUT /api/customers/<id>/addresses/<id>",
        "PATCH /api/customers/<id>/addresses/<id>",
    ],
    "delete address": ["DELETE /api/customers/<id>/addresses/<id>"],
    "list customers": ["GET /api/customers"],
    "get customer": ["GET /api/customers/<id>"],
    "create customer": ["POST /api/customers"],
    "update customer": ["PUT /api/customers/<id>", "PATCH /api/customers/<id>"],
    "delete customer": ["DELETE /api/customers/<id>"],
    "list places": ["GET /api/locations/<kind>"],
    "get place": ["GET /api/locations/<kind>/<id>"],
    "list permissions": ["GET /api/users/permissions"],
    "sign in": ["POST /api/users/auth/pwd/signin"],
    "describe": [
        "OPTIONS /api/<a>",
        "OPTIONS /api/<a>/<b>",
        "OPTIONS /api/<a>/<b>/<c>",
        "OPTIONS /api/<a>/<b>/<c>/<d>",
    ],
}


def made(_headers: Mapping[str, str], body: Any) -> Any:
    """The number of what was created."""
    return body["id"]


def create(name: str, source: str, body: Any, **more: Any) -> Check:
    """A POST of an address; should it be taken, it is removed again."""
    undo = f"DELETE {THEIRS}/{{refused}}"
    wanted = {"writes": True, "makes": "refused", "undo": undo, **more}
    return Check(name, f"POST {THEIRS}", source, body=body, **wanted)


READING = (
    Check("list addresses", f"GET {LIST}", PAGES),
    Check("list addresses, one a page", f"GET {LIST}?limit=1", PAGES),
    Check("list addresses, second page", f"GET {LIST}?limit=1&offset=1", PAGES),
    Check("list addresses, by number", f"GET {LIST}?ordering=id", PAGES),
    Check("list addresses of a country", f"GET {LIST}?country_id={{country}}", PAGES),
    Check("list addresses of no state", f"GET {LIST}?state_id=x", FRAMEWORK),
    Check("list addresses beyond the last", f"GET {LIST}?offset=100000", FRAMEWORK),
    Check("list addresses, head", f"HEAD {LIST}", FRAMEWORK),
    Check("get address", f"GET {LIST}/{{address}}", PAGES),
    Check("get unknown address", f"GET {LIST}/{NOBODY}", PAGES),
    Check("get address by a word", f"GET {LIST}/word", FRAMEWORK),
    Check("addresses of nobody", f"GET /customers/{NOBODY}/addresses", PAGES),
    Check("get customer", "GET /customers/{customer}", SIMULATED, is_sample=True),
    Check("get unknown customer", f"GET /customers/{NOBODY}", CUSTOMERS),
    Check("list customers", "GET /customers?limit=1", SIMULATED, is_sample=True),
    Check("get country", "GET /locations/countries/{country}", LOCATIONS),
    Check("get state", "GET /locations/states/{state}", LOCATIONS),
    Check("get city", "GET /locations/cities/{city}", LOCATIONS),
    Check(
        "list countries",
        "GET /locations/countries?limit=1",
        f"{LOCATIONS}; all are not held here",
        is_sample=True,
    ),
    Check("get unknown country", f"GET /locations/countries/{NOBODY}", LOCATIONS),
    Check("no such route", "GET /customer-addresses", FRAMEWORK),
    Check("without a token", f"GET {LIST}", PAGES, key="none"),
    Check("with an unknown token", f"GET {LIST}", FRAMEWORK, key="unknown"),
    Check(
        "with another scheme",
        f"GET {LIST}",
        FRAMEWORK,
        key="none",
        headers={"Authorization": "Basic eDp4"},
    ),
    Check(
        "with an empty token",
        f"GET {LIST}",
        FRAMEWORK,
        key="none",
        headers={"Authorization": "Token"},
    ),
    Check("with a user's token", f"GET {LIST}", CREATE, key="user"),
    Check("asking for XML", f"GET {LIST}", FRAMEWORK, headers={"Accept": "text/xml"}),
)
WRITING = (
    Check(
        "create customer",
        "POST /customers",
        CUSTOMERS,
        body=customer_checks.PERSON,
        writes=True,
        makes="person",
        undo="DELETE /customers/{person}",
    ),
    create("create address", CREATE, FULL, makes="created", undo=UNDO),
    Check("get what was created", f"GET {THEIRS}/{{created}}", PAGES, writes=True),
    Check("list what was created", f"GET {THEIRS}", PAGES, writes=True),
    Check(
        "change one field",
        f"PATCH {THEIRS}/{{created}}",
        PAGES,
        body={"first_name": "Ada"},
        writes=True,
    ),
    Check(
        "empty a field",
        f"PATCH {THEIRS}/{{created}}",
        FRAMEWORK,
        body={"text": "", "mobile_number": None},
        writes=True,
    ),
    Check("replace", f"PUT {THEIRS}/{{created}}", PAGES, body=FULL, writes=True),
    Check(
        "replace without places",
        f"PUT {THEIRS}/{{created}}",
        FRAMEWORK,
        body={"first_name": "Ada"},
        writes=True,
    ),
    create(
        "create with places alone",
        CREATE,
        {**PLACES, "last_name": "{mark}"},
        makes="bare",
        undo=f"DELETE {THEIRS}/{{bare}}",
    ),
    create("create without anything", CREATE, {}),
    create(
        "create without a city", CREATE, {"country": "{country}", "state": "{state}"}
    ),
    create("create with an unknown country", CREATE, {**FULL, "country": int(NOBODY)}),
    create("create with a country's name", FRAMEWORK, {**FULL, "country": "United"}),
    create("create with a foreign state", CREATE, {**FULL, "state": "{foreign}"}),
    create("create with a list", FRAMEWORK, [1]),
    create("create with broken JSON", FRAMEWORK, '{"country": 1,'),
    create("create with plain text", FRAMEWORK, "country", headers=TEXT),
    create("create with a list for a name", FRAMEWORK, {**FULL, "first_name": []}),
    create("create with a long name", FRAMEWORK, {**FULL, "last_name": "{mark}" * 20}),
    create("create without a token", CREATE, FULL, key="none"),
    create("create with a user's token", CREATE, FULL, key="user"),
    Check("put a list", f"PUT {THEIRS}", FRAMEWORK, body={}, writes=True),
    Check(
        "change an unknown address",
        f"PATCH {THEIRS}/{NOBODY}",
        PAGES,
        body={"text": "{mark}"},
        writes=True,
    ),
    Check("delete", f"DELETE {THEIRS}/{{created}}", PAGES, writes=True),
    Check("get what was deleted", f"GET {THEIRS}/{{created}}", PAGES, writes=True),
    Check("delete again", f"DELETE {THEIRS}/{{created}}", PAGES, writes=True),
)


def checks() -> Checks:
    """All that can be asked, and what is to be known to ask it."""
    return Checks(
        endpoints=ENDPOINTS,
        all=(*READING, *WRITING, *customer_checks.WRITING),
        look=look,
        made=made,
        remove="DELETE /customers/{customer}/addresses/{id}",
        customer="the number of a customer, best one with addresses",
        headers=("Content-Type", "Allow", "Vary", "WWW-Authenticate"),
    )
