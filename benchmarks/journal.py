"""Shows that memory stays flat while a shop's journal is written.

    python -m benchmarks.journal --check

The first requests go through the whole app, in this process; the others are written
into the same journal as the recorder does, which is much quicker. Each has
another query, and bodies of many sizes. With --check it exits with 1 if the last nine
tenths of either took more than 8 MB.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import Store, schema
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.control import Control, Sandbox
from gateway.control.recorder import kept_body

SEED = {"customers": [{"first_name": "Ada", "last_name": "L", "email": "a@b.example"}]}
PATH = "/api/v1/customers"
MOST_GROWTH = 8.0
STEPS = 10
LONGEST = 2_000


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.journal", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument(
        "--through-app", type=int, default=20_000, help="so many of them (20000)"
    )
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


def through_app(control: Control, shop: Sandbox) -> Callable[[int], None]:
    """Makes a request as a server does."""
    headers = dict(shop.headers("easel"))

    def make(number: int) -> None:
        environ = environ_of(number, headers)
        answer = control.app(environ, lambda *_: lambda _: None)
        getattr(answer, "close", bool)()

    return make


def into_journal(shop: Sandbox) -> Callable[[int], None]:
    """Writes an entry as the recorder does, secrets redacted."""
    redactor = shop.redactor
    sent = [*shop.headers("easel").items(), ("Content-Type", "application/json")]

    def make(number: int) -> None:
        # A number for each, so that no two texts are one.
        length = LONGEST * 20 if number % 100 == 0 else number * 37 % LONGEST
        body = b'{"n": %d, "note": "%s"}' % (number, b"x" * length)
        shop.journal.add(
            at="",
            dialect="easel",
            operation="easel.customers.create",
            method="POST",
            path=redactor.path(f"{PATH}?search={number}"),
            request_headers=redactor.headers(sent),
            request_body=kept_body(redactor, "application/json", body),
            status=201 if number % 7 else 400,
            response_headers=redactor.headers(sent[-1:]),
            response_body=kept_body(redactor, "application/json", body),
            milliseconds=1.0,
            unread={"field": [f"field {number}"]},
            notes={"cause": f"cause {number}"},
        )

    return make


def growth(title: str, requests: int, make: Callable[[int], None], shop: Any) -> float:
    """How much memory the last nine tenths of the requests took, in MB."""
    each = requests // STEPS
    begun, grown_from = time.perf_counter(), 0.0
    for step in range(STEPS):
        for number in range(step * each, (step + 1) * each):
            make(number)
        if not step:
            grown_from = memory()
        done = (step + 1) * each
        per_request = (time.perf_counter() - begun) / max(done, 1) * 1e6
        print(
            f"{title} {done:>9} requests  {memory():6.1f} MB"
            f"  {len(shop.journal):>5} entries  {per_request:6.0f} us each",
            flush=True,
        )
    found = memory() - grown_from
    print(f"{title} grown by {found:.1f} MB since the first {each}")
    return found


def main() -> None:
    options = parser().parse_args()
    store = Store(secret_key="benchmark")
    schema.create(store.database)
    dialects = registry.load()
    app = create_app(Config(), store=store, dialects=dialects)
    control = Control(store, dialects, app)
    shop = control.new_shop(seed=SEED)
    rest = max(0, options.requests - options.through_app)
    grown = [
        growth("app    ", options.through_app, through_app(control, shop), shop),
        growth("journal", rest, into_journal(shop), shop),
    ]
    total = shop.journal.total
    print(f"{total} requests, of which the journal kept {len(shop.journal)}")
    if options.check and max(grown) > MOST_GROWTH:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
