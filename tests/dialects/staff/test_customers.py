"""What Staff answers about customers where no recording tells.

The contract is the README beside the dialect; "choice" marks what is ours.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from core import CustomerDraft, Gender
from core.connection import Connection
from dialects.staff import DIALECT
from dialects.staff.customer_schemas import decode_customer, encode_customer
from dialects.staff.fixtures import read_fixtures
from gateway.testing import Call
from gateway.testing.world import World

EMAIL = "jane.smith@example.com"


class TestStaffCustomers:
    dialect = DIALECT

    def call(
        self,
        world: World,
        method: str,
        path: str = "",
        json: Any = None,
        **options: Any,
    ) -> TestResponse:
        call = Call(method, f"/customers{path}", json)
        return world.call(DIALECT, call, "staff", **options)

    def test_a_repeated_email_is_refused_however_many_ask_at_once(
        self, world: World
    ) -> None:
        # "409: Conflict — customer with this email already exists".
        with ThreadPoolExecutor(8) as threads:
            answers = [
                threads.submit(self.call, world, "POST", json={"email": email})
                for email in (EMAIL, EMAIL.upper()) * 6
            ]

        codes = sorted(answer.result().status_code for answer in answers)
        assert codes == [201] + [409] * 11
        assert len(world.customers()) == 3

    def test_two_updates_to_one_email_do_not_both_succeed(self, world: World) -> None:
        # "Customer's email address (must be unique)" (Update Customer).
        paths = [f"/{world.customer.id}", f"/{world.stranger.id}"]
        with ThreadPoolExecutor(8) as threads:
            answers = [
                threads.submit(self.call, world, "PATCH", path, {"email": EMAIL})
                for path in paths * 4
            ]

        codes = {answer.result().status_code for answer in answers}
        assert codes == {200, 409}
        assert [one.email for one in world.customers()].count(EMAIL) == 1

    def test_who_shares_an_email_keeps_it(self, world: World) -> None:
        # Choice: others may store one twice; an update that does not change it may.
        twins = [world.add_customer(CustomerDraft(email=EMAIL)) for _ in range(2)]
        wire = {"email": EMAIL, "notes": "Twin"}

        answer = self.call(world, "PATCH", f"/{twins[1].id}", wire)

        assert answer.status_code == 200
        assert answer.get_json()["notes"] == "Twin"

    def test_an_email_is_taken_in_its_own_shop_only(self, world: World) -> None:
        # Choice: a shop stands for one installation of the original.
        other = world.store.add_shop("other")
        with world.store.book("suite", shop=other) as book:
            book.add_customer(CustomerDraft(email=EMAIL))

        answer = self.call(world, "POST", json={"email": EMAIL})
        world.store.remove_shop(other)

        assert answer.status_code == 201

    def test_what_is_refused_leaves_nothing(self, world: World) -> None:
        world.add_customer(CustomerDraft(email=EMAIL))

        self.call(world, "POST", json={"email": EMAIL})
        self.call(world, "PATCH", f"/{world.customer.id}", {"email": EMAIL})

        assert world.get_customer(world.customer.id) == world.customer
        assert len(world.customers()) == 3

    def test_a_customer_is_one_query_and_a_list_one_or_two(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run, seen = Connection._run, []

        def noted(self: Connection, *statement: Any) -> Any:
            seen.append(statement)
            return run(self, *statement)

        def count(path: str) -> int:
            self.call(world, "GET", path)
            seen.clear()
            self.call(world, "GET", path)
            return len(seen)

        monkeypatch.setattr(Connection, "_run", noted)

        counts = [count(f"/{world.customer.id}"), count(""), count("?limit=1")]

        assert counts == [1, 1, 2]

    def test_empty_text_is_shown_as_it_was_written(self, world: World) -> None:
        # Choice: null is for what no client of this API wrote.
        elsewhere = world.add_customer(CustomerDraft(first_name=""))
        here = self.call(world, "POST", json={"first_name": "", "gender": ""})

        shown = self.call(world, "GET", f"/{elsewhere.id}").get_json()

        told = here.get_json()
        assert [told["first_name"], told["gender"], told["notes"]] == ["", "", None]
        assert [shown["first_name"], shown["gender"]] == [None, None]

    def test_what_was_empty_and_is_filled_elsewhere_is_shown(
        self, world: World
    ) -> None:
        # Choice: that it was written as "" is remembered beside it.
        made = self.call(world, "POST", json={"notes": ""}).get_json()
        customer = world.get_customer(made["id"])
        with world.book() as book:
            book.update_customers([(customer, {"note": "Here"})])

        shown = self.call(world, "GET", f"/{customer.id}").get_json()

        assert shown["notes"] == "Here"

    def test_a_key_of_one_customer_neither_adds_nor_reaches_others(
        self, world: World
    ) -> None:
        # Choice: such a key exists in no Django project; the rest is not there for it.
        token = "e" * 40
        with world.store.keys() as keys:
            keys.add(
                "staff",
                world.shop,
                scope="staff",
                token=token,
                customer_id=world.stranger.id,
            )

        def status(method: str, path: str) -> int:
            client = world.app.test_client()
            headers = {"Authorization": f"Token {token}"}
            url = f"/api/customers{path}"
            return client.open(url, method=method, json={}, headers=headers).status_code

        mine, theirs = f"/{world.stranger.id}", f"/{world.customer.id}"
        assert [status("GET", mine), status("PATCH", mine)] == [200, 200]
        assert [status("GET", theirs), status("PATCH", theirs)] == [404, 404]
        assert [status("DELETE", theirs), status("DELETE", mine)] == [404, 403]
        assert status("POST", "") == 403
        assert len(world.customers()) == 2

    @pytest.mark.parametrize("query", ["limit=" + "9" * 30, "id_min=-" + "9" * 30])
    def test_numbers_beyond_all_numbers_give_everything(
        self, world: World, query: str
    ) -> None:
        # As for addresses; recorded there as SQLite's 500.
        answer = self.call(world, "GET", f"?{query}")

        assert answer.get_json()["count"] == 2

    def test_a_file_is_no_date(self, world: World) -> None:
        # fields.py: DateField takes a text, and an upload is none.
        body = (
            b"--b\r\nContent-Disposition: form-data; "
            b'name="birth_date"; filename="x"\r\n\r\n1990-01-15\r\n--b--\r\n'
        )

        answer = self.call(
            world, "POST", data=body, content_type="multipart/form-data; boundary=b"
        )

        assert list(answer.get_json()) == ["birth_date"]

    def test_a_page_for_browsers_holds_the_customers(self, world: World) -> None:
        # Choice: the framework's own page is not reproduced.
        answer = world.app.test_client().get(
            "/api/customers", headers={"Authorization": "Token staff-staff"}
        )
        page = world.app.test_client().get(
            "/api/customers?format=api", headers={"Authorization": "Token staff-staff"}
        )

        assert answer.content_type == "application/json"
        assert page.content_type == "text/html; charset=utf-8"
        assert "&quot;first_name&quot;: &quot;Grace&quot;" in page.get_data(True)

    def test_the_permission_codes_are_found_with_and_without_a_slash(
        self, world: World
    ) -> None:
        # Choice: the page tells of a redirect to the slash.
        calls = [Call("GET", f"/users/permissions{slash}") for slash in ("", "/")]

        answers = [world.call(DIALECT, call, "staff") for call in calls]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].get_json() == answers[1].get_json()

    def test_a_search_for_nothing_that_can_be_is_told(self, world: World) -> None:
        # filters.py: SearchFilter, as recorded of the other lists.
        call = Call("GET", "/users/permissions/?search=%00")

        answer = world.call(DIALECT, call, "staff")

        assert answer.status_code == 400
        assert answer.get_json() == ["Null characters are not allowed."]


def test_a_customer_of_a_file_of_fixtures_can_have_every_field() -> None:
    # The names are those of "Retrieve Customer"; a recording may tell names alone.
    told = {
        "id": 123,
        "first_name": "John",
        "last_name": "Doe",
        "email": "john.doe@example.com",
        "mobile_number": "+1234567890",
        "national_code": "1234567890",
        "birth_date": "1990-01-15",
        "gender": "male",
        "notes": "VIP customer",
        "is_active": False,
        "date_joined": "2024-01-01T10:00:00.123456Z",
    }
    file: dict[str, Any] = {
        name: [] for name in ("countries", "states", "cities", "addresses", "tokens")
    }

    [customer] = read_fixtures({**file, "customers": [told]}).customers

    shown = encode_customer(customer)
    assert {name: shown[name] for name in told} == told
    assert (customer.birth_date, customer.gender) == (date(1990, 1, 15), Gender.MALE)


def test_a_new_customer_is_active_whatever_is_said() -> None:
    # "Create Customer" has no is_active; unknown keys are passed over.
    assert decode_customer({"is_active": "maybe", "id": 5}, None) == {}
