"""Two answers are compared but for what cannot be the same."""

import json
from typing import Any

import pytest

from gateway.compare import Answer, Difference, Rules, differences, joined

TIME = "2024-01-01T10:00:00.123456Z"
SOON = "2026-01-01T00:00:00Z"
LATER = "2027-02-02T11:22:33.000001Z"


def answer(body: Any, **headers: str) -> Answer:
    return Answer(
        status=200, headers=joined([*headers.items()]), body=json.dumps(body).encode()
    )


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"updated_at": SOON}, {"updated_at": LATER}),
        ({"next": "http://a/x?y=1"}, {"next": "https://b:8/x?y=1"}),
        ({"detail": "JSON parse error - a"}, {"detail": "JSON parse error - b"}),
        ({"detail": 'no media type "text/plain"'}, {"detail": 'no media type ""'}),
    ],
)
def test_what_must_differ_is_no_difference(expected: Any, got: Any) -> None:
    rules = Rules(known={TIME}, is_untyped=True)

    assert differences(answer(expected), answer(got), rules) == []


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {}),
        ({}, {"a": None}),
        ([1], [1, 2]),
        ({"created_at": TIME}, {"created_at": LATER}),
        ({"updated_at": SOON}, {"updated_at": TIME}),
        ({"updated_at": SOON}, {"updated_at": "now"}),
        ({"next": "http://a/x?y=1"}, {"next": "http://a/x?y=2"}),
        ({"detail": "JSON parse error - a"}, {"detail": "Another error - a"}),
    ],
)
def test_what_must_be_the_same_is_a_difference(expected: Any, got: Any) -> None:
    rules = Rules(known={TIME})

    assert len(differences(answer(expected), answer(got), rules)) == 1


def test_allowed_methods_come_in_any_order() -> None:
    old, new = answer(1, Allow="GET, POST"), answer(1, allow="POST,GET")

    assert differences(old, new, Rules()) == []


def test_a_header_that_is_missing_is_a_difference() -> None:
    old, new = answer(1, Vary="Accept"), answer(1)

    assert differences(old, new, Rules()) == [
        Difference(what="header Vary", expected="Accept", got="(absent)")
    ]


def typed(body: str, media_type: str) -> Answer:
    headers = joined([("Content-Type", f"{media_type}; charset=utf-8")])
    return Answer(status=200, headers=headers, body=body.encode())


@pytest.mark.parametrize(
    ("media_type", "expected", "got"),
    [
        ("application/xml", "<a><b>1</b><c/></a>", "<a>\n <c></c>\n <b>1</b>\n</a>\n"),
        ("text/xml", "<a>&#xE9;</a>", '<?xml version="1.0"?><a>\xe9</a>'),
        ("application/xml", "<a><k><random></k></a>", "<a><k>x8&amp;f</k></a>"),
        ("text/plain", "a=1&b%5B0%5D=x+y", "b[0]=x%20y&a=1"),
        ("application/json", '{"k": "<random>"}', '{"k": "x8f"}'),
        ("text/html", "", ""),
    ],
)
def test_bodies_that_say_the_same_are_no_difference(
    media_type: str, expected: str, got: str
) -> None:
    old, new = typed(expected, media_type), typed(got, media_type)

    assert differences(old, new, Rules()) == []


@pytest.mark.parametrize(
    ("media_type", "expected", "got", "what"),
    [
        ("application/xml", "<a><b>1</b></a>", "<a><b>2</b></a>", "body.a.b"),
        ("application/xml", "<a><b/></a>", "<a><b/><b/></a>", "body.a.b"),
        ("application/xml", "<a><b>x</b></a>", "<a><b> x</b></a>", "body.a.b"),
        ("application/xml", "<a><b/></a>", "<a/>", "body.a"),
        ("application/xml", "<a/>", "<a c='1'/>", "body.a"),
        ("application/xml", "<a><b/></a>", "<a><b/>c</a>", "body.a.#text"),
        ("application/xml", "<a/>", "<a>", "body"),
        (
            "application/xml",
            "<a><b>1</b><b>2</b></a>",
            "<a><b>1</b><b>3</b></a>",
            "body.a.b[1]",
        ),
        ("text/plain", "a=1", "a=2", "body.a"),
        ("text/plain", "No such page", "no such page", "body"),
        ("application/json", '{"k": "<random>"}', '{"k": ""}', "body.k"),
        ("application/json", '{"2": {}, "1": {}}', '{"1": {}, "2": {}}', "body: order"),
        ("text/html", "", "<p>", "body"),
    ],
)
def test_bodies_that_say_something_else_are_a_difference(
    media_type: str, expected: str, got: str, what: str
) -> None:
    old, new = typed(expected, media_type), typed(got, media_type)

    assert [one.what for one in differences(old, new, Rules())] == [what]


def test_a_location_that_is_a_path_is_not_a_url() -> None:
    old = answer(1, Location="/api/addresses/25")
    new = answer(1, Location="http://a.example/api/addresses/25")

    assert [one.what for one in differences(old, new, Rules())] == ["header Location"]
