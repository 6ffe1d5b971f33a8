"""Signing in, where no recording tells.

The contract is the README beside the dialect; "choice" marks what is ours.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from core import Keyring
from dialects.staff import DIALECT
from gateway.testing.world import World

PATH = "/api/users/auth/pwd/signin"
JSON = "application/json"
STORED = Keyring.hashed("password123")
RIGHT = {"username": "ada", "password": "password123"}


@pytest.fixture
def user(world: World) -> Mapping[str, Any]:
    """What the user "ada" is, but for the password."""
    made: dict[str, Any] = {"username": "ada", "scope": "staff", "label": "Ada's"}
    with world.store.keys() as keys:
        keys.add("staff", world.shop, **made, password=STORED)
    return made


def sign_in(world: World, body: Any = RIGHT, **options: Any) -> TestResponse:
    return world.app.test_client().post(PATH, json=body, **options)


def addresses(world: World, token: str) -> TestResponse:
    return world.app.test_client().get(
        f"/api/customers/{world.customer.id}/addresses",
        headers={"Authorization": f"Token {token}"},
    )


class TestSigningIn:
    dialect = DIALECT

    @pytest.mark.usefixtures("user")
    def test_the_token_of_a_sign_in_opens_the_shop(self, world: World) -> None:
        # "POST /api/users/auth/pwd/signin", then "Authorization: Token <token>".
        token = sign_in(world).get_json()["token"]

        answer = addresses(world, token)

        assert len(token) == 40
        assert answer.status_code == 200

    @pytest.mark.usefixtures("user")
    def test_each_sign_in_has_a_token_of_its_own(self, world: World) -> None:
        # Choice: the original gives its one token again; here only a digest is known.
        first = sign_in(world).get_json()["token"]
        second = sign_in(world).get_json()["token"]

        answers = [addresses(world, token) for token in (first, second)]

        assert first != second
        assert [answer.status_code for answer in answers] == [200, 200]

    def test_who_may_do_nothing_may_sign_in(self, world: World) -> None:
        # Recorded: the view has no permission classes, the others have.
        with world.store.keys() as keys:
            keys.add("staff", world.shop, scope="user", username="ada", password=STORED)

        answer = sign_in(world)

        assert answer.status_code == 200
        assert addresses(world, answer.get_json()["token"]).status_code == 403

    @pytest.mark.usefixtures("user")
    def test_a_user_of_another_dialect_is_unknown(self, world: World) -> None:
        with world.store.keys() as keys:
            keys.add("easel", world.shop, scope="read", username="bo", password=STORED)

        answer = sign_in(world, {**RIGHT, "username": "bo"})

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            # fields.py: CharField; a password is not trimmed, so spaces are one.
            (
                {"username": " ", "password": " "},
                {"username": ["This field may not be blank."]},
            ),
            (
                {"username": "a\0", "password": "\0"},
                {
                    "username": ["Null characters are not allowed."],
                    "password": ["Null characters are not allowed."],
                },
            ),
            (
                {"username": "a", "password": "\ud800"},
                {"password": ["Surrogate characters are not allowed: U+D800."]},
            ),
        ],
    )
    def test_a_field_that_cannot_be_is_told(
        self, world: World, body: Any, told: Any
    ) -> None:
        assert sign_in(world, body).get_json() == told

    @pytest.mark.usefixtures("user")
    @pytest.mark.parametrize(
        ("query", "status"), [("format=json", 200), ("format=api", 404)]
    )
    def test_it_offers_json_only(self, world: World, query: str, status: int) -> None:
        # ObtainAuthToken: renderer_classes = (JSONRenderer,)
        answer = sign_in(world, query_string=query)

        assert answer.status_code == status
        assert answer.content_type == JSON
        assert "Vary" not in answer.headers

    @pytest.mark.usefixtures("user")
    @pytest.mark.parametrize("content_type", ["*/*", "application/*"])
    def test_a_wildcard_is_a_form(self, world: World, content_type: str) -> None:
        # ObtainAuthToken: parser_classes = (FormParser, MultiPartParser, JSONParser)
        answer = world.app.test_client().post(
            PATH, data="username=ada&password=password123", content_type=content_type
        )

        assert answer.status_code == 200

    @pytest.mark.usefixtures("user")
    def test_another_scheme_is_no_wrong_token(self, world: World) -> None:
        # TokenAuthentication: without the keyword nobody is asking.
        answers = [
            sign_in(world, headers={"Authorization": value})
            for value in ("", "Basic YTpi", "Token", "Token a b")
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 401, 401]

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_a_wrong_verb_needs_no_token(self, world: World, method: str) -> None:
        # Recorded for GET and HEAD.
        answer = world.app.test_client().open(PATH, method=method)

        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST, OPTIONS"
