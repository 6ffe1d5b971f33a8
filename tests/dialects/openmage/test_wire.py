"""Which format is spoken, and what bodies say (source: OpenMage, observed).

What OpenMage was not seen to answer is what its PHP 8.2 gives for the same bytes.
"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.openmage.php import parse_query
from dialects.openmage.wire import JSON, QUERY, XML, BadBody, Format, accepted, decoded

TEXTS = st.text(st.characters(codec="utf-8"))
CONTROLS = '["\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\\u2028"]'
NAMES = st.text("abc_", min_size=1, max_size=5)
ADDRESSES = st.dictionaries(
    NAMES, TEXTS | st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=9
)
TYPES = st.sampled_from(
    ["application/json", "application/xml", "text/xml", "text/plain"]
)
FORMATS = st.sampled_from([JSON, QUERY, XML])


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("text/plain", QUERY),
        ("text/*", QUERY),
        ("text/xml", XML),
        ("application/xml", XML),
        ("application/xhtml+xml", XML),
        ("text/html", None),
        ("garbage", None),
        ("APPLICATION/JSON", None),
        ("application/x-www-form-urlencoded", None),
        ("application/json, text/plain, */*", JSON),
        ("application/xml, application/json", XML),
        ("application/json;q=0.5, application/xml;q=0.9", XML),
        ("application/json;q=0.9, application/xml;q=0.5", JSON),
        ("application/json;q=0", JSON),
        ("text/html, */*;q=0.1", JSON),
        ("text/html, application/json;q=0.1", JSON),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            XML,
        ),
        # The first parameter is the quality, whatever its name; as text it goes first.
        ("text/xml; charset=utf-8, application/json;q=1", XML),
        ("application/json;q=1, text/xml", JSON),
        ("text/xml;q=1=2;q=0, application/json;q=0.9", XML),
        (" , a b, x_y/z, application/json", JSON),
    ],
)
def test_the_best_type_that_is_known_is_the_format(
    accept: str, expected: Format | None
) -> None:
    assert accepted(accept) == expected


@pytest.mark.parametrize("accept", [None, ""])
def test_without_accept_there_is_no_format_unless_one_is_given(
    accept: str | None,
) -> None:
    """The page: "Default Format: XML"; OpenMage, observed: an error."""
    assert accepted(accept) is None
    assert accepted(accept, absent=XML) is XML


def test_the_format_of_any_type_can_be_given() -> None:
    """The page: "Default Format: XML"; OpenMage, observed: JSON."""
    assert accepted("text/html, */*", any_format=XML) is XML


@given(st.text())
def test_any_accept_is_understood(accept: str) -> None:
    assert accepted(accept) in {None, JSON, QUERY, XML}


def test_formats_have_the_types_that_answers_are_labelled_with() -> None:
    assert [form.content_type for form in (JSON, QUERY, XML)] == [
        "application/json; charset=utf-8",
        "text/plain; charset=utf-8",
        "application/xml; charset=utf-8",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], "[]"),
        ({}, "[]"),
        ([{}, []], "[[],[]]"),
        ({"1": {"a": "x"}}, '{"1":{"a":"x"}}'),
        ({1: {"a": "x"}}, '{"1":{"a":"x"}}'),
        ({"0": "a", "1": "b"}, '["a","b"]'),
        ({"a": None, "b": 0, "c": ""}, '{"a":null,"b":0,"c":""}'),
        ({"a": "B/C <&>' \"\\"}, '{"a":"B\\/C <&>\' \\"\\\\"}'),
        (
            {"é/": "Zürich 日 😀"},
            '{"\\u00e9\\/":"Z\\u00fcrich \\u65e5 \\ud83d\\ude00"}',
        ),
        (["\b\f\n\r\t\0\x1f\x7f\u2028"], CONTROLS),
        ({"a": "{}", "b": '{"0":'}, '{"a":"{}","b":"{\\"0\\":"}'),
        ({"a": "\ud800"}, ""),
    ],
)
def test_json_is_what_json_encode_gives(value: Any, expected: str) -> None:
    assert JSON.render(value).decode("ascii") == expected


@given(ADDRESSES)
def test_json_says_what_any_reader_reads(value: dict[str, Any]) -> None:
    assert json.loads(JSON.render(value)) == value


@given(ADDRESSES)
def test_what_is_rendered_as_json_is_decoded_to_the_same(value: dict[str, Any]) -> None:
    assert decoded("application/json", JSON.render(value)) == value


@given(ADDRESSES)
def test_what_is_rendered_as_a_query_is_parsed_to_the_same(
    value: dict[str, Any],
) -> None:
    """A long one would be no body, but an answer may be long."""
    assert parse_query(QUERY.render(value)) == value


def test_the_documented_address_is_decoded_alike_from_all_formats() -> None:
    address = {"firstname": "Johny", "street": ["2354 Jody Road", "844 Jefferson"]}

    found = [
        decoded("application/json; charset=utf-8", JSON.render(address)),
        decoded("text/plain", QUERY.render(address)),
        decoded("text/xml;charset=UTF-8", XML.render(address)),
        decoded("application/xml", XML.render(address)),
        decoded("application/xhtml+xml", XML.render(address)),
    ]

    assert found == [address] * 5


@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        (None, "Content-Type header is empty"),
        ("", "Content-Type header is empty"),
        ("application/json;", "Invalid Content-Type header"),
        ("application/json; foo=bar", "Invalid Content-Type header"),
        ("application/json ; charset=utf-8", "Invalid Content-Type header"),
        ("multipart/form-data; boundary=x", "Invalid Content-Type header"),
        ("text/x_y", "Invalid Content-Type header"),
        ('application/json; charset="utf-8"', "UTF-8 is the only supported charset"),
        ("application/json; charset=utf-8; x=y", "UTF-8 is the only supported charset"),
        ("nonsense; charset=iso-8859-1", "UTF-8 is the only supported charset"),
        *(
            (
                media_type,
                "Server can not understand Content-Type HTTP header media type "
                f'"{media_type}"',
            )
            for media_type in (
                "json",
                "text/json",
                "text/html",
                "Application/Json",
                "application/x-www-form-urlencoded",
            )
        ),
    ],
)
def test_a_content_type_has_to_be_exact(content_type: str | None, message: str) -> None:
    assert refusal(content_type, b"{}") == (400, message)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (' {"a":1,"a":"2"}\n', {"a": "2"}),
        (
            '{"a":true,"b":null,"c":1.5,"d":-0}',
            {"a": True, "b": None, "c": 1.5, "d": 0},
        ),
        ('{"a":[],"b":{},"c":{"0":"x","1":"y"}}', {"a": [], "b": [], "c": ["x", "y"]}),
        ('{"a":{"1":"x"},"0":1}', {"a": {"1": "x"}, "0": 1}),
        ('{"":1}', {"": 1}),
        ('{"\\u0000a":"\\ud83d\\ude00\\/\x7f"}', {"\0a": "😀/\x7f"}),
        ('{"a":9223372036854775807}', {"a": 9223372036854775807}),
        ('{"a":9223372036854775808}', {"a": 9223372036854775808.0}),
        ('{"a":-9223372036854775809}', {"a": -9223372036854775809.0}),
        (f'{{"a":{"9" * 5000}}}', {"a": float("inf")}),
        ('{"a":1e999}', {"a": float("inf")}),
        # Several things: the first key is a number.
        ("[1,2]", [1, 2]),
        ("[{}]", [[]]),
        ('{"5":{"a":1}}', [{"a": 1}]),
        ('{"1.5":1,"a":2}', [1, 2]),
    ],
)
def test_json_is_decoded(body: str, expected: Any) -> None:
    found = decoded("application/json", body.encode())

    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n\0",
        b"{",
        b"{bad",
        b"[1,]",
        b"{'a':1}",
        b"{a:1}",
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":"\x01"}',
        b'{"a":"\xe9"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\udc00"}',
        b'{"a":"\\ud800\\u0041"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1}\0',
        b'{"a":TRUE}',
        b" null ",
        b"NULL",
        b"[" * 512 + b"]" * 512,
        b'{"a":' * 512 + b"1" + b"}" * 512,
        b"[" * 1_000_000,
    ],
)
def test_what_is_no_json_is_not_decoded(body: bytes) -> None:
    assert refusal("application/json", body) == (400, "Decoding error.")


def test_arrays_may_be_511_levels_deep() -> None:
    assert decoded("application/json", b"[" * 511 + b"]" * 511) != []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        *(
            ("application/json", body)
            for body in (b"{}", b"[]", b"null", b"0", b"0.0", b"false", b'""', b'"0"')
        ),
        ("application/xml", b"<magento_api/>"),
        ("application/xml", b"<magento_api>text</magento_api>"),
        ("text/plain", b""),
        ("text/plain", b" \n"),
        ("text/plain", b"&=1"),
    ],
)
def test_a_body_that_says_nothing_is_invalid(content_type: str, body: bytes) -> None:
    assert refusal(content_type, body) == (400, "The request data is invalid.")


@pytest.mark.parametrize("body", [b'"abc"', b"5", b"-1.5", b"true"])
def test_a_scalar_breaks_the_original(body: bytes) -> None:
    assert refusal("application/json", body) == (500, "")


@pytest.mark.parametrize("body", [b"", b" ", b"<a", b"{}", b"<a>&u;</a>"])
def test_what_is_no_xml_is_not_decoded(body: bytes) -> None:
    assert refusal("text/xml", body) == (400, "Decoding error.")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=1&b[]=x+y&b[]=%C3%A9", {"a": "1", "b": ["x y", "é"]}),
        (b"a=1\n", {"a": "1\n"}),
        (b"0=a&1=b", ["a", "b"]),
        (b"a=" + b"%41" * 8187, {"a": "A" * 8187}),
    ],
)
def test_plain_text_is_a_query(body: bytes, expected: Any) -> None:
    assert decoded("text/plain", body) == expected


@pytest.mark.parametrize(
    "body",
    [b"a=b c", b'{"a":1}', b"a=\xc3\xa9", b"a=%4", b"a=1\n\n", b"a=" + b"x" * 8188],
)
def test_plain_text_has_only_the_characters_of_a_uri(body: bytes) -> None:
    assert refusal("text/plain", body) == (
        400,
        "Invalid data type. Check Content-Type.",
    )


@given(TYPES, st.binary())
def test_any_body_is_decoded_or_refused(content_type: str, body: bytes) -> None:
    assert is_decoded_or_refused(content_type, body)


@given(TYPES, ADDRESSES, FORMATS, st.integers(0, 200), st.binary(max_size=3))
def test_any_damaged_body_is_decoded_or_refused(
    content_type: str, value: dict[str, Any], form: Format, at: int, new: bytes
) -> None:
    body = form.render(value)

    assert is_decoded_or_refused(content_type, body[:at] + new + body[at + 1 :])


def is_decoded_or_refused(content_type: str, body: bytes) -> bool:
    try:
        return bool(decoded(content_type, body))
    except BadBody as error:
        return error.status in {400, 500}


def refusal(content_type: str | None, body: bytes) -> tuple[int, str]:
    with pytest.raises(BadBody) as caught:
        decoded(content_type, body)
    return caught.value.status, caught.value.message
