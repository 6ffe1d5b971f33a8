"""What a user of the staff may be permitted (source: "List all permission codes")."""

from operator import itemgetter
from typing import Any

from flask import Response

from dialects.current import g
from dialects.staff import metadata
from dialects.staff.filters import Listing, terms
from dialects.staff.queries import Arguments
from dialects.staff.responses import respond
from dialects.staff.routing import route

PERMISSIONS = "/users/permissions"

# The page's sample, whose first id is 9, and "Permission Code" of the pages of each
# resource. 1424 is inferred from its neighbours, as are all names but the sample's.
CODES = {
    1001: "general_settings_read",
    1002: "general_settings_update",
    1252: "permission_read",
    1421: "customer_address_create",
    1422: "customer_address_read",
    1423: "customer_address_update",
    1424: "customer_address_delete",
    1602: "country_read",
    1622: "state_read",
    1642: "city_read",
}
ALL = [
    {"id": id, "code": code, "name": name}
    for id, (code, name) in enumerate(CODES.items(), 9)
]
LISTING = Listing(
    filters={},
    search=("code", "name"),
    ordering={"id": "id", "code": "code", "name": "name"},
    default_order=("id",),
)


@route(PERMISSIONS, "GET")
def list_permissions() -> Response:
    return respond(found(g.arguments))


@route(PERMISSIONS, "OPTIONS")
def describe_permissions() -> Response:
    return respond(metadata.described("Permission List"))


def found(arguments: Arguments) -> list[dict[str, Any]]:
    """The permissions that are asked for: all on one page."""
    sought = terms(dict(arguments).get("search", ""))
    results = [one for one in ALL if all(holds(one, term) for term in sought)]
    for field in reversed(LISTING.order(arguments)):
        key = itemgetter(field.removeprefix("-"))
        results.sort(key=key, reverse=field.startswith("-"))
    return results


def holds(permission: dict[str, Any], term: str) -> bool:
    """Whether a field that is searched contains the term, in any case."""
    texts = (str(permission[field]) for field in LISTING.search)
    return any(term.lower() in text.lower() for text in texts)
