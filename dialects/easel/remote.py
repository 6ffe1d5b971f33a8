"""A client of a platform that speaks Easel's API (source: its pages; see `routes`).

Customers come by cursors, in either envelope that the pages show, and the addresses of
a customer all at once. What a country's number means is each store's own affair: the
pages tell those of the United States and Canada, `places` has the others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from core import Changes, Country, CustomerDraft, Draft, PlaceRow, PublicId, Ref
from core import email_key as key_of
from dialects.base import Credential
from dialects.easel.auth import authorization
from dialects.easel.customer_schemas import encode_customer
from dialects.easel.forms import ADDRESS
from dialects.easel.schemas import FIELDS, NAME, encode, placed, streets
from dialects.remote import (
    Manner,
    Outcome,
    Platform,
    Remote,
    RemoteAddress,
    RemoteCustomer,
    RemoteError,
    Unfit,
    Wire,
    as_address,
    as_customer,
    essential,
    instant,
    is_since,
    root_url,
)

DOCUMENTED = (
    PlaceRow(kind="country", number=1, name="United States", code="US"),
    PlaceRow(kind="country", number=2, name="Canada", code="CA"),
)
""" "1 United States, 2 Canada", and the rest in "your country lookup table"."""

TEXTS = ("first_name", "last_name", "email", "phone")


class EaselRemote(Remote):
    """A store of Easel's, by one of its keys."""

    dates_addresses = True

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        consumer: Credential | None = None,
        *,
        manner: Manner | None = None,
        places: Sequence[PlaceRow] = DOCUMENTED,
    ) -> None:
        headers = authorization(credential, consumer)
        platform = Platform(
            name=NAME,
            url=root_url(base_url, "/api/v1"),
            sign=lambda _method, _url: headers,
            words=words,
            secrets=(credential.token,),
        )
        super().__init__(platform, manner or Manner())
        self.take_places(places)

    def take_places(self, rows: Sequence[PlaceRow]) -> None:
        """Know these countries, and no others."""
        countries = [row for row in rows if row.kind == "country"]
        self._codes = {row.number: row.code.upper() for row in countries}
        self._numbers = {code: number for number, code in self._codes.items()}

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer; the list itself cannot be narrowed to those since then."""
        for found in self._listed({}):
            if is_since(found.updated_at, since):
                yield found

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        wire = self._read(one(ref))
        return None if wire is None else customer_from(wire)

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """They are narrowed here as well, where the platform knows no filter."""
        name = f"{customer.first_name} {customer.last_name}".strip()
        sought = {"email": customer.email} if customer.email else {"search": name}
        for found in self._listed(sought):
            if is_match(found.customer, customer):
                yield found

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        """ "PUT" replaces all, so what is there is read before."""
        known = self.customer(ref)
        if known is None:
            return Outcome(ref=ref, problem="Customer not found", status=404)
        wire = self._customer_wire(replace(known.customer, **changes))
        return self._write("PUT", one(ref), ref, wire)

    def addresses(self, customer_ref: Ref) -> Iterator[RemoteAddress]:
        wire = self._read(f"{one(customer_ref)}/addresses")
        for item in rows(wire, "addresses") if wire is not None else ():
            yield self._address_from(item, customer_ref)

    def address(self, customer_ref: Ref, ref: Ref) -> RemoteAddress | None:
        wire = self._read(item(customer_ref, ref))
        return None if wire is None else self._address_from(wire, customer_ref)

    def update_address(self, customer_ref: Ref, ref: Ref, changes: Changes) -> Outcome:
        """ "PUT" replaces all, so what is there is read before."""
        known = self.address(customer_ref, ref)
        if known is None:
            return Outcome(ref=ref, problem="Address not found", status=404)
        try:
            wire = self._address_wire(replace(known.draft, **changes))
        except Unfit as unfit:
            return Outcome(ref=ref, problem=str(unfit))
        return self._write("PUT", item(customer_ref, ref), ref, wire)

    def remove_addresses(self, customer_ref: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        return [self._write("DELETE", item(customer_ref, ref), ref) for ref in refs]

    def _listed(self, sought: Mapping[str, str]) -> Iterator[RemoteCustomer]:
        """The customers of every page, each once."""
        seen: set[str] = set()
        after: Any = None
        while True:
            query = [*sought.items()] + ([] if after is None else [("after", after)])
            wire = self._read("/customers", query, needed=True)
            page = rows(wire, "customers")
            new = [row for row in page if row["id"] not in seen]
            yield from map(customer_from, new)
            seen |= {row["id"] for row in new}
            after = next_cursor(wire, page)
            if after is None:
                return
            if not new:
                words = f"the list of customers does not go on after {after}"
                raise RemoteError(NAME, "GET /customers", words)

    def _customer_wire(self, draft: CustomerDraft) -> Wire:
        wire = encode_customer(as_customer(draft))
        return {name: wire[name] for name in TEXTS}

    def _send_customer(self, wire: Wire) -> Outcome:
        return self._send("/customers", wire)

    def _address_wire(self, draft: Draft) -> Wire:
        wire = encode(as_address(replace(draft, country=self._country(draft))))
        return {name: wire[name] for name in ADDRESS.fields}

    def _country(self, draft: Draft) -> Country | None:
        """The country by the platform's number. Raises Unfit where that is unknown."""
        country = draft.country
        if country is None or not country.code:
            return country
        number = self._numbers.get(country.code.upper())
        if number is None:
            raise Unfit(f"the platform's country_id of {country.code} is not known")
        return Country(id=number, code=country.code)

    def _send_address(self, customer_ref: Ref, wire: Wire) -> Outcome:
        return self._send(f"{one(customer_ref)}/addresses", wire)

    def _send(self, path: str, wire: Wire) -> Outcome:
        reply = self._client.attempt("POST", path, body=wire)
        if not reply.is_success:
            return self._problem(reply)
        return Outcome(ref=PublicId(reply.body["id"]), status=reply.status)

    def _essence(self, wire: Wire) -> tuple[str, ...]:
        return tuple(essential(wire.get(name)) for name in ADDRESS.fields)

    def _address_from(self, wire: Wire, customer_ref: Ref) -> RemoteAddress:
        return RemoteAddress(
            ref=PublicId(wire["id"]),
            customer_ref=customer_ref,
            draft=self._draft_from(wire),
            created_at=instant(wire.get("created_at")),
            updated_at=instant(wire.get("updated_at")),
            raw=wire,
        )

    def _draft_from(self, wire: Wire) -> Draft:
        """What is shown, required or not; a country of no table by its number alone."""
        said = {
            name: wire.get(name) or empty for name, empty in ADDRESS.empties.items()
        }
        names = set(said)
        texts = {FIELDS[name]: said[name] for name in FIELDS}
        made = {**texts, **streets(said, names), **placed(said, names, None)}
        number = said["country_id"]
        code = self._codes.get(number)
        made["country"] = Country(id=number, code=code) if code else None
        if code is None:
            made["extras"] = {NAME: {**made["extras"][NAME], "country_id": number}}
        return Draft(**made)


def one(ref: Ref) -> str:
    """The path of a customer."""
    return f"/customers/{quote(str(ref), safe='')}"


def item(customer_ref: Ref, ref: Ref) -> str:
    """The path of an address."""
    return f"{one(customer_ref)}/addresses/{quote(str(ref), safe='')}"


def customer_from(wire: Wire) -> RemoteCustomer:
    """A customer as shown."""
    said: dict[str, Any] = {name: wire.get(name) or "" for name in TEXTS}
    return RemoteCustomer(
        ref=PublicId(wire["id"]),
        customer=CustomerDraft(**said),
        created_at=instant(wire.get("created_at")),
        updated_at=instant(wire.get("updated_at")),
        raw=wire,
    )


def is_match(found: CustomerDraft, sought: CustomerDraft) -> bool:
    """Whether they have the same e-mail, or, without one, the same name."""
    if sought.email:
        return key_of(found.email) == key_of(sought.email)
    names = found.first_name, found.last_name
    return names == (sought.first_name, sought.last_name) and not found.email


def rows(wire: Wire, name: str) -> Sequence[Wire]:
    """The entries of a list: `{"customers": [...]}`, or `{"data": [...]}`."""
    found: Sequence[Wire] = wire.get(name, wire.get("data")) or ()
    return found


def next_cursor(wire: Wire, page: Sequence[Wire]) -> Any:
    """Where the next page begins: `next_cursor`, or the last id where `has_more`."""
    pagination = wire.get("pagination") or {}
    if pagination.get("has_next_page"):
        return pagination["next_cursor"]
    return page[-1]["id"] if wire.get("has_more") and page else None


def words(body: Any) -> str:
    """`{"error": "First name is required", "code": "MISSING_FIELD"}`."""
    return str(body["error"])
