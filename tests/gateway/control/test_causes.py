"""The journal tells the causes that the wire does not."""

import pytest
from flask.testing import FlaskClient
from oauthlib.oauth1 import Client

from gateway.control import Control, Sandbox
from tests.gateway.control.calls import CALLS, EASEL, Call, call, send

PATH = "/api/rest/customers/1/addresses"


def test_a_duplicate_tells_which_address_it_is_equal_to(
    client: FlaskClient, shop: Sandbox
) -> None:
    """V3 answers 200, and the address is absent from the body."""
    call(client, shop, "bigcommerce.create")

    answer = call(client, shop, "bigcommerce.create")

    assert answer.get_json()["data"] == []
    assert shop.journal.last().notes["duplicates"] == {"0": 2}


def signed(shop: Sandbox, url: str, method: str = "GET", **other: str) -> Client:
    keys = shop.credentials["openmage"]
    known = {
        "client_key": keys["consumer"].token,
        "client_secret": keys["consumer"].secret,
        "resource_owner_key": keys["admin"].token,
        "resource_owner_secret": keys["admin"].secret,
    }
    _, headers, _ = Client(**{**known, **other}).sign(url, method)
    return headers


@pytest.mark.parametrize(
    ("changed", "probably"),
    [
        ({"resource_owner_secret": ""}, "signed without the token's secret"),
        ({"client_secret": ""}, "signed without the application's secret"),
        ({"method": "POST"}, "signed as a POST"),
        ({"url": f"https://localhost{PATH}"}, "signed for https in place of http"),
        ({"url": f"http://localhost{PATH}/"}, "a path with a slash at its end"),
        ({"url": f"http://localhost{PATH}?limit=5"}, "something was signed that was"),
        ({"client_secret": "wrong"}, "a secret is wrong"),
    ],
)
def test_a_wrong_signature_tells_what_was_probably_done(
    client: FlaskClient, shop: Sandbox, changed: dict[str, str], probably: str
) -> None:
    given = {"url": f"http://localhost{PATH}", **changed}

    answer = client.get(PATH, headers=signed(shop, **given))

    note = shop.journal.last().notes["oauth"]
    assert answer.status_code == 401
    assert probably in note["probably"]
    assert note["rfc"].startswith("GET&http%3A%2F%2Flocalhost%2Fapi%2Frest%2Fcustom")
    assert note["differ_at"] is None


def test_the_two_readings_of_a_request_stand_side_by_side(
    client: FlaskClient, shop: Sandbox
) -> None:
    """RFC 5849, 3.4.1.3.2 sorts by bytes; OpenMage in natural order (observed)."""
    query = "?filter[10][attribute]=city&filter[2][attribute]=city"

    client.get(PATH + query, headers=signed(shop, f"http://localhost{PATH}"))

    note = shop.journal.last().notes["oauth"]
    at = note["differ_at"]
    assert note["rfc"][:at] == note["platform"][:at]
    assert note["rfc"].index("%255B10%255D") < note["rfc"].index("%255B2%255D")
    platform = note["platform"]
    assert platform.index("%255B2%255D") < platform.index("%255B10%255D")
    assert note["probably"] == "signed without the query"


def test_what_nobody_read_is_told(client: FlaskClient, shop: Sandbox) -> None:
    body = {**EASEL, "colour": "red"}
    sent = Call("POST", CALLS["easel.create"].path + "?dry_run=1", body)

    send(client, shop, "easel", sent, **{"X-Idempotency-Key": "1"})

    assert shop.journal.last().unread == {
        "header": ["X-Idempotency-Key"],
        "parameter": ["dry_run"],
        "field": ["colour"],
    }
    with pytest.raises(AssertionError, match=r"#1 easel\.create: field colour"):
        shop.journal.assert_all_read()


def test_fields_within_fields_are_told_with_those_around_them(
    client: FlaskClient, shop: Sandbox
) -> None:
    [item] = CALLS["bigcommerce.create"].json
    field = {"name": "a", "value": "b", "size": 1}
    items = [{**item, "form_fields": [field]}, {**item, "form_fields": [field]}]

    send(client, shop, "bigcommerce", Call("POST", "/customers/addresses", items))

    assert shop.journal.last().unread == {"field": ["form_fields.size"]}


def test_fields_are_found_in_any_format(client: FlaskClient, shop: Sandbox) -> None:
    body = "<magento_api><fax>1</fax><colour>red</colour></magento_api>"
    headers = {**shop.headers("openmage"), "Content-Type": "application/xml"}

    client.put("/api/rest/customers/addresses/1", data=body, headers=headers)
    xml = shop.journal.last()
    form = {"text": "x", "colour": "red"}
    client.patch(
        "/api/customers/1/addresses/1", data=form, headers=shop.headers("staff")
    )

    assert (xml.operation, xml.status) == ("openmage.update", 200)
    assert xml.unread == {"field": ["colour"]}
    assert shop.journal.last().unread == {"field": ["colour"]}


@pytest.mark.parametrize("operation", CALLS)
def test_of_an_ordinary_request_everything_is_read(
    client: FlaskClient, shop: Sandbox, operation: str
) -> None:
    call(client, shop, operation)

    assert shop.journal.last().unread == {}


def test_the_quirks_that_were_asked_for_are_told(
    client: FlaskClient, control: Control
) -> None:
    shop = control.new_shop(quirks={"bigcommerce": {"quota": 150}})

    call(client, shop, "bigcommerce.list")

    assert shop.journal.last().quirks == {"bigcommerce.quota": 150}


def test_a_client_that_went_astray_is_told_the_base_urls(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    answer = client.get("/customers/1/addresses", headers=shop.headers("staff"))

    text = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "  Staff           http://localhost/api\n" in text
    assert "You probably meant:\n  http://localhost/api/customers/1/addresses" in text
    assert (shop.journal.last().operation, shop.journal.last().status) == ("", 404)
    assert client.get("/x").get_data(as_text=True).startswith("Not Found\n")
    assert control.strays.last().path == "/x"


def test_credentials_of_another_api_are_recognized(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    answer = client.get("/api/customers/1/addresses", headers=shop.headers("easel"))

    assert answer.get_json() == {
        "detail": "Authentication credentials were not provided."
    }
    assert shop.journal.last().notes["hint"] == (
        "a request with such credentials is for Easel: http://localhost/api/v1"
    )


def test_a_key_of_another_shop_is_told_to_both(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    other = control.new_shop()
    path = CALLS["bigcommerce.list"].path

    answer = client.get(
        f"/stores/{other.hash}/v3{path}", headers=shop.headers("bigcommerce")
    )

    assert answer.status_code == 403
    told = f"the key is of the shop {shop.hash}"
    assert shop.journal.last().notes["shop"] == told
    assert other.journal.last().notes["shop"] == told


def test_a_wrong_token_is_in_the_journal_of_the_shop_in_the_path(
    client: FlaskClient, shop: Sandbox
) -> None:
    path = f"/stores/{shop.hash}/v3{CALLS['bigcommerce.list'].path}"

    client.get(path, headers={"X-Auth-Token": "nobodys"})

    entry = shop.journal.last()
    assert (entry.operation, entry.status) == ("bigcommerce.list", 401)
    assert entry.request_headers["X-Auth-Token"] == "<redacted>"
    assert entry.notes["hint"] == (
        "no key of BigCommerce V3 has the token that was sent;"
        " those of the shop are its `credentials`"
    )
