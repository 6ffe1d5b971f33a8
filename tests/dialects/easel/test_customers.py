"""Pages of customers, where they are too many for a recording.

The object "pagination" is that of the page "Customers API"; what a page holds is ours.
"""

from typing import Any

from core import CustomerDraft
from dialects.easel import DIALECT
from dialects.easel.customers import PAGE_SIZE
from gateway.testing import Call
from gateway.testing.world import World


class TestEaselCustomers:
    dialect = DIALECT

    def fill(self, world: World, total: int) -> None:
        """Let the shop have so many customers."""
        drafts = [CustomerDraft(first_name="Bo", email="bo@example.com")] * (total - 2)
        with world.book() as book:
            book.add_customers(drafts)

    def get(self, world: World, query: str = "") -> Any:
        answer = world.call(DIALECT, Call("GET", f"/customers{query}"), "read")
        return answer.get_json()

    def test_a_client_that_follows_the_cursor_sees_everyone_once(
        self, world: World
    ) -> None:
        self.fill(world, 2 * PAGE_SIZE + 1)

        pages = [
            self.get(world, query)
            for query in ("", f"?after={PAGE_SIZE}", f"?after={2 * PAGE_SIZE}")
        ]

        ids = [one["id"] for page in pages for one in page["customers"]]
        assert ids == [one.public_id for one in world.customers()]
        assert [page["pagination"] for page in pages] == [
            {
                "has_next_page": True,
                "has_previous_page": False,
                "next_cursor": PAGE_SIZE,
            },
            {
                "has_next_page": True,
                "has_previous_page": True,
                "next_cursor": 2 * PAGE_SIZE,
            },
            {"has_next_page": False, "has_previous_page": True, "next_cursor": None},
        ]

    def test_a_page_that_is_just_full_is_the_last(self, world: World) -> None:
        self.fill(world, PAGE_SIZE)

        page = self.get(world)

        assert len(page["customers"]) == PAGE_SIZE
        assert page["pagination"]["has_next_page"] is False

    def test_a_filter_holds_over_the_pages(self, world: World) -> None:
        self.fill(world, PAGE_SIZE + 3)

        first = self.get(world, "?email=BO@example.com")
        second = self.get(
            world, f"?email=bo@example.com&after={first['pagination']['next_cursor']}"
        )

        assert [len(page["customers"]) for page in (first, second)] == [PAGE_SIZE, 1]

    def test_no_cursor_is_below_all_customers(self, world: World) -> None:
        page = self.get(world, "?after=-5")

        assert len(page["customers"]) == 2
        assert page["pagination"]["has_previous_page"] is False

    def test_a_key_of_one_customer_neither_adds_nor_reaches_others(
        self, world: World
    ) -> None:
        # As in every dialect: the rest is not there for such a key.
        with world.store.keys() as keys:
            keys.add(
                "easel",
                world.shop,
                scope="admin",
                token="hers",
                customer_id=world.stranger.id,
            )

        def status(method: str, path: str) -> int:
            client = world.app.test_client()
            headers = {"Authorization": "Bearer hers"}
            wire = {"first_name": "A", "last_name": "B"}
            url = f"/api/v1/customers{path}"
            answer = client.open(url, method=method, json=wire, headers=headers)
            return answer.status_code

        mine, theirs = world.stranger.public_id, world.customer.public_id
        assert [status("GET", f"/{mine}"), status("PUT", f"/{mine}")] == [200, 200]
        assert [status("GET", f"/{theirs}"), status("PUT", f"/{theirs}")] == [404, 404]
        assert status("POST", "") == 403
