"""Shops in parallel threads do not see one another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from flask import Flask

from gateway.control import Control, Sandbox
from tests.gateway.control.calls import SEED, call

SHOPS, ROUNDS = 8, 12
START = datetime(2020, 1, 1, tzinfo=UTC)


def story(app: Flask, control: Control, number: int) -> list[object]:
    """What one test of many sees; all but the dates is the same for each."""
    client, shop = app.test_client(), control.new_shop(seed=SEED)
    shop.clock.freeze(START + timedelta(days=number))
    seen: list[object] = []
    for turn in range(ROUNDS):
        if turn % 4 == 3:
            shop.faults.inject("easel.list_error")
        seen.append(call(client, shop, "easel.create").get_json()["id"])
        seen.append(call(client, shop, "easel.list").status_code)
        seen.append(call(client, shop, "bigcommerce.create").status_code)
        seen.append(call(client, shop, "openmage.list").status_code)
        if turn == 5:
            shop.reset()
            shop.clock.freeze(START + timedelta(days=number))
    listed = call(client, shop, "easel.list").get_json()["addresses"]
    seen += sorted({one["created_at"][:10] for one in listed[1:]})
    seen.append(len(shop.journal))
    seen.append(told(shop))
    shop.delete()
    return seen


def told(shop: Sandbox) -> list[str]:
    return [f"{entry.operation} {entry.status} {entry.fault}" for entry in shop.journal]


def test_parallel_shops_do_not_see_one_another(app: Flask, control: Control) -> None:
    with ThreadPoolExecutor(SHOPS) as pool:
        stories = [*pool.map(lambda number: story(app, control, number), range(SHOPS))]

    days = [[str((START + timedelta(days=n)).date())] for n in range(SHOPS)]
    assert [seen[-3:-2] for seen in stories] == days
    assert all(seen[:-3] == stories[0][:-3] for seen in stories)
    assert all(seen[-2:] == stories[0][-2:] for seen in stories)
    assert len(control.strays) == 0
