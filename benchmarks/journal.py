"""Shows that memory stays flat while a shop's journal is written.

    python -m benchmarks.journal --requests 1000000

Requests are made in this process, of bodies of many sizes. With --check it exits with 1
if the last nine tenths of them took more than 8 MB.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from core import Store, schema
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.control import Control

SEED = {"customers": [{"first_name": "Ada", "last_name": "L", "email": "a@b.example"}]}
PATH = "/api/v1/customers"
MOST_GROWTH = 8.0
STEPS = 10


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.journal", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--check", action="store_true", help="exit with 1 if it grows")
    return parser


def memory() -> float:
    """The resident memory of this process, in MB."""
    text = Path("/proc/self/status").read_text("utf-8")
    [line] = [one for one in text.splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def environ_of(number: int, headers: dict[str, str]) -> dict[str, Any]:
    """A request for the list of customers, each with another query."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": PATH,
        "QUERY_STRING": f"search={'x' * (number % 2000)}",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": sys.stdin.buffer,
        "wsgi.errors": sys.stderr,
        **{f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers.items()},
    }


def main() -> None:
    options = parser().parse_args()
    store = Store(secret_key="benchmark")
    schema.create(store.database)
    dialects = registry.load()
    app = create_app(Config(), store=store, dialects=dialects)
    shop = Control(store, dialects, app).new_shop(seed=SEED)
    headers = dict(shop.headers("easel"))
    each = options.requests // STEPS
    begun, grown_from = time.perf_counter(), 0.0
    for step in range(STEPS):
        for number in range(each):
            answer = app(environ_of(number, headers), lambda *_: lambda _: None)
            getattr(answer, "close", bool)()
        if not step:
            grown_from = memory()
        per_request = (time.perf_counter() - begun) / ((step + 1) * each) * 1e6
        print(
            f"{(step + 1) * each:>9} requests  {memory():6.1f} MB"
            f"  {len(shop.journal):>5} entries  {per_request:6.0f} us each",
            flush=True,
        )
    growth = memory() - grown_from
    print(f"grown by {growth:.1f} MB since the first {each}")
    if options.check and growth > MOST_GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
