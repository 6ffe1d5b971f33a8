"""What is sent to do harm is refused like any other bad body, and costs little.

Every setting is the default. That there is one text for all is observed; the limits
are those of libxml2 and of PHP's json_decode().
"""

import gc
import json
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialects.openmage.sending import (
    DEFAULT,
    ITEM,
    JSON,
    LIST,
    PLAIN,
    SECOND,
    TEXT,
    VALID,
    XML,
    Answer,
    Send,
    Sent,
    but,
    error,
    get,
    new_gateway,
    post,
    put,
)

UNDECODABLE = error(400, "Decoding error.")
TYPES = [JSON, XML, TEXT, "application/xml", "application/xhtml+xml"]
DEEP = 200_000
MEGABYTE = 2**20

fuzzing = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def send() -> Iterator[Send]:
    with new_gateway(DEFAULT, PLAIN) as send:
        yield send


def document(declarations: str, firstname: str) -> str:
    """An address in XML, with declarations of entities."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE a [{declarations}]><a>'
        f"<firstname>{firstname}</firstname><lastname>B</lastname><city>C</city>"
        "<street><data_item>S</data_item></street><country_id>GB</country_id>"
        "<postcode>1</postcode><telephone>2</telephone></a>"
    )


LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghij")
)
LONG = "x" * 50_000
BOMBS = {
    "laughs": document(LAUGHS, "&j;"),
    "laughs in an attribute": f"<!DOCTYPE a [{LAUGHS}]><a firstname='&j;'/>",
    "one entity many times": document(f'<!ENTITY a "{LONG}">', "&a;" * 50_000),
    "an entity of itself": document('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    "parameters": document(
        '<!ENTITY % a "ha"><!ENTITY % b "%a;%a;"><!ENTITY c "%b;">', "&c;"
    ),
    "deep elements": "<a>" * DEEP,
    "deep elements, closed": "<a>" * 100_000 + "</a>" * 100_000,
    "a tag without end": "<a " + "x" * 900_000,
    "many attributes": "<a " + " ".join(f"x{n}='1'" for n in range(50_000)),
    "a declaration without end": "<?xml " + "version " * 100_000,
}
ENTITIES = {
    "external": ('<!ENTITY e SYSTEM "file:///etc/passwd">', "A&e;B"),
    "external, of the net": ('<!ENTITY e SYSTEM "http://127.0.0.1:9/">', "A&e;B"),
    "public": ('<!ENTITY e PUBLIC "x" "file:///etc/passwd">', "A&e;B"),
    "a parameter's": (
        '<!ENTITY % p SYSTEM "file:///etc/passwd">%p;<!ENTITY e "">',
        "AB",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_and_takes_little_memory(send: Send, name: str) -> None:
    gc.collect()
    tracemalloc.start()

    answer = send(post(BOMBS[name], type=XML))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer == UNDECODABLE
    assert peak < 16 * MEGABYTE


@pytest.mark.parametrize("name", ENTITIES)
def test_nothing_outside_of_a_body_is_read(name: str) -> None:
    """OpenMage, observed: what is external is replaced by nothing."""
    with new_gateway() as send:
        answer = send(post(document(*ENTITIES[name]), type=XML))
        read = send(get(f"{ITEM}?attrs=firstname"))

    assert answer.status == 200
    assert read.body == b'{"firstname":"AB"}'


@pytest.mark.parametrize(
    "body",
    [
        "[" * DEEP,
        "[" * DEEP + "]" * DEEP,
        '{"firstname":' * 50_000,
        '{"firstname":' + "[" * DEEP + "]" * DEEP + "}",
        '{"a":' * 600 + "1" + "}" * 600,
        '"\\ud800"',
        b'{"firstname":"\xff"}',
        b'\xef\xbb\xbf{"firstname":"x"}',
        b'{"firstname":"x"}\0',
        b"\0",
        "NaN",
        '{"firstname":Infinity}',
        "1" * 900_000 + "x",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_is_refused(send: Send, body: Any) -> None:
    assert send(post(body)) == UNDECODABLE


@pytest.mark.parametrize(
    "body",
    [
        b"<a><firstname>\xff</firstname></a>",
        b"<a><firstname>\0</firstname></a>",
        b"<a><firstname>&#0;</firstname></a>",
        b"<a><firstname>&#x1F;</firstname></a>",
        b"<a><firstname>&undefined;</firstname></a>",
        b"\0<a/>",
        b"<?xml version='1.0' encoding='utf-7'?><a>+ADw-</a>",
        b"<?xml version='1.0' encoding='none-such'?><a/>",
        b"<a><![CDATA[" + b"x" * 900_000,
        b"<!DOCTYPE a [" + b"<!ENTITY x 'y'>" * 50_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_no_xml_is_refused(send: Send, body: bytes) -> None:
    assert send(post(body, type=XML)) == UNDECODABLE


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("type", TYPES)
def test_a_body_beyond_the_limit_is_refused(send: Send, method: str, type: str) -> None:
    target = LIST if method == "POST" else SECOND
    body = json.dumps(but(firstname="x" * 10 * MEGABYTE))

    assert send(Sent(method, target, body, type=type)) == UNDECODABLE


@pytest.mark.parametrize(
    ("body", "type"),
    [
        (json.dumps(but(firstname="x" * 10 * MEGABYTE)), JSON),
        (document("", "x" * 10 * MEGABYTE), XML),
    ],
)
def test_ten_megabytes_are_refused_as_too_long(body: str, type: str) -> None:
    with new_gateway(max_body=11 * MEGABYTE) as send:
        answer = send(post(body, type=type))

    assert answer.status == 400
    assert b"must be equal or less than 255 characters" in answer.body


def is_refused(answer: Answer) -> bool:
    """Whether it is refused in the dialect's form; a list is not implemented."""
    *_, item = json.loads(answer.body)["messages"]["error"]
    return answer.status == item["code"] and answer.status in (400, 405)


@fuzzing
@given(body=st.binary(max_size=200), type=st.sampled_from(TYPES))
def test_any_bytes_are_refused(send: Send, body: bytes, type: str) -> None:
    assert is_refused(send(post(body, type=type)))


MARKUP = st.text("<>/=\"'&;#x1%[] :é\0", max_size=4) | st.sampled_from(
    [
        *("a", "data_item", "firstname", "xmlns", "<![CDATA[", "]]>", "]>", "&a;"),
        *("<!DOCTYPE ", "<!ENTITY ", "SYSTEM ", "<?xml ", "version='1.0' ", "?>"),
    ]
)


@fuzzing
@given(parts=st.lists(MARKUP, max_size=30))
def test_any_markup_is_refused(send: Send, parts: list[str]) -> None:
    answer = send(post(f"<a>{''.join(parts)}", type=XML))

    assert is_refused(answer)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["US", "GB", "HK", "Texas", "0", " ", "\0", "x" * 300])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["0", "1", "a", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [*VALID, "prefix", "company", "fax", "is_default_billing", "entity_id", "0", ""]
)


@pytest.fixture(params=["documented", "observed"])
def send_anyhow(request: pytest.FixtureRequest) -> Iterator[Send]:
    with new_gateway(DEFAULT, PLAIN, fidelity=request.param) as send:
        yield send


@fuzzing
@given(changes=st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_any_values_are_taken_or_refused(
    send_anyhow: Send, changes: dict[str, Any]
) -> None:
    answers = [
        send_anyhow(post({**VALID, **changes})),
        send_anyhow(put(changes)),
        send_anyhow(get(SECOND)),
        send_anyhow(get(LIST, accept=XML)),
    ]

    taken, changed, *read = [answer.status for answer in answers]
    assert taken in (200, 400, 405)
    assert changed in (200, 400)
    assert read == [200, 200]


NAMES_OF_PARAMETERS = st.sampled_from(
    ["page", "limit", "order", "dir", "filter", "attrs", "x"]
)
KEYS = st.sampled_from(
    ["", "[]", "[0]", "[0][attribute]", "[0][attribute][]", "[a", "["]
)
PARAMETERS = st.lists(
    st.builds(
        "{}{}={}".format,
        NAMES_OF_PARAMETERS,
        KEYS,
        st.sampled_from(["", "0", "-1", "1e5", "x", "city", "%00", "%FF", "1" * 400]),
    ),
    max_size=4,
).map("&".join)


@fuzzing
@given(query=PARAMETERS)
def test_any_parameters_are_taken_or_refused(send: Send, query: str) -> None:
    answers = [send(get(f"{LIST}?{query}")), send(get(f"{ITEM}?{query}"))]

    assert {answer.status for answer in answers} <= {200, 400}


OPERATORS = st.sampled_from(
    ["eq", "like", "in", "nin", "is", "gt", "lteq", "finset", "regexp", "from", "date"]
)
FILTERS = st.lists(
    st.builds(
        "filter[{}][attribute]={}&filter[0][{}]{}={}".format,
        st.sampled_from(["0", "0", "1"]),
        st.sampled_from(["entity_id", "email", "created_at", "gender", "dob", "x"]),
        OPERATORS,
        st.sampled_from(["", "", "[]", "[a]"]),
        st.one_of(
            st.sampled_from(["", "1", "-1e400", "2025-01-01", "(a+)+$", "%25", "%5C"]),
            st.text(max_size=6).map(quote),
        ),
    ),
    max_size=3,
).map("&".join)


@fuzzing
@given(filters=FILTERS, parameters=PARAMETERS)
def test_any_filter_is_taken_or_refused(
    send: Send, filters: str, parameters: str
) -> None:
    answer = send(get(f"/customers?{filters}&{parameters}"))

    assert answer.status in (200, 400)


CUSTOMERS_NAMES = st.sampled_from(
    [
        "firstname",
        "email",
        "dob",
        "gender",
        "group_id",
        "website_id",
        "prefix",
        "taxvat",
    ]
)


@fuzzing
@given(changes=st.dictionaries(CUSTOMERS_NAMES, VALUES, min_size=1, max_size=4))
def test_any_values_of_a_customer_are_taken_or_refused(
    send_anyhow: Send, changes: dict[str, Any]
) -> None:
    answers = [
        send_anyhow(post(changes, "/customers")),
        send_anyhow(put(changes, "/customers/2")),
        send_anyhow(get("/customers/2")),
        send_anyhow(get("/customers?limit=0", accept=XML)),
    ]

    made, changed, *read = [answer.status for answer in answers]
    assert made in (200, 400, 405, 500)
    assert changed in (200, 400, 500)
    assert read == [200, 200]


@fuzzing
@given(path=st.text(max_size=20), version=st.binary(max_size=8))
def test_any_path_and_version_is_answered(
    send: Send, path: str, version: bytes
) -> None:
    headers = {"Version": version.decode("latin-1").translate({10: "", 13: ""})}

    answers = [
        send(get(f"/customers/addresses/{quote(path)}")),
        send(get(f"/customers/{quote(path)}/addresses")),
        send(get(ITEM, headers=headers)),
    ]

    assert {answer.status for answer in answers} <= {200, 400, 404}
