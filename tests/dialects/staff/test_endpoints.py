"""What Staff answers where no recording tells.

The contract is the README beside the dialect; "choice" marks what is ours.
"""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from core import Address, City, Country, Draft, Region
from dialects.staff import DIALECT
from gateway.testing import Call
from gateway.testing.world import ORDINARY, World

PLACED = {"country": 1, "state": 1, "city": 1}


class TestStaffEndpoints:
    dialect = DIALECT

    def call(
        self,
        world: World,
        method: str,
        path: str,
        json: Any = None,
        **options: Any,
    ) -> TestResponse:
        return world.call(DIALECT, Call(method, path, json), "staff", **options)

    def path(self, world: World, address: Address | None = None) -> str:
        base = f"/customers/{world.customer.id}/addresses"
        return base if address is None else f"{base}/{address.id}"

    def numbers(self, address: Address) -> dict[str, int | None]:
        assert address.country
        assert address.region
        assert address.city
        return {
            "country": address.country.id,
            "state": address.region.id,
            "city": address.city.id,
        }

    def test_every_answer_has_the_headers_of_a_django_project(
        self, world: World
    ) -> None:
        # Recorded with every exchange.
        known = self.call(world, "GET", self.path(world))
        unknown = self.call(world, "GET", "/no/such/thing")

        for answer in (known, unknown):
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"

    def test_a_page_holds_the_json_escaped(self, world: World) -> None:
        # Choice: the framework's own page is not reproduced.
        draft = Draft(first_name="<b>&", country=Country(code="US"))
        held = world.add(draft)

        answer = world.app.test_client().get(
            f"/api{self.path(world, held)}?format=api",
            headers={"Authorization": "Token staff-staff"},
        )

        told = "&quot;first_name&quot;: &quot;&lt;b&gt;&amp;&quot;"
        assert told in answer.get_data(as_text=True)

    def test_a_bug_shows_nothing_of_itself(self, world: World) -> None:
        # Choice: "Server Error (500)", the framework's optional JSON.
        with world.app.test_request_context("/api/customers/1/addresses"):
            answer = DIALECT.fail(KeyError("s3cret"))

        assert answer.status_code == 500
        assert answer.get_json() == {"error": "Server Error (500)"}

    def test_a_body_that_is_too_large_is_a_bad_request(self, world: World) -> None:
        # Django refuses one of more than 2.5 MB with its page for 400.
        world.app.config["MAX_CONTENT_LENGTH"] = 10

        answer = self.call(world, "POST", self.path(world), PLACED)

        assert answer.status_code == 400
        assert answer.get_json() == {"error": "Bad Request (400)"}

    def test_an_address_without_places_can_be_put_back(self, world: World) -> None:
        # Other dialects store such; a Staff client cannot send what is null.
        held = world.add(Draft(first_name="Ada"))

        answer = self.call(world, "PUT", self.path(world, held), {"first_name": "Bo"})

        assert answer.status_code == 200
        assert answer.get_json()["first_name"] == "Bo"
        assert answer.get_json()["country_data"] is None

    def test_unknown_places_are_told_with_what_else_is_wrong(
        self, world: World
    ) -> None:
        # "All failing fields in one body": relations.py and fields.py alike.
        wire = {"country": " 0 ", "state": 0.5, "first_name": []}

        answer = self.call(world, "POST", self.path(world), wire)

        assert answer.get_json() == {
            "country": ['Invalid pk " 0 " - object does not exist.'],
            "state": ['Invalid pk "0.5" - object does not exist.'],
            "city": ["This field is required."],
            "first_name": ["Not a valid string."],
        }

    def test_a_number_beyond_all_numbers_is_no_place(self, world: World) -> None:
        # Recorded as a 500: int(inf) is not caught. Choice: the error of its kind.
        held = world.add(ORDINARY)
        numbers = {**self.numbers(held), "country": float("1e400")}
        body = str(numbers).replace("'", '"').replace("inf", "1e400")

        answer = self.call(
            world,
            "POST",
            self.path(world),
            data=body,
            content_type="application/json",
        )

        assert answer.get_json() == {
            "country": ['Invalid pk "inf" - object does not exist.']
        }

    def test_a_body_of_great_depth_is_a_parse_error(self, world: World) -> None:
        # Recorded as a 500. Choice: the client's fault.
        answer = self.call(
            world,
            "POST",
            self.path(world),
            data="[" * 100_000,
            content_type="application/json",
        )

        assert answer.status_code == 400
        assert answer.get_json()["detail"].startswith("JSON parse error - ")

    @pytest.mark.parametrize("limit", ["9223372036854775808", "9" * 30])
    def test_a_limit_beyond_all_numbers_gives_everything(
        self, world: World, limit: str
    ) -> None:
        # Recorded as SQLite's 500.
        world.add(ORDINARY)

        answer = self.call(world, "GET", f"{self.path(world)}?limit={limit}")

        assert answer.get_json()["count"] == len(answer.get_json()["results"]) == 1

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ("country_id=" + "9" * 30, 0),
            ("country_in=0," + "9" * 30, 0),
            ("id_min=-" + "9" * 30, 1),
            ("id_max=-1e999999999", 0),
        ],
    )
    def test_a_filter_beyond_all_numbers_is_no_error(
        self, world: World, query: str, count: int
    ) -> None:
        world.add(ORDINARY)

        answer = self.call(world, "GET", f"{self.path(world)}?{query}")

        assert answer.get_json()["count"] == count

    def test_a_filter_drops_the_fraction(self, world: World) -> None:
        # Django's IntegerField.get_prep_value: int(Decimal("0.5")).
        held = world.add(ORDINARY)

        answer = self.call(world, "GET", f"{self.path(world)}?id_min={held.id}.5")

        assert answer.get_json()["count"] == 1

    def test_a_day_has_its_last_microsecond(self, world: World) -> None:
        # created_at__date of Django: from midnight to midnight.
        world.clock.advance(12 * 60 * 60 - 0.000001)
        world.add(ORDINARY)

        same = self.call(world, "GET", f"{self.path(world)}?created_date=2026-01-01")
        next = self.call(world, "GET", f"{self.path(world)}?created_date=2026-01-02")

        assert (same.get_json()["count"], next.get_json()["count"]) == (1, 0)

    def test_addresses_of_one_instant_come_newest_first(self, world: World) -> None:
        # Choice: where created_at is the same, the higher number is the newer.
        first, second = world.add(ORDINARY), world.add(ORDINARY)

        answer = self.call(world, "GET", self.path(world))

        numbers = [shown["id"] for shown in answer.get_json()["results"]]
        assert numbers == [second.id, first.id]

    def test_a_place_of_the_shops_own_is_listed(self, world: World) -> None:
        # Choice: what other dialects wrote as text has a number here.
        held = world.add(
            Draft(
                country=Country(code="US"),
                region=Region(name="Erewhon"),
                city=City(name="Nowhere"),
            )
        )

        states = self.call(world, "GET", "/locations/states?search=erewhon")
        cities = self.call(world, "GET", "/locations/cities?search=nowhere")

        numbers = self.numbers(held)
        assert states.get_json()["results"] == [
            {
                "id": numbers["state"],
                "name": "Erewhon",
                "code": "",
                "country": numbers["country"],
            }
        ]
        assert cities.get_json()["results"] == [
            {"id": numbers["city"], "name": "Nowhere", "state": numbers["state"]}
        ]

    def test_a_place_is_found_by_its_digits(self, world: World) -> None:
        # Documented: countries are searched by id, name and code.
        held = world.add(ORDINARY)
        number = self.numbers(held)["country"]

        answer = self.call(world, "GET", f"/locations/countries?search={number}")

        assert number in [country["id"] for country in answer.get_json()["results"]]

    def test_a_key_of_one_customer_reaches_no_other(self, world: World) -> None:
        # Choice: such a key exists in no Django project; the rest is not there for it.
        token = "f" * 40
        with world.store.keys() as keys:
            keys.add(
                "staff",
                world.shop,
                scope="staff",
                token=token,
                customer_id=world.stranger.id,
            )
        client = world.app.test_client()

        answers = [
            client.get(
                f"/api/customers/{customer.id}/addresses",
                headers={"Authorization": f"Token {token}"},
            )
            for customer in (world.customer, world.stranger)
        ]

        assert [answer.status_code for answer in answers] == [404, 200]
