"""The requests: what a client of each dialect sends, operation by operation."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from typing import Any, ClassVar

from oauthlib.oauth1 import Client as Signer

from benchmarks.data import Data
from benchmarks.load import HOST
from core import Address, Customer
from dialects.base import Credential, Dialect, Wire, authorization
from gateway.testing.world import credentials

READ_ONLY = frozenset({"id", "entity_id", "created_at", "updated_at"})
SOME = 2000
"""How many requests are made of a kind that can be sent again."""

TEN = 10
Owned = tuple[Customer, Address]
unused = count()
"""Numbers that no request has had."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """Makes so many requests; some succeed, or mean the same, only once."""

    make: Callable[[Any, int], list[bytes]]
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Client(ABC):
    """A client of one dialect, whose key may do everything."""

    dialect: Dialect
    data: Data
    operations: ClassVar[Mapping[str, Operation]]
    scope: ClassVar[str]

    @abstractmethod
    def path(self, owner: Customer, address: Address | None = None) -> str:
        """The path of a customer's addresses, or of one of them."""

    def request(
        self, method: str, path: str, wire: Any = None, accept: str = "application/json"
    ) -> bytes:
        """The bytes of a request below the dialect's root."""
        root = self.dialect.root.replace("<store_hash>", self.data.shop.hash)
        return encode(method, root + path, self.headers(method, path), wire, accept)

    def headers(self, _method: str, _path: str) -> Mapping[str, str]:
        """Those of a client with its key."""
        keys = keys_of(self.dialect, self.scope)
        return authorization(self.dialect, keys[-1], keys)

    def known(self, count: int) -> Sequence[Owned]:
        """Addresses from all over the database."""
        step = max(len(self.data.addresses) // count, 1)
        return list(islice(cycle(self.data.addresses[::step]), count))

    def writers(self, count: int) -> list[Customer]:
        """Customers who get new addresses."""
        return list(islice(cycle(self.data.writers), count))

    def sent(self, address: Address) -> dict[str, Any]:
        """The body with which a client writes what it was shown, under a new name."""
        wire = sendable(self.dialect.encode(address))
        name = next(name for name in ("first_name", "firstname") if name in wire)
        return {**wire, name: f"Ada {next(unused)}"}


class NestedClient(Client):
    """A client of an API with one address a call, below its customer."""

    names: ClassVar[str] = "id"
    update_method: ClassVar[str] = "PUT"

    def path(self, owner: Customer, address: Address | None = None) -> str:
        path = f"/customers/{getattr(owner, self.names)}/addresses"
        return path if address is None else f"{path}/{getattr(address, self.names)}"

    def get(self, count: int) -> list[bytes]:
        return [self.request("GET", self.path(*owned)) for owned in self.known(count)]

    def find(self, count: int) -> list[bytes]:
        return [self.request("GET", self.path(owner)) for owner, _ in self.known(count)]

    def create(self, count: int) -> list[bytes]:
        return [
            self.request("POST", self.path(owner), self.sent(address))
            for owner, (_, address) in zip(
                self.writers(count), self.known(count), strict=True
            )
        ]

    def update(self, count: int) -> list[bytes]:
        return [
            self.request(
                self.update_method, self.path(owner, address), self.sent(address)
            )
            for owner, address in self.known(count)
        ]

    def delete(self, count: int) -> list[bytes]:
        return [
            self.request("DELETE", self.path(*owned)) for owned in self.data.add(count)
        ]

    operations = {  # noqa: RUF012
        "get": Operation(make=get),
        "list": Operation(make=find),
        "create": Operation(make=create),
        "update": Operation(make=update),
        "delete": Operation(make=delete, once=True),
    }


class StaffClient(NestedClient):
    scope = "staff"
    update_method = "PATCH"


class EaselClient(NestedClient):
    scope = "write"
    names = "public_id"


class OpenMageClient(NestedClient):
    """Signs each request by HMAC-SHA1, so each can be sent once."""

    scope = "admin"

    def path(self, owner: Customer, address: Address | None = None) -> str:
        if address is None:
            return f"/customers/{owner.id}/addresses"
        return f"/customers/addresses/{address.id}"

    def headers(self, method: str, path: str) -> Mapping[str, str]:
        consumer, token = keys_of(self.dialect, self.scope)
        signer = Signer(
            consumer.token, consumer.secret, token.token, token.secret, encoding="utf-8"
        )
        url = f"http://{HOST}{self.dialect.root}{path}"
        _, headers, _ = signer.sign(url, http_method=method)
        return dict(headers)

    def get_xml(self, count: int) -> list[bytes]:
        return [
            self.request("GET", self.path(*owned), accept="application/xml")
            for owned in self.known(count)
        ]

    operations = {  # noqa: RUF012
        "get": Operation(make=NestedClient.get, once=True),
        "get-xml": Operation(make=get_xml, once=True),
        "list": Operation(make=NestedClient.find, once=True),
        "create": Operation(make=NestedClient.create, once=True),
        "update": Operation(make=NestedClient.update, once=True),
        "delete": Operation(make=NestedClient.delete, once=True),
    }


class BigCommerceClient(Client):
    """Sends arrays; no address that it creates equals another."""

    scope = "modify"

    def path(self, owner: Customer, address: Address | None = None) -> str:
        del owner, address
        return "/customers/addresses"

    def page(self, count: int, size: int) -> list[bytes]:
        """Pages of all addresses, near and deep, each with the total."""
        path = self.path(self.data.addresses[0][0])
        pages = max(len(self.data.addresses) // size, 1)
        numbers = islice(cycle(range(1, pages + 1)), count)
        return [self.request("GET", f"{path}?limit={size}&page={n}") for n in numbers]

    def page_of_50(self, count: int) -> list[bytes]:
        return self.page(count, 50)

    def page_of_250(self, count: int) -> list[bytes]:
        return self.page(count, 250)

    def create(self, count: int, items: int = 1) -> list[bytes]:
        owners = self.writers(count * items)
        known = self.known(count * items)
        wires = [
            {**self.sent(address), "customer_id": owner.id}
            for owner, (_, address) in zip(owners, known, strict=True)
        ]
        path = "/customers/addresses"
        return [
            self.request("POST", path, wires[n : n + items])
            for n in range(0, len(wires), items)
        ]

    def create_ten(self, count: int) -> list[bytes]:
        return self.create(count, TEN)

    def update_ten(self, count: int) -> list[bytes]:
        wires = [
            {"id": address.id, **self.sent(address)}
            for _, address in self.known(count * TEN)
        ]
        return [
            self.request("PUT", "/customers/addresses", wires[n : n + TEN])
            for n in range(0, len(wires), TEN)
        ]

    operations = {  # noqa: RUF012
        "create": Operation(make=create, once=True),
        "create-10": Operation(make=create_ten, once=True),
        "update-10": Operation(make=update_ten, once=True),
        "page-50": Operation(make=page_of_50),
        "page-250": Operation(make=page_of_250),
    }


CLIENTS: Mapping[str, type[Client]] = {
    "bigcommerce": BigCommerceClient,
    "easel": EaselClient,
    "openmage": OpenMageClient,
    "staff": StaffClient,
}
"""The dialects that can be measured."""

OPERATIONS = tuple(dict.fromkeys(n for c in CLIENTS.values() for n in c.operations))
"""What is measured: one address, those of a customer, pages, and the ways to write."""


def keys_of(dialect: Dialect, scope: str) -> list[Credential]:
    """The key with the scope, and before it that of its application."""
    found = credentials(dialect)
    wanted = dict.fromkeys(s for s in (dialect.consumer_scope, scope) if s)
    return [found[scope] for scope in wanted]


def sendable(shown: Wire) -> dict[str, Any]:
    """What was shown, without what only the server says; a place by its number."""
    return {
        name.removesuffix("_data"): value["id"] if name.endswith("_data") else value
        for name, value in shown.items()
        if name not in READ_ONLY
    }


def encode(
    method: str,
    path: str,
    headers: Mapping[str, str],
    wire: Any = None,
    accept: str = "application/json",
) -> bytes:
    """A request as it goes over the wire."""
    body = b"" if wire is None else json.dumps(wire).encode()
    lines = {"Host": HOST, "Accept": accept, **headers}
    if wire is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body
