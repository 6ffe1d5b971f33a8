"""How much a client may do at once, over the workers of a real server.

Sources: "Create a Customer Address" (10 concurrent requests) and "Update a Customer
Address" (3), "API rate limits" (headers, quota), "Customers": what exceeds the
concurrency "will fail with 429"; the general page on headers (X-Retry-After, seconds).
"""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.dialects.bigcommerce.sending import Served, item, served, wait_for

TOO_MANY = {
    "status": 429,
    "title": "Too many requests",
    "type": "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",
    "errors": {},
}
HEADERS = {
    "X-Rate-Limit-Time-Window-Ms",
    "X-Rate-Limit-Time-Reset-Ms",
    "X-Rate-Limit-Requests-Quota",
    "X-Rate-Limit-Requests-Left",
}
UNKNOWN = [{"id": 999}]
SALLY = {"first_name": "Sally", "last_name": "Smithers"}
Answers = list["Future[requests.Response]"]


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), workers=2) as server:
        yield server


def first(answers: Answers) -> requests.Response:
    """The first answer, while the others are waited for."""
    [done], _ = wait(answers, timeout=20, return_when=FIRST_COMPLETED)
    return done.result()


def names(answer: requests.Response) -> set[str]:
    """The headers of an answer that are about limits."""
    return {name.title() for name in answer.headers if name.lower()[:3] == "x-r"}


def codes(answers: Answers) -> list[int]:
    return sorted(answer.result().status_code for answer in answers)


@pytest.mark.parametrize(("method", "slots"), [("POST", 10), ("PUT", 3)])
def test_one_request_too_many_is_refused_at_once(
    server: Served, threads: ThreadPoolExecutor, method: str, slots: int
) -> None:
    server.send("POST", [item(first_name=method)])
    bodies: list[Any] = [
        [item(first_name=f"{method} {n}", id=n)] for n in range(1, slots + 2)
    ]

    with server.held():
        answers = [threads.submit(server.send, method, body) for body in bodies]
        refused = first(answers)
        still_waiting = sum(not answer.done() for answer in answers)

    assert (refused.status_code, refused.json()) == (429, TOO_MANY)
    assert refused.headers["Content-Type"] == "application/json"
    assert names(refused) == {*HEADERS, "X-Retry-After"}
    assert refused.headers["X-Retry-After"] == "1"
    assert still_waiting == slots
    assert codes(answers).count(429) == 1


def test_customers_and_addresses_have_slots_of_their_own(
    server: Served, threads: ThreadPoolExecutor
) -> None:
    """ "Limit of 3 concurrent requests" stands at both; "API calls are metered on a
    per-store, per-endpoint basis"."""
    with server.held():
        answers = [threads.submit(server.send, "PUT", UNKNOWN) for _ in range(3)]
        answers += [
            threads.submit(server.send, "PUT", UNKNOWN, server.customers)
            for _ in range(4)
        ]
        refused = first(answers)
        still_waiting = sum(not answer.done() for answer in answers)

    assert (refused.status_code, refused.url) == (429, server.customers)
    assert still_waiting == 6
    assert codes(answers) == [422] * 6 + [429]


def test_ten_calls_may_create_customers_at_once(
    server: Served, threads: ThreadPoolExecutor
) -> None:
    """A member of BigCommerce's staff on a pull request to the reference: ten, and
    "additional concurrent requests will fail with 429"."""
    bodies = [[{**SALLY, "email": f"{n}@x"}] for n in range(11)]

    with server.held():
        answers = [
            threads.submit(server.send, "POST", body, server.customers)
            for body in bodies
        ]
        refused = first(answers)

    assert refused.status_code == 429
    assert codes(answers) == [200] * 10 + [429]


def test_other_methods_do_not_wait_for_slots(
    server: Served, threads: ThreadPoolExecutor
) -> None:
    with server.held():
        answers = [threads.submit(server.send, "PUT", UNKNOWN) for _ in range(4)]
        refused = first(answers)
        read = server.send("GET")

    assert (refused.status_code, read.status_code) == (429, 200)
    assert codes(answers) == [422, 422, 422, 429]


def test_workers_that_are_killed_leave_their_slots(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    with served(tmp_path, workers=2, quirks={"post_slots": 1}) as server:
        with server.held():
            answers = [
                threads.submit(server.send, "POST", [item(first_name=str(n))])
                for n in range(2)
            ]
            refused = first(answers)
            server.kill_workers()
            wait(answers)
        wait_for(server)
        after = server.send("POST", [item()])

    failed = [answer for answer in answers if answer.exception()]
    assert (refused.status_code, len(failed)) == (429, 1)
    assert after.status_code == 200


def test_a_store_has_its_quota_over_all_workers(tmp_path: Path) -> None:
    with served(tmp_path, workers=2, quirks={"quota": 100_000}) as server:
        answers = [server.send("GET") for _ in range(6)]

    # A new window may begin in between.
    left = [int(a.headers["X-Rate-Limit-Requests-Left"]) for a in answers]
    assert sum(a - b == 1 for a, b in pairwise(left)) >= 4
    assert [names(answer) for answer in answers] == [HEADERS] * 6
    assert answers[0].headers["X-Rate-Limit-Requests-Quota"] == "100000"
