"""Who may do what: REST roles, and the attributes that a kind of user may use.

A role is the scope of a key. Source: OpenMage 20.18, its default roles, and observed.
"""

from core import Key
from dialects.current import these_globals
from dialects.openmage.errors import DENIED, Refused

SCOPES = ("admin", "address-reader", "no-role", "customer", "consumer")
OPERATIONS = {
    "POST": "create",
    "GET": "retrieve",
    "PUT": "update",
    "DELETE": "delete",
}
ALL = frozenset(OPERATIONS.values())
PRIVILEGES: dict[tuple[str, str], frozenset[str]] = {
    ("admin", "customer"): ALL,
    ("admin", "customer_address"): ALL,
    ("address-reader", "customer_address"): frozenset({"retrieve"}),
    ("customer", "customer"): frozenset({"retrieve", "update"}),
    ("customer", "customer_address"): ALL,
}
"""What a role may do with a resource; a guest may do nothing."""


def require_privilege(resource: str, operation: str) -> None:
    """Refuse who may not do this. Raises Refused."""
    key: Key | None = these_globals().key
    if key is None:
        raise Refused(DENIED)
    if key.scope == "no-role":
        user = key.label.rpartition(" ")[2] or str(key.id)
        raise Refused((0, f"Admin role for user ID {user} not found"))
    if operation not in PRIVILEGES.get((key.scope, resource), frozenset()):
        raise Refused(DENIED)
    # A customer's key that names no customer must not open everyone's addresses.
    if key.scope == "customer" and key.customer_id is None:
        raise Refused(DENIED)


def user_type() -> str:
    """What kind of user calls, once `require_privilege` let it."""
    key: Key = these_globals().key
    return "customer" if key.scope == "customer" else "admin"
