"""What any server of OpenMage's customers can be asked to write.

Only customers that were made for it are changed and removed.
"""

from typing import Any

from dialects.base import Wire
from dialects.checks import Check

OBSERVED = "OpenMage LTS 20.18, observed"
ALL = "/customers"
MADE = "/customers/{new_person}"
NOBODY = "/customers/2147483646"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
UNDO = "DELETE /customers/{refused}"


def write(name: str, call: str, body: Any = None, **more: Any) -> Check:
    """A request that writes; should it make a customer, they are removed again."""
    wanted: Wire = {"headers": JSON, "body": body, "writes": True, **more}
    if call.startswith("POST"):
        wanted = {"makes": "refused", "undo": UNDO, **wanted}
    return Check(name, call, OBSERVED, **wanted)


def writing(person: Wire) -> tuple[Check, ...]:
    """The checks, for a customer as they were made."""
    nameless = {name: value for name, value in person.items() if name != "lastname"}
    mailless = {name: value for name, value in person.items() if name != "email"}
    return (
        write("create customer again", f"POST {ALL}", person),
        write("create customer without a last name", f"POST {ALL}", nameless),
        write("create customer without an e-mail", f"POST {ALL}", mailless),
        write(
            "create customer with no e-mail's form",
            f"POST {ALL}",
            {**person, "email": "{mark}"},
        ),
        write("create customer with broken JSON", f"POST {ALL}", '{"firstname":'),
        write("create customer as a guest", f"POST {ALL}", person, key="none"),
        write("update customer", f"PUT {MADE}", {"firstname": "Jane"}),
        # Its key of confirmation is a random one.
        write("get updated customer", f"GET {MADE}", is_sample=True),
        write("update customer with an empty name", f"PUT {MADE}", {"lastname": ""}),
        write("update unknown customer", f"PUT {NOBODY}", {"firstname": "Jane"}),
        write("delete unknown customer", f"DELETE {NOBODY}"),
        write("delete customer", f"DELETE {MADE}"),
        write("get deleted customer", f"GET {MADE}"),
    )
