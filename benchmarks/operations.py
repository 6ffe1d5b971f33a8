"""The requests: what a client of each dialect sends, operation by operation."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any, Literal

from benchmarks.data import Data
from benchmarks.load import HOST
from core import Address, Customer
from dialects.base import Dialect, Wire

READ_ONLY = frozenset({"id", "created_at", "updated_at"})
SOME = 2000
"""How many requests are made of a kind that can be sent again."""

Owned = tuple[Customer, Address]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spelling:
    """How a client of a dialect names a customer and an address, and changes one.

    `scope` is that of a key that may do everything.
    """

    scope: str
    names: Literal["id", "public_id"]
    update: str


SPELLINGS = {
    "easel": Spelling(scope="write", names="public_id", update="PUT"),
    "staff": Spelling(scope="staff", names="id", update="PATCH"),
}
"""The dialects that can be measured: those whose paths are /customers/…/addresses/…"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """A client of one dialect, with its key."""

    dialect: Dialect
    spelling: Spelling
    data: Data

    def get(self, count: int) -> list[bytes]:
        return [self.request("GET", *owned) for owned in self.known(count)]

    def find(self, count: int) -> list[bytes]:
        return [self.request("GET", owner) for owner, _ in self.known(count)]

    def create(self, count: int) -> list[bytes]:
        owners = islice(cycle(self.data.writers), count)
        wires = [self.sent(address) for _, address in self.known(count)]
        return [
            self.request("POST", owner, wire=wire)
            for owner, wire in zip(owners, wires, strict=True)
        ]

    def update(self, count: int) -> list[bytes]:
        return [
            self.request(
                self.spelling.update,
                owner,
                address,
                wire={**self.sent(address), "first_name": f"Ada {n}"},
            )
            for n, (owner, address) in enumerate(self.known(count))
        ]

    def delete(self, count: int) -> list[bytes]:
        return [self.request("DELETE", *owned) for owned in self.data.add(count)]

    def known(self, count: int) -> Sequence[Owned]:
        """Addresses from all over the database."""
        step = max(len(self.data.addresses) // count, 1)
        return list(islice(cycle(self.data.addresses[::step]), count))

    def sent(self, address: Address) -> dict[str, Any]:
        """The body with which a client writes what it was shown."""
        return sendable(self.dialect.encode(address))

    def request(
        self,
        method: str,
        owner: Customer,
        address: Address | None = None,
        *,
        wire: Wire | None = None,
    ) -> bytes:
        """The bytes of a request to the customer's addresses, or to one of them."""
        customer = getattr(owner, self.spelling.names)
        path = f"{self.dialect.root}/customers/{customer}/addresses"
        if address is not None:
            path += f"/{getattr(address, self.spelling.names)}"
        token = self.data.tokens[self.dialect.name]
        return encode(method, path, self.dialect.authorization(token), wire)


OPERATIONS: Mapping[str, Callable[[Client, int], list[bytes]]] = {
    "get": Client.get,
    "list": Client.find,
    "create": Client.create,
    "update": Client.update,
    "delete": Client.delete,
}
"""What is measured: one address, those of a customer, and the ways to write."""

ONCE = frozenset({"delete"})
"""The operations whose requests succeed only once."""


def sendable(shown: Wire) -> dict[str, Any]:
    """What was shown, without what only the server says; a place by its number."""
    return {
        name.removesuffix("_data"): value["id"] if name.endswith("_data") else value
        for name, value in shown.items()
        if name not in READ_ONLY
    }


def encode(
    method: str, path: str, headers: Mapping[str, str], wire: Wire | None = None
) -> bytes:
    """A request as it goes over the wire."""
    body = b"" if wire is None else json.dumps(wire).encode()
    lines = {"Host": HOST, "Accept": "application/json", **headers}
    if wire is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
