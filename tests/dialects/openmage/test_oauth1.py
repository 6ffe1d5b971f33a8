"""OAuth 1.0a as OpenMage checks it.

Where nothing else is named, the source is OpenMage 20.18: its order of checks, its
names for problems, and how it reads a request; "observed" is what it answered.
Requests are signed by oauthlib's client, which shares no code with the checks.
"""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oauthlib.oauth1 import SIGNATURE_PLAINTEXT

from core import Unauthenticated
from dialects.openmage.oauth1 import authenticate
from tests.dialects.openmage.party import (
    ADMIN,
    ADMIN_SECRET,
    CONSUMER,
    CONSUMER_SECRET,
    CUSTOMER,
    HOST,
    LIST,
    OLD,
    OTHER,
    REVOKED,
    SECRET,
    client,
    header,
    new_party,
    signed,
)

ABSENT = "parameter_absent&oauth_parameters_absent="


@pytest.fixture(scope="module")
def party():
    with new_party() as party:
        yield party


@pytest.fixture(autouse=True)
def _forgotten(party):
    party.store.forget_nonces()
    party.clock.reset()


def said(answer: Any) -> Any:
    """The status, and the one error's message if there is one."""
    body = answer.get_json()
    if answer.status_code == 200:
        return 200, body
    [error] = body["messages"]["error"]
    return answer.status_code, error["message"]


def refused(problem: str) -> Any:
    """What a resource answers to a request with a problem: always 401 (observed)."""
    return 401, f"oauth_problem={problem}"


def parameters(**changes: str | None) -> dict[str, str | None]:
    """The parameters of a request that has everything but a right signature."""
    return {
        "oauth_consumer_key": CONSUMER,
        "oauth_token": ADMIN,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": OLD,
        "oauth_nonce": "the nonce",
        "oauth_version": "1.0",
        "oauth_signature": "wrong",
        **changes,
    }


# The contract's vectors, computed independently of this code.
@pytest.mark.parametrize(
    ("query", "nonce", "signature"),
    [
        ("", "n0nce000000000000000000000000001", "mh1kdbncXMb0X8+fZui99XVZ9OQ="),
        (
            "?filter[1][attribute]=city&filter[1][eq]=San%20Jose&limit=2",
            "n0nce000000000000000000000000002",
            "iw94ZUa4t4uLKHKG4dPUSdul9lo=",
        ),
    ],
)
def test_the_known_signatures_are_right(party, query, nonce, signature):
    given = parameters(oauth_nonce=nonce, oauth_signature=signature)

    with party.app.test_request_context(
        LIST + query, base_url=HOST, headers={"Authorization": header(given)}
    ):
        key = authenticate()

    assert (key.scope, key.shop.hash) == ("admin", "ours")


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic YTpi", "Bearer x", "OAut", 'Digest username="oauth"'],
)
def test_another_scheme_or_none_is_a_guest_s(party, authorization):
    """Observed: 403 "Access denied", for the guest may do nothing."""
    assert said(party.get(authorization)) == (403, "Access denied")


def test_parameters_in_the_query_alone_are_a_guest_s(party):
    """Observed."""
    uri, _, _ = client(signature_type="QUERY").sign(HOST + LIST)

    assert said(party.get(None, uri.removeprefix(HOST))) == (403, "Access denied")


def test_with_a_bare_header_the_parameters_may_be_in_the_query(party):
    uri, _, _ = client(signature_type="QUERY").sign(HOST + LIST + "?limit=2")

    assert said(party.get("OAuth", uri.removeprefix(HOST))) == (200, [])


@pytest.mark.parametrize("scheme", ["OAuth", "oauth", "OAUTH"])
def test_the_scheme_is_written_as_one_likes(party, scheme):
    """Observed."""
    assert said(party.get(signed().replace("OAuth", scheme, 1))) == (200, [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"oauth_version": "2.0"}, "version_rejected"),
        ({"oauth_version": ""}, "version_rejected"),
        ({"oauth_consumer_key": None}, f"{ABSENT}oauth_consumer_key"),
        ({"oauth_consumer_key": ""}, f"{ABSENT}oauth_consumer_key"),
        ({"oauth_signature_method": None}, f"{ABSENT}oauth_signature_method"),
        ({"oauth_signature_method": ""}, f"{ABSENT}oauth_signature_method"),
        ({"oauth_signature": None}, f"{ABSENT}oauth_signature"),
        ({"oauth_signature": ""}, f"{ABSENT}oauth_signature"),
        ({"oauth_consumer_key": "short"}, "consumer_key_rejected"),
        ({"oauth_consumer_key": "f" * 33}, "consumer_key_rejected"),
        ({"oauth_signature_method": "HMAC-SHA256"}, "signature_method_rejected"),
        ({"oauth_signature_method": "hmac-sha1"}, "signature_method_rejected"),
        ({"oauth_nonce": None}, f"{ABSENT}oauth_nonce"),
        ({"oauth_nonce": ""}, f"{ABSENT}oauth_nonce"),
        ({"oauth_timestamp": None}, f"{ABSENT}oauth_timestamp"),
        # Observed: "0" is empty to PHP, and text that is no number is 0.
        ({"oauth_timestamp": "0"}, f"{ABSENT}oauth_timestamp"),
        ({"oauth_timestamp": "abc"}, "timestamp_refused"),
        ({"oauth_timestamp": "-5"}, "timestamp_refused"),
        ({"oauth_timestamp": "9" * 5000}, "timestamp_refused"),
        ({"oauth_consumer_key": "f" * 32}, "consumer_key_rejected"),
        ({"oauth_consumer_key": ADMIN}, "consumer_key_rejected"),
        ({"oauth_token": None}, f"{ABSENT}oauth_token"),
        ({"oauth_token": ""}, "token_rejected"),
        ({"oauth_token": "short"}, "token_rejected"),
        ({"oauth_token": "f" * 32}, "token_rejected"),
        ({"oauth_token": CONSUMER}, "token_rejected"),
        ({"oauth_token": REVOKED}, "token_revoked"),
        ({"oauth_token": REVOKED, "oauth_consumer_key": OTHER}, "token_revoked"),
        ({"oauth_consumer_key": OTHER}, "token_rejected"),
        ({}, "signature_invalid"),
        ({"oauth_version": None}, "signature_invalid"),
        ({"oauth_signature": "é"}, "signature_invalid"),
    ],
)
def test_each_problem_has_its_name(party, changes, problem):
    answer = party.get(header(parameters(**changes)))

    assert said(answer) == refused(problem)
    assert "WWW-Authenticate" not in answer.headers


# Each problem, in the order of the checks: the first of those there are is told.
IN_ORDER = [
    ({"oauth_version": "2.0"}, "version_rejected"),
    ({"oauth_signature": ""}, f"{ABSENT}oauth_signature"),
    ({"oauth_consumer_key": "short"}, "consumer_key_rejected"),
    ({"oauth_signature_method": "x"}, "signature_method_rejected"),
    ({"oauth_nonce": ""}, f"{ABSENT}oauth_nonce"),
    ({"oauth_timestamp": "-1"}, "timestamp_refused"),
    ({"oauth_nonce": "spent"}, "nonce_used"),
    ({"oauth_consumer_key": "f" * 32}, "consumer_key_rejected"),
    ({"oauth_token": None}, f"{ABSENT}oauth_token"),
]


@pytest.mark.parametrize("first", range(len(IN_ORDER) - 1))
def test_the_first_problem_is_told(party, first):
    party.store.use_nonce("spent", int(OLD))
    changes: dict[str, str | None] = {}
    for own, _ in reversed(IN_ORDER[first:]):
        changes |= own

    answer = party.get(header(parameters(**changes)))

    assert said(answer) == refused(IN_ORDER[first][1])


def test_a_host_with_an_underscore_is_no_url(party):
    answer = party.get(signed(), base_url="http://magento_host")

    assert said(answer) == refused("internal_error&message=Invalid URI supplied")


@pytest.mark.parametrize("query", ['a="', "a=<", "a={b}", "a=%", "a=%zz", "a=|"])
def test_a_query_that_needs_encoding_is_no_url(party, query):
    answer = party.get(header(parameters()), f"{LIST}?{query}")

    assert said(answer) == refused("internal_error&message=Invalid URI supplied")


def test_a_parameter_with_several_values_is_rejected(party):
    query = urlencode({**parameters(), "oauth_consumer_key[]": "x"})

    answer = party.get("OAuth", f"{LIST}?{query}")

    assert said(answer) == refused("parameter_rejected&message=oauth_consumer_key")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (600, (200, [])),
        (601, refused("timestamp_refused")),
        (-601, (200, [])),
        (-10 * 365 * 86400, (200, [])),
    ],
)
def test_a_clock_may_be_ten_minutes_ahead_and_any_time_behind(party, seconds, expected):
    """Observed."""
    timestamp = str(party.now() + seconds)

    assert said(party.get(signed(timestamp=timestamp))) == expected


def test_a_request_is_good_once(party):
    authorization = signed()

    answers = [said(party.get(authorization)) for _ in range(3)]

    assert answers == [(200, []), refused("nonce_used"), refused("nonce_used")]


def test_a_nonce_is_spent_by_a_request_that_fails(party):
    """Observed."""
    party.get(signed(nonce="n", timestamp=OLD, client_secret="wrong"))

    answer = party.get(signed(nonce="n", timestamp=OLD))

    assert said(answer) == refused("nonce_used")


def test_a_nonce_is_everyone_s(party):
    """Observed."""
    party.get(signed(nonce="n", timestamp=OLD))
    other = {"resource_owner_key": CUSTOMER, "resource_owner_secret": SECRET}

    answer = party.get(signed(nonce="n", timestamp=OLD, **other))

    assert said(answer) == refused("nonce_used")


def test_a_nonce_with_another_timestamp_is_the_database_s_error(party):
    """Observed."""
    party.get(signed(nonce="fixednonce0001", timestamp=OLD))

    answer = party.get(signed(nonce="fixednonce0001", timestamp="1700000001"))

    assert said(answer) == refused(
        "internal_error&message=SQLSTATE[23000]: Integrity constraint violation: 1062"
        " Duplicate entry 'fixednonce0001' for key 'UNQ_OAUTH_NONCE_NONCE', query was:"
        " INSERT INTO `oauth_nonce` (`nonce`, `timestamp`) VALUES (?, ?)"
    )


@pytest.mark.parametrize("nonce", ["\0", "é", "'--", "x" * 10_000])
def test_any_text_is_a_nonce(party, nonce):
    answers = [said(party.get(signed(nonce=nonce, timestamp=OLD))) for _ in range(2)]

    assert answers == [(200, []), refused("nonce_used")]


def test_plaintext_needs_neither_nonce_nor_timestamp(party):
    """Observed."""
    given = {
        "oauth_consumer_key": CONSUMER,
        "oauth_token": ADMIN,
        "oauth_signature_method": "PLAINTEXT",
        "oauth_signature": f"{CONSUMER_SECRET}&{ADMIN_SECRET}",
    }

    answers = [said(party.get(header(given))) for _ in range(2)]
    wrong = {**given, "oauth_signature": f"{CONSUMER_SECRET}&"}

    assert answers == [(200, [])] * 2
    assert said(party.get(header(wrong))) == refused("signature_invalid")


def test_the_realm_and_blanks_in_the_header_mean_nothing(party):
    """The realm is "realm ignored": RFC 5849, 3.4.1.3.1; observed."""
    authorization = signed(realm="a, b").replace(", ", " , ")

    assert said(party.get(authorization)) == (200, [])


def test_a_header_with_a_realm_alone_lacks_all(party):
    """Observed."""
    assert said(party.get('OAuth realm="x"')) == refused(f"{ABSENT}oauth_consumer_key")


@pytest.mark.parametrize("text", ["a,b", "a%2Cb", "\xff", "=", "a=b=c", '"'])
def test_a_header_that_is_nonsense_lacks_all(party, text):
    answer = party.get(f"OAuth {text}")

    assert said(answer) == refused(f"{ABSENT}oauth_consumer_key")


@pytest.mark.parametrize("query", ["foo", "foo&limit=2", "foo=a=b"])
def test_a_query_that_is_no_pairs_cannot_be_signed_by_the_rfc(party, query):
    """Observed, of a name without a value."""
    authorization = signed(f"{LIST}?{query.replace('=a=b', '=a%3Db')}")

    assert said(party.get(authorization, f"{LIST}?{query}")) == refused(
        "signature_invalid"
    )


def natural(sorted_pairs: str) -> str:
    """A header of a client whose parameters are sorted as PHP sorts them."""
    given = {
        "oauth_consumer_key": CONSUMER,
        "oauth_nonce": "natural",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": OLD,
        "oauth_token": ADMIN,
    }
    joined = f"{sorted_pairs}&{urlencode(given)}"
    base = "&".join(quote(text, safe="~") for text in ("GET", HOST + LIST, joined))
    key = f"{CONSUMER_SECRET}&{ADMIN_SECRET}".encode()
    made = hmac.new(key, base.encode(), hashlib.sha1).digest()
    return header({**given, "oauth_signature": base64.b64encode(made).decode()})


@pytest.mark.parametrize(
    ("query", "sorted_pairs"),
    [
        # Names in natural order; an RFC client has filter[10] first.
        (
            "filter[10][a]=x&filter[2][a]=y",
            "filter%5B2%5D%5Ba%5D=y&filter%5B10%5D%5Ba%5D=x",
        ),
        # A plus is a plus.
        ("a=b+c", "a=b%2Bc"),
        # The last of several equal names counts.
        ("a=1&a=2", "a=2"),
        # What is not one name and one value does not count.
        ("a=1&b&c=d=e", "a=1"),
    ],
)
def test_a_client_that_signs_as_openmage_reads_is_understood(
    party, query, sorted_pairs
):
    headers = {"Authorization": natural(sorted_pairs)}

    with party.app.test_request_context(
        f"{LIST}?{query}", base_url=HOST, headers=headers
    ):
        assert authenticate()


def test_many_filters_may_be_signed_by_the_rfc(party):
    """A drop-in takes either order: clients by the RFC have byte order."""
    filters = "&".join(f"filter%5B{n}%5D%5Ba%5D=x" for n in range(1, 13))

    headers = {"Authorization": signed(f"{LIST}?{filters}")}

    with party.app.test_request_context(
        f"{LIST}?{filters}", base_url=HOST, headers=headers
    ):
        assert authenticate()


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://magentohost", {"base_url": "https://magentohost"}),
        ("https://magentohost", {"headers": {"X-Forwarded-Proto": "https"}}),
        ("http://magentohost", {"base_url": "http://magentohost:80"}),
        ("https://magentohost", {"base_url": "https://magentohost:443"}),
        ("http://magentohost:8080", {"base_url": "http://magentohost:8080"}),
        ("http://magentohost", {"base_url": "http://MagentoHost"}),
        ("http://[::1]:8080", {"base_url": "http://[::1]:8080"}),
    ],
)
def test_the_url_that_is_signed_is_that_of_the_host_header(party, url, sent):
    """RFC 5849, 3.4.1.2; https behind a proxy that says so."""
    _, headers, _ = client().sign(url + LIST)

    assert said(party.get(headers["Authorization"], **sent)) == (200, [])


def test_the_path_is_signed_as_it_was_sent(party):
    path = "/api/rest/customers/%31/addresses"

    assert said(party.get(signed(path), path)) == (200, [])


def test_a_path_of_which_the_server_tells_no_more_is_encoded_anew(party):
    path = "/api/rest/customers/a%20b%C3%A9/addresses"

    with party.app.test_request_context(
        path, base_url=HOST, headers={"Authorization": signed(path)}
    ) as context:
        for name in ("RAW_URI", "REQUEST_URI"):
            del context.request.environ[name]
        assert authenticate()


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT.filter(lambda name: name and not name.startswith("oauth_"))
PAIRS = st.lists(st.tuples(NAMES | st.sampled_from(["a", "filter[1][eq]"]), TEXT))
SEGMENTS = st.lists(TEXT.filter(lambda text: text not in ("", ".", "..")), max_size=3)
MANY = settings(max_examples=200, suppress_health_check=list(HealthCheck))


def target(segments: list[str], pairs: list[tuple[str, str]]) -> str:
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    query = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in pairs)
    return f"/api/rest{path}?{query}" if query else f"/api/rest{path}"


@MANY
@given(
    segments=SEGMENTS,
    pairs=PAIRS,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    port=st.sampled_from(["", ":80", ":8080"]),
    options=st.sampled_from([{}, {"signature_method": SIGNATURE_PLAINTEXT}]),
)
def test_what_an_rfc_client_signs_is_right(
    party, segments, pairs, method, port, options
):
    url = HOST + port + target(segments, pairs)
    _, headers, _ = client(**options).sign(url, http_method=method)

    with party.app.test_request_context(url, method=method, headers=headers):
        assert authenticate().scope == "admin"


@MANY
@given(segments=SEGMENTS, pairs=PAIRS, other=PAIRS)
def test_what_was_not_signed_is_wrong(party, segments, pairs, other):
    _, headers, _ = client().sign(HOST + target(segments, pairs))
    changed = target(segments, [*pairs, ("added", "x"), *other])

    with (
        party.app.test_request_context(HOST + changed, headers=headers),
        pytest.raises(Unauthenticated, match="signature_invalid"),
    ):
        authenticate()


@MANY
@given(pairs=PAIRS.filter(len))
def test_a_form_is_signed(party, pairs):
    """RFC 5849, 3.4.1.3.1."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    _, headers, body = client().sign(
        HOST + LIST, http_method="POST", body=urlencode(pairs), headers=form
    )
    options = {"base_url": HOST, "method": "POST", "headers": headers}

    with party.app.test_request_context(LIST, data=body, **options):
        assert authenticate()
    party.store.forget_nonces()
    with (
        party.app.test_request_context(LIST, data=f"{body}&more=1", **options),
        pytest.raises(Unauthenticated, match="signature_invalid"),
    ):
        authenticate()


def test_json_is_not_signed(party):
    _, headers, _ = client().sign(HOST + LIST, http_method="POST")

    answer = party.get(
        headers["Authorization"], method="POST", json={"firstname": "Ada"}
    )

    assert answer.status_code == 400
    assert "oauth_problem" not in answer.get_data(as_text=True)


def test_a_customer_s_token_opens_that_customer(party):
    own = {"resource_owner_key": CUSTOMER, "resource_owner_secret": SECRET}

    assert said(party.get(signed(**own))) == (200, [])


def test_demo_keys_are_unknown_to_other_machines(party):
    with party.store.keys() as keys:
        keys.add(
            "openmage",
            party.shop,
            scope="consumer",
            token="d" * 32,
            secret=SECRET,
            is_demo=True,
        )
    authorization = signed(client_key="d" * 32, client_secret=SECRET)
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}}

    answer = party.get(authorization, **elsewhere)

    assert said(answer) == refused("consumer_key_rejected")


def test_a_secret_with_signs_may_be_sent_encoded_or_not(party):
    """RFC 5849, 3.4.4, encodes the secrets in PLAINTEXT; OpenMage does not."""
    with party.store.keys() as keys:
        keys.add(
            "openmage", party.shop, scope="consumer", token="e" * 32, secret="a&b/c"
        )
        consumer_id = keys.id_of("openmage", "e" * 32)
        keys.add(
            "openmage",
            party.shop,
            scope="admin",
            token="e" * 31 + "1",
            secret="d+e",
            consumer_id=consumer_id,
        )
    given = {
        "oauth_consumer_key": "e" * 32,
        "oauth_token": "e" * 31 + "1",
        "oauth_signature_method": "PLAINTEXT",
    }

    answers = [
        said(party.get(header({**given, "oauth_signature": signature})))
        for signature in ("a&b/c&d+e", "a%26b%2Fc&d%2Be")
    ]

    assert answers == [(200, [])] * 2
