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
