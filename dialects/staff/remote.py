"""A client of a platform that speaks Staff's API (source: its pages; see `routes`).

Lists come by pages, whose links tell whether there is another. Of a link the query is
followed and not the host, to which the token would go.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from core import (
    Changes,
    CustomerDraft,
    Draft,
    PlaceRow,
    Ref,
)
from dialects.base import Credential
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
    differing,
    essential,
    root_url,
)
from dialects.staff import customer_schemas, schemas
from dialects.staff.auth import authorization
from dialects.staff.remote_places import RemotePlaces
from dialects.staff.remote_reading import (
    address_from,
    customer_from,
    is_match,
    sent_again,
    words,
)

PAGE = 100
PLACES_PAGE = 500
"""How many are asked for; the platform may give fewer."""

OF_CUSTOMERS = [
    name
    for name in customer_schemas.CANONICAL
    if name not in customer_schemas.OF_UPDATES
]


class StaffRemote(Remote):
    """A platform, by the token of one of its staff."""

    dates_addresses = True

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        consumer: Credential | None = None,
        *,
        manner: Manner | None = None,
    ) -> None:
        headers = authorization(credential, consumer)
        platform = Platform(
            name=schemas.NAME,
            url=root_url(base_url, "/api"),
            sign=lambda _method, _url: headers,
            words=words,
            secrets=(credential.token,),
        )
        super().__init__(platform, manner or Manner())
        self._places = RemotePlaces(
            lambda kind, sought: self._listed(
                f"/locations/{kind}", {**sought, "ordering": "id"}, PLACES_PAGE
            )
        )

    def count(self) -> int | None:
        found = self._read("/customers", [("limit", 1)], needed=True)
        return int(found["count"])

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer, or those whom the platform says to have changed since the
        day of an instant: it shows no time of a customer's change."""
        sought = {"updated_from": day_before(since)} if since else {}
        found = self._listed("/customers", {**sought, "ordering": "id"}, PAGE)
        yield from map(customer_from, found)

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        wire = self._read(one(ref))
        return None if wire is None else customer_from(wire)

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """They are narrowed here: a search finds parts of words, and in many fields."""
        texts = (
            [customer.email]
            if customer.email
            else [
                customer.first_name,
                customer.last_name,
            ]
        )
        search = " ".join(text for text in texts if text)
        sought = {"ordering": "id", **({"search": search} if search else {})}
        for wire in self._listed("/customers", sought, PAGE):
            found = customer_from(wire)
            if is_match(found.customer, customer):
                yield found

    def add_customer(
        self, draft: CustomerDraft, known: Collection[Ref] | None = None
    ) -> Outcome:
        """ "Create Customer" takes no `is_active`: who is not becomes so after it."""
        outcome = super().add_customer(draft, known)
        if draft.is_active or outcome.problem or outcome.ref is None:
            return outcome
        changed = self._patch(one(outcome.ref), outcome.ref, {"is_active": False})
        return replace(outcome, problem=changed.problem)

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        known = self.customer(ref)
        if known is None:
            return Outcome(ref=ref, problem="Not found.", status=404)
        wanted = replace(known.customer, **changes)
        wire = customer_schemas.encode_customer(as_customer(wanted))
        said = {name: wire[name] for name in customer_schemas.CANONICAL}
        return self._patch(one(ref), ref, differing(said, known.raw))

    def remove_customer(self, ref: Ref) -> Outcome:
        return self._write("DELETE", one(ref), ref)

    def addresses(self, customer_ref: Ref) -> Iterator[RemoteAddress]:
        path = f"{one(customer_ref)}/addresses"
        for wire in self._listed(path, {"ordering": "id"}, PAGE, needed=False):
            yield address_from(wire, customer_ref)

    def address(self, customer_ref: Ref, ref: Ref) -> RemoteAddress | None:
        wire = self._read(item(customer_ref, ref))
        return None if wire is None else address_from(wire, customer_ref)

    def update_address(self, customer_ref: Ref, ref: Ref, changes: Changes) -> Outcome:
        known = self.address(customer_ref, ref)
        if known is None:
            return Outcome(ref=ref, problem="Not found.", status=404)
        try:
            wire = self._whole(replace(known.draft, **changes))
        except Unfit as unfit:
            return Outcome(ref=ref, problem=str(unfit))
        said = differing(wire, sent_again(known.raw))
        return self._patch(item(customer_ref, ref), ref, said)

    def remove_addresses(self, customer_ref: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        return [self._write("DELETE", item(customer_ref, ref), ref) for ref in refs]

    def places(self) -> Iterator[PlaceRow]:
        return self._places.rows()

    def _listed(
        self, path: str, sought: Mapping[str, object], limit: int, needed: bool = True
    ) -> Iterator[Wire]:
        """The entries of every page, each once.

        Where entries went while the pages were read, later ones have moved to pages
        that were read before. So if some are missing all is read again.
        """
        seen: set[Any] = set()
        for _ in range(3):
            query: Sequence[tuple[str, object]] = [*sought.items(), ("limit", limit)]
            count, asked = 0, set[str]()
            while query and str(query) not in asked:
                asked.add(str(query))
                wire = self._read(path, query, needed=needed)
                if wire is None:
                    return
                for entry in wire["results"]:
                    if entry["id"] not in seen:
                        seen.add(entry["id"])
                        yield entry
                count = wire["count"]
                query = parse_qsl(urlsplit(wire.get("next") or "").query)
            if len(seen) >= count:
                return
        told = f"only {len(seen)} of {count} were listed"
        raise RemoteError(schemas.NAME, f"GET {path}", told)

    def _patch(self, path: str, ref: Ref, said: Wire) -> Outcome:
        """ "" empties a text: not every field need take null."""
        if not said:
            return Outcome(ref=ref, status=200)
        nullable = customer_schemas.NOT_TEXTS
        body = {
            name: "" if value is None and name not in nullable else value
            for name, value in said.items()
        }
        return self._write("PATCH", path, ref, body)

    def _customer_wire(self, draft: CustomerDraft) -> Wire:
        wire = customer_schemas.encode_customer(as_customer(draft))
        return {name: wire[name] for name in OF_CUSTOMERS if wire[name] is not None}

    def _send_customer(self, wire: Wire) -> Outcome:
        reply = self._client.attempt("POST", "/customers", body=wire)
        if reply.status == 409:
            return replace(self._problem(reply), is_duplicate=True)
        if not reply.is_success:
            return self._problem(reply)
        return Outcome(ref=reply.body["id"], status=reply.status)

    def _address_wire(self, draft: Draft) -> Wire:
        wire = self._whole(draft)
        return {name: value for name, value in wire.items() if value is not None}

    def _whole(self, draft: Draft) -> Wire:
        """All that is written of an address, places by number. Raises Unfit."""
        numbers = self._places.numbers(draft)
        return {**schemas.sendable(schemas.encode(as_address(draft))), **numbers}

    def _send_address(self, customer_ref: Ref, wire: Wire) -> Outcome:
        path = f"{one(customer_ref)}/addresses"
        reply = self._client.attempt("POST", path, body=wire)
        if not reply.is_success:
            return self._problem(reply)
        return Outcome(ref=reply.body["id"], status=reply.status)

    def _essence(self, wire: Wire) -> tuple[str, ...]:
        said = sent_again(wire) if "country_data" in wire else wire
        names = [name for name in schemas.CANONICAL if name != "default"]
        return tuple(essential(said.get(name)) for name in names)


def day_before(since: datetime) -> str:
    """A day by which no change is missed, whichever zone the platform's days are of."""
    return (since.astimezone(UTC) - timedelta(days=1)).date().isoformat()


def one(ref: Ref) -> str:
    """The path of a customer."""
    return f"/customers/{quote(str(ref), safe='')}"


def item(customer_ref: Ref, ref: Ref) -> str:
    """The path of an address."""
    return f"{one(customer_ref)}/addresses/{quote(str(ref), safe='')}"
