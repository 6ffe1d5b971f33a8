"""Recorded requests are signed anew as their recordings say."""

import re
from typing import Any
from urllib.parse import unquote

import pytest

from dialects.base import Unsigned
from dialects.openmage.signing import sign

URL = "http://magentohost/api/rest/customers/1/addresses"
FILE = {
    "oauth": {
        "consumers": [
            {
                "id": "1",
                "key": "0123456789abcdef0123456789abcdef",
                "secret": "fedcba9876543210fedcba9876543210",
            },
            {"id": "2", "key": "2" * 32, "secret": "3" * 32},
        ],
        "tokens": [
            {
                "identity": "admin",
                "token": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
                "secret": "ccccccccccccccccdddddddddddddddd",
            }
        ],
    }
}
AUTH = {
    "scheme": "oauth1",
    "identity": "admin",
    "consumer": 1,
    "signature_method": "HMAC-SHA1",
    "timestamp": 1700000000,
    "nonce": "n0nce000000000000000000000000001",
}
GIVEN = {
    "oauth_nonce": "n0nce000000000000000000000000001",
    "oauth_timestamp": "1700000000",
    "oauth_version": "1.0",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_consumer_key": "0123456789abcdef0123456789abcdef",
    "oauth_token": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
    "oauth_signature": "mh1kdbncXMb0X8+fZui99XVZ9OQ=",
}
PARAMETER = re.compile(r'(\w+)="([^"]*)"')


def request(url: str = URL, method: str = "GET", **more: Any) -> Unsigned:
    return Unsigned(method=method, url=url, **{"headers": [], "body": None, **more})


def signed(auth: dict[str, Any], unsigned: Unsigned | None = None) -> dict[str, str]:
    """The parameters of the header."""
    headers = sign({**AUTH, **auth}, FILE, unsigned or request())
    value = headers["Authorization"].removeprefix("OAuth ")
    return {name: unquote(text) for name, text in PARAMETER.findall(value)}


def test_a_request_is_signed_by_hmac_sha1() -> None:
    """The signature was computed by the rules alone, as the next two were."""
    assert signed({}) == GIVEN


@pytest.mark.parametrize("space", ["%20", "+"])
def test_a_filter_is_signed_with_its_brackets(space: str) -> None:
    """RFC 5849, 3.4.1.3.1 reads a query as a form, in which "+" is a blank."""
    query = f"?filter[1][attribute]=city&filter[1][eq]=San{space}Jose&limit=2"
    nonce = {"nonce": "n0nce000000000000000000000000002"}

    found = signed(nonce, request(URL + query))

    assert found["oauth_signature"] == "iw94ZUa4t4uLKHKG4dPUSdul9lo="


def test_the_port_is_signed_unless_it_is_the_usual_one() -> None:
    """RFC 5849, 3.4.1.2."""
    usual = request(URL.replace("magentohost", "MAGENTOHOST:80"))
    other = request(URL.replace("magentohost", "magentohost:81"))

    assert signed({}, usual) == GIVEN
    assert signed({}, other) != GIVEN


def test_a_form_is_signed_and_another_body_is_not() -> None:
    """RFC 5849, 3.4.1.3.1."""
    form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")]
    json = [("Content-Type", "application/json")]
    plain = signed({}, request(method="POST"))

    assert signed({}, request(method="POST", headers=json, body=b"a=1")) == plain
    assert signed({}, request(method="POST", headers=form, body=b"a=1")) != plain


def test_plain_text_needs_no_nonce_and_no_timestamp() -> None:
    found = signed({"signature_method": "PLAINTEXT", "nonce": None, "timestamp": None})

    assert found == {
        "oauth_version": "1.0",
        "oauth_signature_method": "PLAINTEXT",
        "oauth_consumer_key": GIVEN["oauth_consumer_key"],
        "oauth_token": GIVEN["oauth_token"],
        "oauth_signature": "fedcba9876543210fedcba9876543210"
        "&ccccccccccccccccdddddddddddddddd",
    }


def test_a_method_that_nobody_knows_is_signed_all_the_same() -> None:
    found = signed({"signature_method": "HMAC-SHA0"})

    assert found["oauth_signature_method"] == "HMAC-SHA0"
    assert len(found["oauth_signature"]) == 28


def test_each_request_has_a_nonce_of_its_own() -> None:
    unique = {"nonce": "<unique>"}

    nonces = {signed(unique)["oauth_nonce"], signed(unique)["oauth_nonce"]}

    assert "<unique>" not in nonces
    assert [len(nonce) for nonce in nonces] == [32, 32]


def test_a_request_may_name_no_token() -> None:
    found = signed({"identity": None})

    assert "oauth_token" not in found
    assert found["oauth_signature"] != GIVEN["oauth_signature"]


def test_another_secret_makes_another_signature_and_nothing_else() -> None:
    found = signed({"override_consumer_secret": "0" * 32})

    assert found.pop("oauth_signature") != GIVEN["oauth_signature"]
    assert found.items() < GIVEN.items()


def test_another_key_is_signed_and_sent() -> None:
    found = signed({"override_consumer_key": "short", "override_token": ""})

    assert (found["oauth_consumer_key"], found["oauth_token"]) == ("short", "")
    assert found["oauth_signature"] != GIVEN["oauth_signature"]


def test_what_is_changed_after_signing_is_not_signed() -> None:
    changes = {
        "after_signing_remove": ["oauth_version"],
        "after_signing_set": {"oauth_nonce": "", "oauth_timestamp": 'a"b'},
    }

    found = signed(changes)

    expected = {**GIVEN, "oauth_nonce": "", "oauth_timestamp": 'a"b'}
    del expected["oauth_version"]
    assert found == expected


def test_the_scheme_is_written_as_it_was() -> None:
    [value] = sign({**AUTH, "scheme_written_as": "oauth"}, FILE, request()).values()

    assert value.startswith('oauth oauth_nonce="n0nce')


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        ({"scheme": "none"}, {}),
        (
            {"scheme": "raw", "authorization": 'OAuth realm="x"'},
            {"Authorization": 'OAuth realm="x"'},
        ),
    ],
)
def test_a_request_may_be_signed_otherwise_or_not(
    auth: dict[str, Any], headers: dict[str, str]
) -> None:
    assert sign(auth, FILE, request()) == headers


@pytest.mark.parametrize(
    "auth", [{"scheme": "oauth2"}, {**AUTH, "override_tokens": ""}]
)
def test_what_it_cannot_sign_is_told(auth: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"oauth2|tokens"):
        sign(auth, FILE, request())


def test_a_signature_of_the_recording_comes_out_again() -> None:
    """Observed: the one request whose signature is kept, as it stood in its query."""
    path = "/api/rest/customers/addresses/2"
    file = {
        "oauth": {
            "consumers": [
                {
                    "id": "1",
                    "key": "c82ba797fd2d49a11794ccc7b2758b68",
                    "secret": "da1fe8d5c40226cbb75d411c3dce28cc",
                }
            ],
            "tokens": [
                {
                    "identity": "admin",
                    "token": "2ee41870577eb8c563156820ca8e7fbb",
                    "secret": "c829cee223069c148688fbe633e92574",
                }
            ],
        }
    }
    auth = {**AUTH, "timestamp": 1768478400, "nonce": "querynonce1"}

    [value] = sign(auth, file, request(f"http://127.0.0.1:18180{path}")).values()

    assert 'oauth_signature="k1Y39YcAh0NAxeln7n22TsQ0Nmo%3D"' in value
