"""What any server of Easel's customers can be asked.

No customer can be removed, so none is made: the one that is given is changed, and made
as before.
"""

from typing import Any

from dialects.base import Wire
from dialects.checks import Check

PAGE = '"Customers API"'
KEYS = '"Authentication"'
INFERRED = "inferred: the pages are silent"

NOBODY = "cus_00000000000000000000"
ALL = "/customers"
ONE = "/customers/{customer}"
AS_SHOWN: Wire = {
    "first_name": "{own_first_name}",
    "last_name": "{own_last_name}",
    "email": "{own_email}",
    "phone": "{own_phone}",
}
CHANGED: Wire = {**AS_SHOWN, "phone": "+1-555-0100"}
NEW: Wire = {"first_name": "John", "last_name": "{mark}", "email": "{mark}@example.com"}
NAMELESS: Wire = {"first_name": "John", "email": "{mark}@example.com"}


def known(row: Wire) -> Wire:
    """What the customer is like, to be made as before, and an e-mail to be found by."""
    own = {f"own_{name}": row.get(name) for name in AS_SHOWN}
    return {**own, **({"email": row["email"]} if row.get("email") else {})}


def create(name: str, source: str, body: Any, **more: Any) -> Check:
    """A POST of a customer, which is to be refused."""
    wanted: Wire = {"writes": True, "makes": "refused_customer", **more}
    return Check(f"create customer {name}", f"POST {ALL}", source, body=body, **wanted)


def update(name: str, source: str, body: Any, **more: Any) -> Check:
    """A PUT of the customer, whatever became of it to be undone."""
    undo = {"undo": f"PUT {ONE}", "undo_body": AS_SHOWN}
    wanted: Wire = {"body": body, "writes": True, **undo, **more}
    return Check(f"update customer{name}", f"PUT {ONE}", source, **wanted)


READING = (
    Check("get customer", f"GET {ONE}", PAGE),
    Check("get unknown customer", f"GET {ALL}/{NOBODY}", INFERRED),
    Check("get customer without a key", f"GET {ONE}", KEYS, key="none"),
    Check("list customers", f"GET {ALL}", PAGE, is_sample=True),
    Check("list customers by e-mail", f"GET {ALL}?email={{email}}", PAGE),
    Check("list customers by another", f"GET {ALL}?email={{mark}}@example.com", PAGE),
    Check("search customers in vain", f"GET {ALL}?search={{mark}}", PAGE),
    Check("list customers after a word", f"GET {ALL}?after=x", PAGE),
)
WRITING = (
    update("", PAGE, CHANGED),
    Check("get updated customer", f"GET {ONE}", PAGE, writes=True),
    update(" without a last name", PAGE, {**CHANGED, "last_name": None}),
    update(" with broken JSON", PAGE, '{"first_name":'),
    update(" with a number for a text", INFERRED, {**CHANGED, "phone": 5550100}),
    update(" without a key", KEYS, CHANGED, key="none"),
    update(" with a key that reads", KEYS, CHANGED, key="read"),
    Check(
        "update unknown customer",
        f"PUT {ALL}/{NOBODY}",
        INFERRED,
        body=NEW,
        writes=True,
    ),
    update(" back", PAGE, AS_SHOWN),
    create("without a last name", PAGE, NAMELESS),
    create("without anything", PAGE, {}),
    create("with broken JSON", PAGE, '{"first_name":'),
    create("with a list", PAGE, []),
    create("without a key", KEYS, NEW, key="none"),
    create("with a key that reads", KEYS, NEW, key="read"),
    Check("delete customer", f"DELETE {ALL}/{NOBODY}", INFERRED, writes=True),
)
