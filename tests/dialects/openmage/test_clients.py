"""Client libraries as they are published, unmodified, over HTTP.

What they send and expect was read in their sources: `restinmagento` 0.4.2 of 2013, and
`requests-oauthlib` 2.0.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from requests_oauthlib import OAuth1, OAuth1Session
from restinmagento.backend import set_default_backend
from restinmagento.model import Model
from restinmagento.resource import Resource, RIMException

from tests.dialects.openmage.party import (
    ADMIN,
    ADMIN_SECRET,
    CONSUMER,
    CONSUMER_SECRET,
    new_party,
)
from tests.dialects.openmage.serving import serving

KEYS = (CONSUMER, CONSUMER_SECRET, ADMIN, ADMIN_SECRET)
NEW = {
    "firstname": "Ada",
    "lastname": "Lovelace",
    "street": ["12 Analytical Row", "Flat 3"],
    "city": "San Jose",
    "country_id": "US",
    "region": "CA",
    "postcode": "94070",
    "telephone": "898-555-1212",
}


@pytest.fixture
def root() -> Iterator[str]:
    """The URL below which the resources are."""
    with new_party() as party, serving(party.app) as base_url:
        # The libraries sign with the machine's time.
        party.clock.instant = datetime.now(UTC)
        yield f"{base_url}/api/rest"


class Address(Model):  # type: ignore[misc]
    """How a user of the library names the addresses of a customer."""

    cm_path = "/customers/1/addresses"
    id_attr = "entity_id"

    @property
    def path(self) -> str:
        return f"/customers/addresses/{self.pk}"


def test_restinmagento_writes_and_reads(root: str) -> None:
    set_default_backend(root, OAuth1(*KEYS))

    created = Address.objects.create(data=dict(NEW))
    created.city = "Los Angeles"
    created.save()

    assert created.region == "California"
    assert created.city == "Los Angeles"
    # It asks for pages until one is like the one before.
    assert [one.pk for one in Address.objects.all()] == [created.pk]
    created.delete()
    assert Address.objects.list() == []


def test_restinmagento_is_told_what_is_wrong(root: str) -> None:
    address = Resource(f"{root}/customers/addresses/99", OAuth1(*KEYS))

    with pytest.raises(RIMException, match=r"^Error 404: Resource not found\.$"):
        address.get()


def test_requests_oauthlib_speaks_xml(root: str) -> None:
    client = OAuth1Session(*KEYS)
    client.headers.update({"Accept": "text/xml", "Content-Type": "text/xml"})
    body = "<magento_api>{}<street><data_item>a</data_item></street></magento_api>"
    fields = {**NEW, "region": "Palau"}
    del fields["street"]
    body = body.format("".join(f"<{name}>{v}</{name}>" for name, v in fields.items()))

    created = client.post(f"{root}/customers/1/addresses", data=body)
    location = root.removesuffix("/api/rest") + created.headers["Location"]
    read = client.get(location)
    changed = client.put(location, data="<a><city>Oslo</city></a>")
    removed = client.delete(location)
    gone = client.get(location)

    assert (created.status_code, created.content) == (200, b"")
    assert "<region>Palau</region>" in read.text
    assert (changed.status_code, changed.content) == (200, b"")
    assert (removed.status_code, gone.status_code) == (200, 404)


@pytest.mark.parametrize("place", ["AUTH_HEADER", "QUERY"])
@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT"])
def test_requests_oauthlib_signs(root: str, method: str, place: str) -> None:
    """Without the header a caller is a guest (OpenMage 20.18)."""
    auth = OAuth1(*KEYS, signature_method=method, signature_type=place)
    asked = {"filter[1][attribute]": "city", "filter[1][eq]": "San Jose", "limit": "2"}

    answer = requests.get(
        f"{root}/customers/1/addresses",
        params=asked,
        auth=auth,
        headers={"Accept": "application/json"},
        timeout=10,
    )

    if place == "QUERY":
        assert answer.status_code == 403
        return
    assert (answer.status_code, answer.json()) == (200, [])
