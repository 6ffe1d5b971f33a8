"""What the tests of races do in processes of their own.

    workers.py URL

A process has an app of its own on the database, and says when it is ready. For each
line `[shop, [[method, path, body], ...]]` it sends all calls at once, to paths below
the shop's `/v3/customers`, and prints what was answered.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from flask import Flask

from dialects.bigcommerce import DIALECT
from gateway.app import create_app
from gateway.config import Config

MANY = {"bigcommerce": {"post_slots": 100, "put_slots": 100}}


def send(app: Flask, shop: str, call: tuple[str, str, Any]) -> list[Any]:
    """The status, and the ids in the answer."""
    method, below, body = call
    path = f"/stores/{shop}/v3/customers{below}"
    headers = {"X-Auth-Token": shop}
    answer = app.test_client().open(path, method=method, json=body, headers=headers)
    data = (answer.get_json() or {}).get("data", [])
    return [answer.status_code, [one["id"] for one in data]]


def main(url: str) -> None:
    """Send what is asked for, until nothing more is."""
    config = Config(database_url=url, durable=False, quirks=MANY)
    app = create_app(config, dialects=[DIALECT])
    print("ready", flush=True)
    with ThreadPoolExecutor(8) as threads:
        for line in sys.stdin:
            shop, calls = json.loads(line)
            answers = list(threads.map(partial(send, app, shop), calls))
            print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
