"""A client of a store that speaks BigCommerce V3 (source: V3 reference; see `routes`).

Customers come by cursors, which hold while others come and go, or where there are none
by pages. What is created comes back without its place in the call, and without what
equals an address that was there; so it is recognized by what it says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from core import Changes, CustomerDraft, Draft, Kind, Ref, email_key
from dialects.base import Credential
from dialects.bigcommerce import customer_schemas, schemas
from dialects.bigcommerce.auth import authorization
from dialects.bigcommerce.remote_batches import ADDRESSES, TEXTS, Batches
from dialects.remote import (
    Manner,
    Outcome,
    Platform,
    RemoteAddress,
    RemoteCustomer,
    RemoteError,
    Wire,
    as_address,
    as_customer,
    differing,
    essential,
    instant,
    is_since,
    root_url,
)

PAGE = 250
""" "limit": 50 by default, and 250 at most."""

OWNERS = 50
"""The customers whose addresses are asked for in one call."""

REMOVED = 50
"""How many addresses are removed in one call."""

# "The default rate limit for this endpoint is 10 concurrent requests", "Limit of 3
# concurrent requests": for each path of a store.
SLOTS = {"POST": 10, "PUT": 3}

IN_USE = "already in use"
OF_CUSTOMERS = (*customer_schemas.CANONICAL, *customer_schemas.OWN)


class BigCommerceRemote(Batches):
    """A store, by an access token; the URL ends with `/stores/{store_hash}`."""

    reads_many = True

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        consumer: Credential | None = None,
        *,
        manner: Manner | None = None,
    ) -> None:
        headers = authorization(credential, consumer)
        url = root_url(base_url, "/v3")
        if url.split("/")[-3] != "stores":
            raise ValueError(f"{base_url!r} does not end with /stores/{{store_hash}}")
        platform = Platform(
            name=schemas.NAME,
            url=url,
            sign=lambda _method, _url: headers,
            words=words,
            slots=SLOTS,
            secrets=(credential.token,),
        )
        super().__init__(platform, manner or Manner())

    def count(self) -> int | None:
        found = self._read("/customers", [("limit", 1)], needed=True)
        total = found["meta"].get("pagination", {}).get("total")
        return None if total is None else int(total)

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """ "Returns customers modified after this date", so a second before counts."""
        sought = {"include": "formfields"}
        if since:
            before = since.astimezone(UTC) - timedelta(seconds=1)
            sought["date_modified:min"] = before.strftime("%Y-%m-%dT%H:%M:%SZ")
        for wire in self._listed("/customers", sought):
            found = customer_from(wire)
            if is_since(found.updated_at, since):
                yield found

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        sought = {"id:in": ref, "include": "formfields"}
        return next(map(customer_from, self._listed("/customers", sought)), None)

    def customers_of(self, refs: Sequence[Ref]) -> Iterator[RemoteCustomer]:
        remaining = iter(refs)
        while some := [*islice(remaining, OWNERS)]:
            sought = {"id:in": ",".join(map(str, some)), "include": "formfields"}
            yield from map(customer_from, self._listed("/customers", sought))

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """An e-mail is required of every customer."""
        if not customer.email:
            return
        sought = {"email:in": customer.email, "include": "formfields"}
        for found in map(customer_from, self._listed("/customers", sought)):
            if email_key(found.customer.email) == email_key(customer.email):
                yield found

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        known = self.customer(ref)
        if known is None:
            return Outcome(ref=ref, problem="invalid customer ID", status=404)
        wire = self._customer_wire(replace(known.customer, **changes))
        said = differing(wire, with_plain_fields(known.raw))
        if not said:
            return Outcome(ref=ref, status=200)
        return self._write("PUT", "/customers", ref, [{"id": ref, **said}])

    def remove_customer(self, ref: Ref) -> Outcome:
        return self._write("DELETE", "/customers", ref, query=[("id:in", ref)])

    def addresses(self, customer_ref: Ref) -> Iterator[RemoteAddress]:
        yield from self.addresses_of([customer_ref])

    def addresses_of(self, customer_refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        remaining = iter(customer_refs)
        while refs := [*islice(remaining, OWNERS)]:
            sought = {"customer_id:in": ",".join(map(str, refs))}
            yield from self._addresses(sought)

    def address(self, customer_ref: Ref, ref: Ref) -> RemoteAddress | None:
        found = next(self._addresses({"id:in": ref}), None)
        return found if found and found.customer_ref == customer_ref else None

    def update_address(self, customer_ref: Ref, ref: Ref, changes: Changes) -> Outcome:
        """What would become equal to another address is left as it is."""
        known = self.address(customer_ref, ref)
        if known is None:
            return Outcome(ref=ref, problem="invalid address ID", status=404)
        wire = self._address_wire(replace(known.draft, **changes))
        said = differing(wire, with_plain_fields(known.raw))
        if not said:
            return Outcome(ref=ref, status=200)
        return self._updated(ref, [{"id": ref, **said}])

    def remove_addresses(self, customer_ref: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        remaining = iter(refs)
        while some := [*islice(remaining, REMOVED)]:
            query = [("id:in", ",".join(map(str, some)))]
            removed = self._write("DELETE", ADDRESSES, some[0], query=query)
            outcomes += [replace(removed, ref=ref) for ref in some]
        return outcomes

    def _addresses(self, sought: Mapping[str, object]) -> Iterator[RemoteAddress]:
        yield from map(
            address_from, self._listed(ADDRESSES, {**sought, "include": "formfields"})
        )

    def _listed(self, path: str, sought: Mapping[str, object]) -> Iterator[Wire]:
        """The entries of every page, each once."""
        seen: set[int] = set()
        where: tuple[str, object] | None = None
        while True:
            query = [*sought.items(), ("limit", PAGE), *([where] if where else [])]
            found = self._read(path, query, needed=True)
            new = [entry for entry in found["data"] if entry["id"] not in seen]
            seen |= {entry["id"] for entry in new}
            yield from new
            where = following(found.get("meta") or {}, found["data"])
            if where is None:
                return
            if not new:
                told = f"its list does not go on at {where[0]}={where[1]}"
                raise RemoteError(schemas.NAME, f"GET {path}", told)

    def _customer_wire(self, draft: CustomerDraft) -> Wire:
        wire = customer_schemas.encode_customer(as_customer(draft))
        fields = schemas.form_fields(draft.extras)
        said = {name: wire[name] for name in OF_CUSTOMERS}
        return {**said, "form_fields": fields} if fields else said

    def _send_customer(self, wire: Wire) -> Outcome:
        """What is as in any new customer is not said."""
        item = {
            name: value
            for name, value in wire.items()
            if value != customer_schemas.OWN.get(name, ...)
        }
        reply = self._client.attempt("POST", "/customers", body=[item])
        if not reply.is_success:
            problem = self._problem(reply)
            return replace(problem, is_duplicate=IN_USE in problem.problem)
        if not reply.body["data"]:
            return Outcome(problem="nothing was created", status=reply.status)
        return Outcome(ref=reply.body["data"][0]["id"], status=reply.status)

    def _address_wire(self, draft: Draft) -> Wire:
        wire = schemas.encode(as_address(draft))
        fields = schemas.form_fields(draft.extras)
        said = {name: wire[name] for name in TEXTS}
        return {**said, "form_fields": fields} if fields else said

    def _essence(self, wire: Wire) -> tuple[str, ...]:
        """A state may be shown by another of its names."""
        names = [name for name in TEXTS if name != "state_or_province"]
        return tuple(essential(wire.get(name)) for name in names)


def following(meta: Wire, data: Sequence[Wire]) -> tuple[str, object] | None:
    """The parameter of the next part of a list: a cursor's, or a page's."""
    cursors = meta.get("cursor_pagination")
    if cursors and data:
        links = cursors.get("links") or {}
        return ("after", cursors["end_cursor"]) if links.get("next") else None
    pages = meta.get("pagination")
    if not pages or not data or pages["current_page"] >= pages["total_pages"]:
        return None
    return "page", pages["current_page"] + 1


def customer_from(wire: Wire) -> RemoteCustomer:
    """A customer as shown."""
    shown = with_plain_fields(wire)
    said = {name: shown[name] for name in OF_CUSTOMERS if shown.get(name) is not None}
    if shown.get("form_fields"):
        said["form_fields"] = shown["form_fields"]
    return RemoteCustomer(
        ref=wire["id"],
        customer=CustomerDraft(**customer_schemas.changes(said, None)),
        created_at=instant(wire.get("date_created")),
        updated_at=instant(wire.get("date_modified")),
        raw=wire,
    )


def address_from(wire: Wire) -> RemoteAddress:
    """An address as shown; no time is told of it."""
    shown = with_plain_fields(wire)
    said = {
        name: shown[name]
        for name in (*TEXTS, "form_fields", "customer_id")
        if shown.get(name) not in (None, [])
    }
    if said.get("address_type") not in [*Kind]:
        said.pop("address_type", None)
    return RemoteAddress(
        ref=wire["id"],
        customer_ref=wire["customer_id"],
        draft=Draft(**schemas.changes(said, said.keys(), None)),
        raw=wire,
    )


def with_plain_fields(shown: Wire) -> Wire:
    """What is shown, with form fields as they are sent: by name and value."""
    fields = [
        {"name": field["name"], "value": field["value"]}
        for field in shown.get("form_fields") or ()
    ]
    return {**shown, "form_fields": fields}


def words(body: Any) -> str:
    """The title, and the errors with the fields that they are about."""
    if not isinstance(body, Mapping):
        return ""
    errors = body.get("errors") or {}
    told = [f"{name}: {text}" for name, text in errors.items()]
    return " ".join([str(body.get("title", "")), *filter(None, ["; ".join(told)])])
