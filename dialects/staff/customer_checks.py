"""What any server of Staff's customers can be asked to write.

Only customers that were made for it are changed and removed.
"""

from typing import Any

from dialects.base import Wire
from dialects.checks import Check

PAGES = '"List Customers" to "Delete Customer"'
FRAMEWORK = "Django REST Framework 3.18.3, recorded"
ALL = "/customers"
MADE = "/customers/{new_person}"
NOBODY = "/customers/2147483646"
PERSON: Wire = {
    "first_name": "John",
    "last_name": "{mark}",
    "email": "{mark}@example.com",
}


def write(
    name: str, call: str, source: str, body: Any = None, key: str = "main"
) -> Check:
    """A request that writes; should it make a customer, they are removed again."""
    wanted: Wire = {"body": body, "key": key, "writes": True}
    if call.startswith("POST"):
        undo = "DELETE /customers/{refused}"
        wanted = {**wanted, "makes": "refused", "undo": undo}
    return Check(name, call, source, **wanted)


WRITING = (
    write("create customer with a list", f"POST {ALL}", FRAMEWORK, []),
    write("create customer with broken JSON", f"POST {ALL}", FRAMEWORK, '{"a":'),
    write(
        "create customer with no e-mail's form",
        f"POST {ALL}",
        FRAMEWORK,
        {**PERSON, "email": "{mark}"},
    ),
    write("create customer without a token", f"POST {ALL}", PAGES, PERSON, "none"),
    write("update customer", f"PATCH {MADE}", PAGES, {"first_name": "Jane"}),
    write("get updated customer", f"GET {MADE}", PAGES),
    write("update customer to a list", f"PATCH {MADE}", FRAMEWORK, {"first_name": []}),
    write("update unknown customer", f"PATCH {NOBODY}", PAGES, {"first_name": "Jane"}),
    write("delete unknown customer", f"DELETE {NOBODY}", PAGES),
    write("delete customer", f"DELETE {MADE}", PAGES),
    write("get deleted customer", f"GET {MADE}", PAGES),
)
