"""A client to be tested: copies a customer's addresses from OpenMage to BigCommerce."""

from contextlib import suppress
from typing import Any

import requests

ATTEMPTS = 3


def copy_addresses(
    openmage: requests.Session,
    openmage_url: str,
    bigcommerce: requests.Session,
    bigcommerce_url: str,
    customer_id: int,
) -> int:
    """How many addresses BigCommerce did not have yet."""
    found = openmage.get(
        f"{openmage_url}/customers/{customer_id}/addresses",
        headers={"Accept": "application/json"},
        timeout=10,
    )
    found.raise_for_status()
    wanted = [translated(address, customer_id) for address in found.json()]
    return len(create(bigcommerce, bigcommerce_url, wanted)) if wanted else 0


def translated(address: dict[str, Any], customer_id: int) -> dict[str, Any]:
    """An address of OpenMage's in BigCommerce's words."""
    first, *more = address["street"]
    return {
        "customer_id": customer_id,
        "first_name": address["firstname"],
        "last_name": address["lastname"],
        "address1": first,
        "address2": " ".join(more),
        "city": address["city"],
        "state_or_province": address["region"],
        "postal_code": address["postcode"],
        "country_code": address["country_id"],
        "phone": address["telephone"],
    }


def create(
    session: requests.Session, url: str, addresses: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What was created. BigCommerce skips duplicates, so sending again is safe."""
    for _ in range(ATTEMPTS - 1):
        with suppress(requests.ConnectionError):
            return created(session, url, addresses)
    return created(session, url, addresses)


def created(
    session: requests.Session, url: str, addresses: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What was created at the first attempt."""
    answer = session.post(f"{url}/customers/addresses", json=addresses, timeout=10)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["data"]
    return found
