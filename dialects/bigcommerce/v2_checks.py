"""What any server of V2's addresses can be asked."""

from typing import Any

from dialects.base import Wire
from dialects.bigcommerce import v2
from dialects.checks import Check

PAGE = 'V2 reference, "Customer Addresses"'
CODES = '"API status codes"'
RECORDED = "recorded in fixtures and logs that client libraries publish"
INFERRED = "inferred: the reference is silent"

OF_V3 = "/customers/addresses"
MINE = "/customers/{customer}/addresses"
THEIRS = "/customers/{person}/addresses"
NOBODY = 2147483646
FULL: Wire = {
    "first_name": "Jane",
    "last_name": "{mark}",
    "company": "BigCommerce",
    "street_1": "123 Main Street",
    "street_2": "",
    "city": "Austin",
    "state": "Texas",
    "zip": "78726",
    "country": "United States",
    "phone": "123-345-7890",
    "address_type": "residential",
}


def ask(name: str, call: str, source: str = PAGE, **more: Any) -> Check:
    """A request below V2's root."""
    return Check(f"V2 {name}", call, source, root=v2.ROOT, **more)


def write(name: str, call: str, source: str = PAGE, **more: Any) -> Check:
    """One that writes."""
    return ask(name, call, source, writes=True, **more)


def create(
    name: str,
    source: str,
    body: Any,
    *,
    path: str = THEIRS,
    makes: str = "refused",
    key: str = "main",
) -> Check:
    """A POST of an address; should it be taken, it is removed again, by V3."""
    undo = f"DELETE {OF_V3}?id:in={{{makes}}}"
    wanted: Wire = {"body": body, "makes": makes, "undo": undo, "key": key}
    return write(name, f"POST {path}", source, **wanted)


V2_READING = (
    ask("list addresses", f"GET {MINE}"),
    ask("list addresses, one a page", f"GET {MINE}?limit=1"),
    ask("list addresses, second page", f"GET {MINE}?limit=1&page=2"),
    ask("list addresses, last page", f"GET {MINE}?page=9999", INFERRED),
    ask("count addresses", f"GET {MINE}/count"),
    ask("get address", f"GET {MINE}/{{address}}"),
    ask("get unknown address", f"GET {MINE}/{NOBODY}"),
    ask("list addresses of nobody", f"GET /customers/{NOBODY}/addresses", INFERRED),
    ask("list all addresses", f"GET {OF_V3}?limit=1", RECORDED, is_sample=True),
    ask("count all addresses", f"GET {OF_V3}/count", RECORDED, is_sample=True),
    ask("no such route", "GET /customers-addresses", INFERRED),
    ask("without a token", f"GET {MINE}", RECORDED, key="none"),
    ask("with an unknown token", f"GET {MINE}", CODES, key="unknown"),
    ask("with a token that reads", f"GET {MINE}", key="read-only"),
)
V2_WRITING = (
    create("create", PAGE, FULL, makes="old"),
    write("get what was created", f"GET {THEIRS}/{{old}}"),
    create("create an equal one", INFERRED, FULL, makes="twin"),
    write("list what was created", f"GET {THEIRS}"),
    write("update", f"PUT {THEIRS}/{{old}}", body={"city": "Houston"}),
    write("update with nothing", f"PUT {THEIRS}/{{old}}", INFERRED, body={}),
    write("update a country", f"PUT {THEIRS}/{{old}}", INFERRED, body={"country": "X"}),
    write("update an unknown address", f"PUT {THEIRS}/{NOBODY}", body={"city": "X"}),
    create("create with nothing", PAGE, {}),
    create("create with an empty name", INFERRED, {**FULL, "first_name": ""}),
    create("create in an unknown country", INFERRED, {**FULL, "country": "Xland"}),
    create("create with a code for a country", PAGE, {**FULL, "country": "US"}),
    create("create with a code for a state", PAGE, {**FULL, "state": "TX"}),
    create("create with an unknown type", PAGE, {**FULL, "address_type": "villa"}),
    create("create with a list", INFERRED, [FULL]),
    create("create with broken JSON", INFERRED, '{"first_name":'),
    create("create for nobody", INFERRED, FULL, path=f"/customers/{NOBODY}/addresses"),
    create("create without a token", RECORDED, FULL, key="none"),
    create("create with a token that reads", PAGE, FULL, key="read-only"),
    write("delete an unknown address", f"DELETE {THEIRS}/{NOBODY}"),
    write("delete", f"DELETE {THEIRS}/{{old}}"),
    write("get what was deleted", f"GET {THEIRS}/{{old}}"),
    # Only of a customer that was made for it: all addresses are lost.
    write("delete all", "DELETE /customers/{new_person}/addresses"),
    write("list what is left", "GET /customers/{new_person}/addresses"),
)
